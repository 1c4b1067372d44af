package program

import "github.com/parallax-sec/parallax/event"

// group is the conditions of one source, compiled. It is immutable. Each condition has a bit; conditions that ask alike have
// bits next to each other, so that what an event leaves over stands in few words.
type group struct {
	inputs    []int       // by bit: the index of the Input
	residuals []*residual // by bit: what is left to be judged when all slots say yes; nil where nothing is
	words     int
	all       []uint64                  // all conditions
	scoped    [event.NumScopes][]uint64 // the conditions of each scope, nil where there are none; not of ScopeEvent

	slots []*slot
	lead  []int                  // slots asked of every event; their classes together are looked up in one table
	rest  []int                  // the other slots of the event, in the order in which they are asked
	of    [event.NumScopes][]int // the slots of each scope, in the order in which they are asked; not of ScopeEvent
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
	op          Op
	mod         Mod
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
			return holdsBetween(p.op, p.mod, g.value(p.left, e, elem), g.value(p.right, e, elem))
		}
		return g.class(r.slot, e, elem).answer(r.bit)
	}
	return false
}
