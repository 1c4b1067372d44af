package lex

import (
	"encoding/binary"
	"math/bits"
)

// Skip goes past the value at Pos looking at strings and brackets only: it finds the end of every valid value, and of many that
// are not. It says whether it found one; if not, Pos is at the end of the data.
func (r *Reader) Skip() bool {
	switch r.Peek() {
	case '{', '[':
		return r.skipBrackets()
	case '"':
		return r.skipString()
	}
	for ; r.Pos < len(r.Data); r.Pos++ {
		switch r.Data[r.Pos] {
		case ',', '}', ']', ' ', '\t', '\r', '\n':
			return true
		}
	}
	return false
}

func (r *Reader) skipBrackets() bool {
	for depth := 0; r.Pos < len(r.Data); {
		switch r.Data[r.Pos] {
		case '"':
			if !r.skipString() {
				return false
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		r.Pos++
		if depth == 0 {
			return true
		}
		r.Pos += boringLen(r.Data[r.Pos:])
	}
	return false
}

// skipString goes past the string whose opening quote is at Pos.
func (r *Reader) skipString() bool {
	for r.Pos++; r.Pos < len(r.Data); r.Pos++ {
		r.Pos += PlainLen(r.Data[r.Pos:])
		switch r.Peek() {
		case '"':
			r.Pos++
			return true
		case '\\':
			r.Pos++
		}
	}
	r.Pos = len(r.Data)
	return false
}

// boringLen is how many bytes b begins with that are neither quotes nor brackets.
func boringLen(b []byte) int {
	i := 0
	for ; i+8 <= len(b); i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		quote := w ^ ones*'"'
		lower := w | ones*0x20 // makes [ and ] of { and }
		opening, closing := lower^ones*'{', lower^ones*'}'
		if m := ((quote-ones)&^quote | (opening-ones)&^opening | (closing-ones)&^closing) & highs; m != 0 {
			return i + bits.TrailingZeros64(m)>>3
		}
	}
	return i
}
