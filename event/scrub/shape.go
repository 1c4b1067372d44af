package scrub

import "strings"

// shape is what the characters of a long word are.
type shape struct{ length, distinct, upper, lower, digits, slashes, hexes int }

// shapeOf counts; s is ASCII.
func shapeOf(s string) shape {
	sh := shape{length: len(s)}
	var seen [128]bool
	for i := range len(s) {
		c := s[i] & 0x7f
		if !seen[c] {
			seen[c] = true
			sh.distinct++
		}
		switch {
		case '0' <= c && c <= '9':
			sh.digits++
			sh.hexes++
		case 'a' <= c && c <= 'z':
			sh.lower++
			if c <= 'f' {
				sh.hexes++
			}
		case 'A' <= c && c <= 'Z':
			sh.upper++
			if c <= 'F' {
				sh.hexes++
			}
		case c == '/':
			sh.slashes++
		}
	}
	return sh
}

// padded is the shape with one or two "=" behind, whichever is more like a key.
func (sh shape) padded() shape {
	sh.length += 2
	sh.distinct++
	return sh
}

// random says whether a word of the shape reads like a key: hexadecimal digits, or letters of both cases and digits, many
// different ones. Paths do not.
func (sh shape) random() bool {
	if sh.hexes == sh.length {
		return sh.distinct >= 8 && sh.digits < sh.length
	}
	return sh.upper >= 3 && sh.lower >= 3 && sh.digits >= 3 && sh.distinct >= 16 && sh.slashes*16 <= sh.length
}

// looksRandom says whether a long word reads like a key. Digests that say so do not.
func looksRandom(s string) bool {
	return !(strings.HasPrefix(s, "sha") && strings.Contains(s, ":")) && shapeOf(s).random()
}
