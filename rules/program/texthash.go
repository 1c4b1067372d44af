package program

import (
	"encoding/binary"
	"math/bits"
)

// hashText mixes the length of s and up to 40 of its bytes. It need not resist who wants texts to collide: tables are filled
// with the constants of the rules, and the caches of an evaluator only forget.
func hashText(s string) uint64 {
	const k = 0x9e3779b97f4a7c15
	b, n := bytesOf(s), len(s)
	h := uint64(n) * k
	switch {
	case n > 16:
		h = mixPair(load(b, n/2-4)^h, load(b, n/2-8))
		if n > 32 {
			h = mixPair(load(b, n/4)^h, load(b, n-n/4-8))
		}
		fallthrough
	case n >= 8:
		return mixPair(load(b, 0)^h, load(b, n-8))
	case n >= 4:
		return mixPair(uint64(binary.LittleEndian.Uint32(b))^h, uint64(binary.LittleEndian.Uint32(b[n-4:])))
	case n > 0:
		return mixPair(uint64(b[0])<<16|uint64(b[n/2])<<8|uint64(b[n-1]), h)
	}
	return k
}

func load(b []byte, at int) uint64 { return binary.LittleEndian.Uint64(b[at:]) }

// mixPair multiplies two words into one of which every bit depends on all of both.
func mixPair(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^0xa0761d6478bd642f, b^0xe7037ed1a0b428db)
	return hi ^ lo
}
