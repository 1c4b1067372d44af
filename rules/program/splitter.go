package program

import (
	"fmt"

	"github.com/parallax-sec/parallax/event"
)

// splitter cuts a condition into parts that must all hold: those that look at one slot, by slot, and the rest.
type splitter struct {
	builder *groupBuilder
	scope   event.Scope
	bySlot  map[int][]*Node
	rest    []*residual
	never   bool // some part can never hold
}

// split takes in n, or its negation. "not (a or b)" is "not a and not b".
func (s *splitter) split(n *Node, negated bool) error {
	switch {
	case n.Kind == Not:
		return s.split(n.Kids[0], !negated)
	case n.Kind == And && !negated, n.Kind == Or && negated:
		for _, k := range n.Kids {
			if err := s.split(k, negated); err != nil {
				return err
			}
		}
		return nil
	}
	if negated {
		n = &Node{Kind: Not, Kids: []*Node{n}}
	}
	return s.part(n)
}

func (s *splitter) part(n *Node) error {
	slot, err := s.slotOf(n)
	if err != nil {
		return err
	}
	switch slot {
	case noSlot:
		s.never = s.never || !constantTruth(n)
	case manySlots:
		return s.across(n)
	default:
		s.bySlot[slot] = append(s.bySlot[slot], n)
	}
	return nil
}

// across takes in a part that looks at several slots. What it implies about one of them is asked of that one too, so that
// most events need not be judged by it: "verb=get or (verb=list and user=x)" needs verb to be get or list.
func (s *splitter) across(n *Node) error {
	r, err := s.residual(n)
	if err != nil {
		return err
	}
	s.rest = append(s.rest, r)
	for _, slot := range r.slots(nil) {
		if b := s.builder.slots[slot].slot; b.scope != event.ScopeEvent || b.cost > cheapCost {
			continue
		}
		if implied := s.implied(n, slot, false); implied != nil {
			s.bySlot[slot] = append(s.bySlot[slot], implied)
		}
	}
	return nil
}

// implied is what n, or its negation, says about one slot whatever the others are; nil where it says nothing.
func (s *splitter) implied(n *Node, slot int, negated bool) *Node {
	switch n.Kind {
	case Not:
		return s.implied(n.Kids[0], slot, !negated)
	case And, Or:
		return s.impliedByKids(n, slot, negated)
	case Check:
		if own, err := s.slotOf(n); err != nil || own != slot {
			return nil
		}
	}
	if negated {
		return &Node{Kind: Not, Kids: []*Node{n}}
	}
	return n
}

func (s *splitter) impliedByKids(n *Node, slot int, negated bool) *Node {
	out := &Node{Kind: And}
	if (n.Kind == Or) != negated {
		out.Kind = Or
	}
	for _, k := range n.Kids {
		switch implied := s.implied(k, slot, negated); {
		case implied != nil:
			out.Kids = append(out.Kids, implied)
		case out.Kind == Or:
			return nil
		}
	}
	if out.Kind == And && len(out.Kids) == 0 {
		return nil
	}
	return out
}

const (
	noSlot    = -1
	manySlots = -2
)

// slotOf is the only slot that n looks at, noSlot, or manySlots: a comparison of two terms counts as many.
func (s *splitter) slotOf(n *Node) (int, error) {
	if n.Kind == Check {
		left, err := s.builder.slot(n.Test.Left, s.scope)
		if err != nil || n.Test.Right.Term == nil {
			return left, err
		}
		_, err = s.builder.slot(n.Test.Right.Term, s.scope)
		return manySlots, err
	}
	slot := noSlot
	for _, k := range n.Kids {
		kid, err := s.slotOf(k)
		if err != nil {
			return 0, err
		}
		switch {
		case slot == noSlot:
			slot = kid
		case kid != noSlot && kid != slot:
			slot = manySlots
		}
	}
	return slot, nil
}

// constantTruth is what a condition without any check is.
func constantTruth(n *Node) bool {
	return (&branch{kind: n.Kind, kids: constantKids(n)}).holds(nil, nil, 0)
}

func constantKids(n *Node) (kids []*branch) {
	for _, k := range n.Kids {
		kids = append(kids, &branch{kind: k.Kind, kids: constantKids(k)})
	}
	return kids
}

// residual makes what looks at several slots, with each part that looks at one slot only as one question to it.
func (s *splitter) residual(n *Node) (*residual, error) {
	slot, err := s.slotOf(n)
	if err != nil {
		return nil, err
	}
	if slot >= 0 {
		q, err := s.builder.question(slot, n)
		return &residual{kind: Check, slot: slot, bit: q}, err
	}
	if n.Kind == Check {
		return s.pair(n.Test)
	}
	r := &residual{kind: n.Kind}
	for _, k := range n.Kids {
		kid, err := s.residual(k)
		if err != nil {
			return nil, err
		}
		r.kids = append(r.kids, kid)
	}
	return r, nil
}

func (s *splitter) pair(t *Test) (*residual, error) {
	if err := t.Validate(); err != nil {
		return nil, fmt.Errorf("check with %s: %w", t.Op, err)
	}
	left, err := s.builder.slot(t.Left, s.scope)
	if err != nil {
		return nil, err
	}
	right, err := s.builder.slot(t.Right.Term, s.scope)
	return &residual{kind: Check, pair: &slotPair{left, right, newBetween(t)}}, err
}
