package program

// toLower makes A to Z lower case. A text without them is returned as it is.
func toLower(b *textBuffer, s string) (string, bool) { return mapText(b, s, foldASCII), true }

// toUpper makes a to z upper case.
func toUpper(b *textBuffer, s string) (string, bool) { return mapText(b, s, upperASCII), true }

func upperASCII(c byte) byte {
	if 'a' <= c && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}

// mapText is s with f applied to its bytes; s itself where that changes nothing.
func mapText(b *textBuffer, s string, f func(byte) byte) string {
	for i := range len(s) {
		if f(s[i]) != s[i] {
			return b.text(mapBytes(b.grow(len(s)), s, f))
		}
	}
	return s
}
