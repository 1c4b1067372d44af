package tape

import (
	"encoding/binary"
	"unicode/utf8"
)

// ones and highs are the lowest and the highest bit of each byte of a word.
const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// plain says whether the eight bytes of w are text that stands for itself: ASCII, no quote, no backslash, no control
// character. It may say no for a word that is plain, never yes for one that is not.
func plain(w uint64) bool {
	quote := w ^ ones*'"'
	slash := w ^ ones*'\\'
	return (w|(quote-ones)|(slash-ones)|(w-ones*0x20))&highs == 0
}

// string reads the string whose opening quote is at p.pos.
func (p *parser) string() error {
	start, src := p.pos, p.src
	i := start + 1
	escaped, wide := false, false
	for {
		for i+8 <= len(src) && plain(binary.LittleEndian.Uint64(src[i:])) {
			i += 8
		}
		if i >= len(src) {
			p.pos = i
			return p.fail("unexpected end of JSON in a string")
		}
		switch c := src[i]; {
		case c == '"':
			p.pos = i + 1
			if wide && !escaped {
				escaped = !utf8.Valid(src[start+1 : i])
			}
			return p.add(String, start, escaped)
		case c == '\\':
			n := escapeLen(src[i:])
			if n == 0 {
				p.pos = i
				return p.fail("bad escape in a string")
			}
			escaped = true
			i += n
		case c < ' ':
			p.pos = i
			return p.fail("control character in a string")
		default:
			wide = wide || c >= utf8.RuneSelf
			i++
		}
	}
}

// escapeLen is the length of the escape that b begins with, 0 if it is none.
func escapeLen(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if _, ok := hex4(b[2:]); ok {
			return 6
		}
	}
	return 0
}

// hex4 reads the four hexadecimal digits that b begins with.
func hex4(b []byte) (r rune, ok bool) {
	if len(b) < 4 {
		return 0, false
	}
	for _, c := range b[:4] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// number reads a number by the grammar of RFC 8259, section 6.
func (p *parser) number() error {
	start := p.pos
	p.accept('-')
	if !p.accept('0') && !p.digits() {
		return p.fail("bad number")
	}
	if p.accept('.') && !p.digits() {
		return p.fail("bad number")
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		p.pos++
		if !p.accept('+') {
			p.accept('-')
		}
		if !p.digits() {
			return p.fail("bad number")
		}
	}
	return p.add(Number, start, false)
}

// digits goes past decimal digits and says whether there were any.
func (p *parser) digits() bool {
	start := p.pos
	for c := p.peek(); c >= '0' && c <= '9'; c = p.peek() {
		p.pos++
	}
	return p.pos > start
}
