package event

import (
	"strconv"
	"unicode/utf8"
)

// MaxTextBytes bounds one text that an alert tells, before it is escaped. Whoever sends the request chooses how long
// the texts are (a user agent may have a megabyte), so that nothing that is kept or written may keep them whole.
const MaxTextBytes = 4096

// MaxListBytes bounds all texts of one list of an alert together, and MaxListLen their number.
const (
	MaxListBytes = 4 * MaxTextBytes
	MaxListLen   = 256
)

// Clip returns s where it has at most limit bytes, and else its beginning with a mark that says how many bytes it had:
// "aaaa... [1048576 bytes]". The result never has more than limit bytes (limit is at least 64), so that clipping again
// changes nothing; it is a copy, so that it does not keep the whole alive.
func Clip(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	mark := clipMark(s)
	return s[:runeEnd(s, limit-len(mark))] + mark
}

// ClipEscaped is Clip for text whose changing parts are escaped already: it cuts no escape in two, so that what is left of
// one cannot be taken for something else.
func ClipEscaped(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	mark := clipMark(s)
	return s[:EscapedEnd(s, limit-len(mark))] + mark
}

func clipMark(s string) string { return "... [" + strconv.Itoa(len(s)) + " bytes]" }

// runeEnd is the last place up to i, which is in s, that is not inside a character.
func runeEnd(s string, i int) int {
	for back := 0; back < utf8.UTFMax && i > 0 && !utf8.RuneStart(s[i]); back++ {
		i--
	}
	return i
}

// EscapedEnd is the last place up to i, which is in s, that is neither inside a character nor inside an escape of AppendEscaped.
func EscapedEnd(s string, i int) int {
	i = runeEnd(s, i)
	for from := max(0, i-maxEscapeLen+1); from < i; from++ {
		if s[from] == '\\' && from+escapeLen(s[from:]) > i {
			return from
		}
	}
	return i
}

// ClipList returns list where it and its texts are within the bounds, and else a clipped copy whose last text says how
// many texts there were: "... [70000 items]".
func ClipList(list []string) []string {
	if listFits(list) {
		return list
	}
	var out []string
	room := MaxListBytes
	for _, s := range list {
		s = Clip(s, MaxTextBytes)
		if len(s) > room || len(out) == MaxListLen-1 {
			break
		}
		out, room = append(out, s), room-len(s)
	}
	if len(out) < len(list) {
		out = append(out, "... ["+strconv.Itoa(len(list))+" items]")
	}
	return out
}

// listFits leaves room for the mark, so that a clipped list fits.
func listFits(list []string) bool {
	total := 0
	for _, s := range list {
		if len(s) > MaxTextBytes {
			return false
		}
		total += len(s)
	}
	return len(list) <= MaxListLen && total <= MaxListBytes+64
}
