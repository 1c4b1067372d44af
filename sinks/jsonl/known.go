package jsonl

import (
	"crypto/sha256"
	"encoding/binary"
)

// maxKnown bounds how many alerts a sink knows again: at least half as many are, the newest.
const maxKnown = 1 << 20

// key stands for an (event.id, parallax.revision).
type key [20]byte

func keyOf(id string, revision int) key {
	sum := sha256.Sum256([]byte(id))
	var k key
	copy(k[:16], sum[:])
	binary.LittleEndian.PutUint32(k[16:], uint32(revision))
	return k
}

// known is a set of keys in two generations. When the younger one is full, the older one is forgotten.
type known struct {
	young, old map[key]struct{}
	most       int // keys of one generation
}

func newKnown(most int) *known { return &known{young: map[key]struct{}{}, most: most / 2} }

// add adds k, and says whether it is new.
func (s *known) add(k key) bool {
	if _, ok := s.old[k]; ok {
		return false
	}
	if _, ok := s.young[k]; ok {
		return false
	}
	if len(s.young) == s.most {
		s.young, s.old = make(map[key]struct{}), s.young
	}
	s.young[k] = struct{}{}
	return true
}

// forget takes k, which was just added, out again.
func (s *known) forget(k key) {
	delete(s.young, k)
	delete(s.old, k)
}
