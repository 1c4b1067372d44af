package program

import (
	"slices"

	"github.com/parallax-sec/parallax/event"
)

// group is the conditions of one source, compiled. It is immutable. Each condition has a bit; conditions that ask alike have
// bits next to each other, so that what an event leaves over stands in few words.
type group struct {
	inputs    []int // by bit: the index of the Input
	words     int
	all       []uint64                  // all conditions
	scoped    [event.NumScopes][]uint64 // the conditions of each scope, nil where there are none; not of ScopeEvent
	residuals [numWhens]stage

	// The slots that have a say of their own, in the order in which they are asked.
	slots []*slot
	lead  []int                  // asked first, as a tree of decisions says
	cheap []int                  // of the event, read without a body
	dear  []int                  // of the event
	of    [event.NumScopes][]int // of the elements of each scope; not of ScopeEvent

	leadNeeded [][]uint64 // by place in lead: the conditions that depend on it, be it by a residual that is judged when led
}

// when says at which point a residual is judged.
type when uint8

const (
	whenLed   when = iota // when the lead slots are asked, once for each leaf of the tree of decisions
	whenCheap             // when the cheap slots are asked
	whenAll               // when all slots are
	numWhens
)

// stage is the residuals that are judged at one point.
type stage struct {
	has       []uint64    // the conditions that have one
	residuals []*residual // by bit
}

func newStage(conds int) stage {
	return stage{make([]uint64, (conds+63)/64), make([]*residual, conds)}
}

// add gives a condition one more residual.
func (s *stage) add(bit int, r *residual) {
	setBit(s.has, bit)
	if s.residuals[bit] == nil {
		s.residuals[bit] = &residual{kind: And}
	}
	s.residuals[bit].kids = append(s.residuals[bit].kids, r)
}

// residual is a part of a condition that looks at several slots.
type residual struct {
	kind NodeKind
	kids []*residual
	slot int       // Check: the slot, and the bit of its class' answers
	bit  int       //
	pair *slotPair // Check: instead of slot and bit
}

// slotPair compares two slots of one event.
type slotPair struct {
	left, right int
	between     between
}

func (r *residual) holds(g *groupState, e event.Event, elem int) bool {
	switch r.kind {
	case And, Or:
		for _, k := range r.kids {
			if k.holds(g, e, elem) == (r.kind == Or) {
				return r.kind == Or
			}
		}
		return r.kind == And
	case Not:
		return !r.kids[0].holds(g, e, elem)
	case Check:
		if p := r.pair; p != nil {
			return p.between.holds(g.value(p.left, e, elem), g.value(p.right, e, elem))
		}
		return g.class(r.slot, e, elem).answer(r.bit)
	}
	return false
}

// slots appends the slots that r looks at, some more than once.
func (r *residual) slots(dst []int) []int {
	switch {
	case r.pair != nil:
		return append(dst, r.pair.left, r.pair.right)
	case r.kind == Check:
		return append(dst, r.slot)
	}
	for _, k := range r.kids {
		dst = k.slots(dst)
	}
	return dst
}

// pairs says whether r compares slots with each other.
func (r *residual) pairs() bool {
	return r.pair != nil || slices.ContainsFunc(r.kids, (*residual).pairs)
}
