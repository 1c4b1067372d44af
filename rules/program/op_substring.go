package program

import "strings"

// contains holds for texts with this part anywhere; every text contains the empty one.
type contains struct{ part string }

func (m contains) matchText(s string) bool { return strings.Contains(s, m.part) }

// startsWith holds for texts that begin with this prefix.
type startsWith struct{ prefix string }

func (m startsWith) matchText(s string) bool { return strings.HasPrefix(s, m.prefix) }

// endsWith holds for texts that end with this suffix.
type endsWith struct{ suffix string }

func (m endsWith) matchText(s string) bool { return strings.HasSuffix(s, m.suffix) }

// iContains is contains with A to Z and a to z taken as equal.
type iContains struct{ lower string }

func newIContains(part string) iContains { return iContains{lowerASCII(part)} }

func (m iContains) matchText(s string) bool {
	for i := 0; i+len(m.lower) <= len(s); i++ {
		if equalFolded(s[i:i+len(m.lower)], m.lower) {
			return true
		}
	}
	return false
}

// equalFolded says whether s, made lower case, is lower. Both have the same length.
func equalFolded(s, lower string) bool {
	for i := range len(lower) {
		if foldASCII(s[i]) != lower[i] {
			return false
		}
	}
	return true
}

// foldASCII makes A to Z lower case and leaves every other byte alone.
func foldASCII(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// lowerASCII makes the letters A to Z of s lower case.
func lowerASCII(s string) string { return string(mapBytes(nil, s, foldASCII)) }

// mapBytes appends f of each byte of s to dst.
func mapBytes(dst []byte, s string, f func(byte) byte) []byte {
	for i := range len(s) {
		dst = append(dst, f(s[i]))
	}
	return dst
}
