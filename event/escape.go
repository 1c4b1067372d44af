package event

import (
	"unicode"
	"unicode/utf8"
)

// AppendEscaped appends s to dst so that it can be shown anywhere: what is not visible (control, bidirectional,
// zero-width and tag characters, blanks other than the ordinary one) and what is not UTF-8 is written out.
//
//	\xNN        an ASCII control character, or a byte that is not UTF-8
//	\uNNNN      another character that cannot be seen, up to U+FFFF
//	\UNNNNNNNN  one above
//	\x5c        a backslash after which s goes on like one of these; any other backslash stays as it is
//
// No two texts become the same, and Unescape is the way back. Text that is already escaped must not be escaped again;
// AppendVisible is for that.
func AppendEscaped(dst []byte, s string) []byte { return appendEscaped(dst, s, true) }

// Escape returns s as AppendEscaped writes it, and s itself where there is nothing to escape.
func Escape(s string) string {
	if plain(s) {
		return s
	}
	return string(AppendEscaped(nil, s))
}

// AppendVisible is AppendEscaped for text whose changing parts are escaped already (a rule's output, say): whatever is
// still invisible is written out, and backslashes stay as they are.
func AppendVisible(dst []byte, s string) []byte { return appendEscaped(dst, s, false) }

func appendEscaped(dst []byte, s string, slashes bool) []byte {
	from := 0
	for i := 0; i < len(s); {
		if c := s[i]; ' ' <= c && c < 0x7f && c != '\\' {
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if visible(r, n) && !(r == '\\' && slashes && escapeLen(s[i:]) > 0) {
			i += n
			continue
		}
		dst = append(dst, s[from:i]...)
		dst = appendRuneEscape(dst, r, s[i:i+n])
		i += n
		from = i
	}
	return append(dst, s[from:]...)
}

// appendRuneEscape writes out r, which is raw in the text.
func appendRuneEscape(dst []byte, r rune, raw string) []byte {
	switch {
	case r < utf8.RuneSelf || r == utf8.RuneError && len(raw) == 1:
		return appendHex(append(dst, `\x`...), uint32(raw[0]), 2)
	case r <= 0xffff:
		return appendHex(append(dst, `\u`...), uint32(r), 4)
	}
	return appendHex(append(dst, `\U`...), uint32(r), 8)
}

func appendHex(dst []byte, v uint32, digits int) []byte {
	for shift := 4 * (digits - 1); shift >= 0; shift -= 4 {
		dst = append(dst, "0123456789abcdef"[v>>shift&15])
	}
	return dst
}

// plain says that s is ASCII that can be seen, without backslashes.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f || c == '\\' {
			return false
		}
	}
	return true
}

// visible says whether a character of n bytes leaves a mark of its own on a screen, or is the ordinary blank.
func visible(r rune, n int) bool {
	if r == utf8.RuneError && n == 1 {
		return false
	}
	return unicode.IsPrint(r) && !blank(r)
}

// blank says whether r, which Unicode counts as a letter, mark or symbol, is drawn as nothing (its property
// Default_Ignorable_Code_Point, and the empty Braille pattern).
func blank(r rune) bool {
	switch {
	case r < 0x034f:
		return false
	case r == 0x034f, r == 0x115f, r == 0x1160, r == 0x17b4, r == 0x17b5, r == 0x2800, r == 0x3164, r == 0xffa0:
		return true
	case 0x180b <= r && r <= 0x180f, 0xfe00 <= r && r <= 0xfe0f, 0xe0000 <= r && r <= 0xe0fff:
		return true
	}
	return false
}

// maxEscapeLen is the length of the longest escape, \UNNNNNNNN.
const maxEscapeLen = 10

// escapeLen returns the length of the escape that s begins with, or 0.
func escapeLen(s string) int {
	if len(s) < 2 {
		return 0
	}
	digits := 0
	switch s[1] {
	case 'x':
		digits = 2
	case 'u':
		digits = 4
	case 'U':
		digits = 8
	default:
		return 0
	}
	if len(s) < 2+digits {
		return 0
	}
	for i := 2; i < 2+digits; i++ {
		if hexDigit(s[i]) < 0 {
			return 0
		}
	}
	return 2 + digits
}

func hexDigit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}

// Unescape returns the text that Escape made s of, for whoever needs the bytes of a document's text; tests hold Escape against it.
// Escapes that Escape never writes stay as they are.
func Unescape(s string) string {
	dst := make([]byte, 0, len(s))
	for i := 0; i < len(s); {
		n := 0
		if s[i] == '\\' {
			n = escapeLen(s[i:])
		}
		if n == 0 {
			dst = append(dst, s[i])
			i++
			continue
		}
		dst = appendUnescaped(dst, s[i:i+n])
		i += n
	}
	return string(dst)
}

func appendUnescaped(dst []byte, esc string) []byte {
	v := rune(0)
	for i := 2; i < len(esc); i++ {
		v = v<<4 | rune(hexDigit(esc[i]))
	}
	switch {
	case esc[1] == 'x':
		return append(dst, byte(v))
	case v < 0 || !utf8.ValidRune(v):
		return append(dst, esc...)
	}
	return utf8.AppendRune(dst, v)
}
