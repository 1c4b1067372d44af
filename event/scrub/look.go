package scrub

import (
	"strings"
	"unsafe"
)

// uriMayHold says whether there might be something to scrub in a URI: in its path, in its parameters as they read, and in the
// command line in them, which is put together behind them. What stands between these is in no credential, so that
// each of them holds nothing where the whole holds nothing.
func uriMayHold(path, query string) bool {
	var room, words [512]byte
	all, argv := append(append(room[:0], path...), '?'), words[:0]
	for param := range strings.SplitSeq(query, "&") {
		name, raw, _ := strings.Cut(param, "=")
		start := len(all)
		all = append(append(all, name...), '=')
		value := len(all)
		var ok bool
		if all, ok = appendUnescaped(all, raw); !ok {
			all = append(all[:start], param...)
		} else if name == "command" || name == "cmd" {
			argv = append(append(argv, all[value:]...), sep...)
		}
		all = append(all, '&')
	}
	return mayHold(view(append(all, argv...))) != 0
}

// argvMayHold is uriMayHold for a command line.
func argvMayHold(argv []string) bool {
	var room [512]byte
	all := room[:0]
	for _, a := range argv {
		all = append(append(all, a...), sep...)
	}
	return mayHold(view(all)) != 0
}

// appendUnescaped appends what a value in a query reads; ok is false where it is none, as url.QueryUnescape has it.
func appendUnescaped(dst []byte, s string) (_ []byte, ok bool) {
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch c {
		case '+':
			c = ' '
		case '%':
			if i+2 >= len(s) || hexDigit(s[i+1]) < 0 || hexDigit(s[i+2]) < 0 {
				return dst, false
			}
			c = byte(hexDigit(s[i+1])<<4 | hexDigit(s[i+2]))
			i += 2
		}
		dst = append(dst, c)
	}
	return dst, true
}

func hexDigit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

// view is b as a string that shares its memory, for a look at b before it changes.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
