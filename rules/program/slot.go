package program

import "github.com/parallax-sec/parallax/event"

// slot is a term that conditions ask about, with everything that they want to know of its value. It is immutable.
//
// Finding a value's class takes one look-up among the constants, or one pass over the text, whatever the number of conditions.
type slot struct {
	term  Term
	scope event.Scope
	cost  int // of reading it: 0 free, 1 decoded with the event, 2 wants a body decoded; one more for transformers

	consts   constTable // their numbers are their marks
	prefixes *automaton
	suffixes *automaton // of patterns in reverse
	parts    *automaton
	folded   *automaton // parts without regard to case
	matchers []slotMatcher
	numbers  []slotMatcher // for numbers
	cuts     []uint64      // the constants that numbers are compared with, sorted: between two of them all numbers are of one class
	marks    int           // how many there are

	questions []question
	asking    [][]int32 // by mark: the questions whose answer it may change
	needed    []uint64  // the conditions that depend on this slot
	words     int       // size of a class' answers
	extra     int       // how many questions are asked within an "or" across slots
	plain     [4]*class // by event.Kind: the class of values without a mark
}

// slotMatcher is a comparison that is made on the value itself.
type slotMatcher struct {
	matcher matcher
	mark    int32
	after   int32 // a mark without which the matcher cannot match; -1 where there is none
}

// question is a distinct part of conditions about one slot, and the bits of a class' answers that are its answer: one for
// each condition that has it as a conjunct, and one where it is asked within an "or" across slots.
type question struct {
	tree  *tree
	bits  []wordMask
	asked bool // within an "or" across slots
	bit   int  // where asked: its own bit
}

// wordMask is a word of a sparse bitmap.
type wordMask struct {
	word int32
	mask uint64
}

// class is a set of values that no condition can tell apart. Its answers have a bit for each condition, which is 0 where what the
// condition wants of this slot does not hold, and after those a bit for each question asked within an "or" across slots.
type class struct {
	answers []uint64
}

func (c *class) answer(bit int) bool { return c.answers[bit>>6]>>(bit&63)&1 != 0 }

// scans says whether texts that are no constant have to be looked through.
func (s *slot) scans() bool {
	return s.prefixes != nil || s.suffixes != nil || s.parts != nil || s.folded != nil || len(s.matchers) > 0
}

// classOf makes the class of a signature. Only questions about its marks can have another answer than a value without marks gives.
func (s *slot) classOf(sig *signature, asked *hitSet) *class {
	c := &class{answers: append([]uint64(nil), s.plain[sig.kind].answers...)}
	asked.reset()
	for _, m := range sig.marks.members {
		for _, q := range s.asking[m] {
			if asked.add(q) {
				s.answer(c, &s.questions[q], sig)
			}
		}
	}
	return c
}

func (s *slot) answer(c *class, q *question, sig *signature) {
	if q.tree.holds(sig) {
		for _, b := range q.bits {
			c.answers[b.word] |= b.mask
		}
		return
	}
	for _, b := range q.bits {
		c.answers[b.word] &^= b.mask
	}
}

// makePlain makes the classes of values without marks.
func (s *slot) makePlain() {
	for kind := range s.plain {
		sig := &signature{kind: event.Kind(kind), other: true, marks: newHitSet(s.marks)}
		sig.marks.reset()
		c := &class{answers: make([]uint64, s.words)}
		for i := range c.answers {
			c.answers[i] = ^uint64(0)
		}
		for i := range s.questions {
			s.answer(c, &s.questions[i], sig)
		}
		s.plain[kind] = c
	}
}
