package lex

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// String is where a string stands, without its quotes.
type String struct {
	Start, End int
	Escaped    bool // it reads otherwise than its bytes: it has escapes or bytes that are not UTF-8
}

// String reads the string whose opening quote is at Pos. Most strings are short and stand for themselves up to their closing
// quote, and cost no more than a look at their words.
func (r *Reader) String() (String, error) {
	start := r.Pos + 1
	p := start
	for p+8 <= len(r.Data) {
		m := special(binary.LittleEndian.Uint64(r.Data[p:]))
		if m == 0 {
			p += 8
			continue
		}
		if p += bits.TrailingZeros64(m) >> 3; r.Data[p] == '"' {
			r.Pos = p + 1
			return String{Start: start, End: p}, nil
		}
		break
	}
	return r.oddString(start, p)
}

// oddString reads on from p in a string that begins at start, byte by byte where they do not stand for themselves.
func (r *Reader) oddString(start, p int) (String, error) {
	s, wide := String{Start: start}, false
	for {
		p += PlainLen(r.Data[p:])
		if p >= len(r.Data) {
			r.Pos = p
			return s, r.fail("unexpected end of JSON in a string")
		}
		switch c := r.Data[p]; {
		case c == '"':
			r.Pos, s.End = p+1, p
			if wide && !s.Escaped {
				s.Escaped = !utf8.Valid(r.Data[s.Start:p])
			}
			return s, nil
		case c == '\\':
			n := escapeLen(r.Data[p:])
			if n == 0 {
				r.Pos = p
				return s, r.fail("bad escape in a string")
			}
			s.Escaped = true
			p += n
		case c < ' ':
			r.Pos = p
			return s, r.fail("control character in a string")
		default:
			wide = true
			p++
		}
	}
}

// The lowest and the highest bit of each byte of a word.
const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// PlainLen is how many bytes b begins with that stand for themselves in a string: ASCII, no quote, no backslash, no control character.
func PlainLen(b []byte) int {
	i := 0
	for ; i+8 <= len(b); i += 8 {
		if m := special(binary.LittleEndian.Uint64(b[i:])); m != 0 {
			return i + bits.TrailingZeros64(m)>>3
		}
	}
	for ; i < len(b); i++ {
		if c := b[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			break
		}
	}
	return i
}

// special marks, in the highest bit of each byte of w, the bytes that are a quote, a backslash, a control character or not ASCII.
// The lowest mark is right; those above it may be wrong, since the subtractions borrow from what is above a hit only.
func special(w uint64) uint64 {
	quote := w ^ ones*'"'
	slash := w ^ ones*'\\'
	return ((quote-ones)&^quote | (slash-ones)&^slash | (w-ones*' ')&^w | w) & highs
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

// AppendText appends what a string reads. raw is what stands between its quotes and was checked by Reader.String.
func AppendText(dst, raw []byte) []byte {
	for len(raw) > 0 {
		n := PlainLen(raw)
		dst, raw = append(dst, raw[:n]...), raw[n:]
		if len(raw) > 0 {
			r, size := decodeRune(raw)
			dst, raw = utf8.AppendRune(dst, r), raw[size:]
		}
	}
	return dst
}

// decodeRune reads the character or escape that raw begins with.
func decodeRune(raw []byte) (r rune, size int) {
	if raw[0] != '\\' {
		return utf8.DecodeRune(raw)
	}
	if raw[1] != 'u' {
		return rune(simpleEscape(raw[1])), 2
	}
	r, _ = hex4(raw[2:])
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	if low, ok := lowSurrogate(raw[6:]); ok {
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			return pair, 12
		}
	}
	return utf8.RuneError, 6
}

// lowSurrogate reads the \uXXXX that b begins with, as the second half of a pair.
func lowSurrogate(b []byte) (rune, bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	return hex4(b[2:])
}

// simpleEscape is the character that a backslash and c stand for.
func simpleEscape(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c
}
