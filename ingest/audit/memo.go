package audit

// memo keeps texts that come again and again, each with what was read from it, so that comparing bytes is all they cost the
// next time. Its places are few and each text has but some of them: whatever comes, it does not grow, and a text that is not
// there is only read anew. The zero memo is empty.
type memo[T any] struct {
	sets [memoSets]memoSet[T]
}

const (
	memoSets     = 32
	memoWays     = 8    // annotations often end alike for all who may do the same
	memoMaxBytes = 4096 // longest text that is kept
)

// memoSet are the places of the texts that have one hash.
type memoSet[T any] struct {
	kept [memoWays]remembered[T]
	next uint8 // place of the text that is forgotten next
}

// remembered is a text and what was read from it; no text is empty but that of a place that is not used yet.
type remembered[T any] struct {
	text []byte
	read T
}

// set returns the places for texts of a hash.
func (m *memo[T]) set(hash uint64) *memoSet[T] { return &m.sets[hash>>32%memoSets] }

// keep copies text to the place that is used next, and returns where to put what was read from it. There it still is what was
// read from the text that is forgotten for it.
func (s *memoSet[T]) keep(text []byte) *T {
	place := &s.kept[s.next]
	s.next = (s.next + 1) % memoWays
	place.text = append(place.text[:0], text...)
	return &place.read
}

// mix adds a word to a hash.
func mix(hash, word uint64) uint64 { return (hash ^ word) * 0x9E3779B97F4A7C15 }
