package program

import (
	"fmt"
	"maps"
	"slices"

	"github.com/parallax-sec/parallax/event"
)

// groupBuilder makes a group. Conditions are added first; where their bits are is decided by build.
type groupBuilder struct {
	slots []*slotBuilder
	byKey map[string]int
	conds []*condition
}

// condition is one Input on its way into a group: a conjunction of questions to single slots, and a residual.
type condition struct {
	index    int
	scope    event.Scope
	asks     []ask
	residual *residual // nil where nothing is left
}

// ask is a question to a slot.
type ask struct{ slot, question int }

// add takes in a condition. One that can never hold is left out.
func (b *groupBuilder) add(index int, in Input) error {
	s := splitter{builder: b, scope: in.Scope, bySlot: map[int][]*Node{}}
	if err := s.split(in.Cond, false); err != nil {
		return err
	}
	if s.never {
		return nil
	}
	c := &condition{index: index, scope: in.Scope}
	for _, slot := range slices.Sorted(maps.Keys(s.bySlot)) {
		q, err := b.question(slot, &Node{Kind: And, Kids: s.bySlot[slot]})
		if err != nil {
			return err
		}
		c.asks = append(c.asks, ask{slot, q})
	}
	if len(s.rest) > 0 {
		c.residual = &residual{kind: And, kids: s.rest}
	}
	b.conds = append(b.conds, c)
	return nil
}

func (b *groupBuilder) question(slot int, n *Node) (int, error) {
	if len(n.Kids) == 1 && n.Kind == And {
		n = n.Kids[0]
	}
	t, err := b.slots[slot].tree(n)
	if err != nil {
		return 0, err
	}
	return b.slots[slot].question(t), nil
}

// slot returns the number of the slot of a term.
func (b *groupBuilder) slot(t Term, scope event.Scope) (int, error) {
	own, err := scopeOf(t)
	if err != nil {
		return 0, err
	}
	if _, err := newReader(t); err != nil {
		return 0, err
	}
	if own != event.ScopeEvent && own != scope {
		return 0, fmt.Errorf("a field of scope %s in a condition of scope %s", own, scope)
	}
	key := termKey(t)
	n, ok := b.byKey[key]
	if !ok {
		n = len(b.slots)
		b.byKey[key] = n
		b.slots = append(b.slots, newSlotBuilder(t, own))
	}
	return n, nil
}

// build makes the group.
func (b *groupBuilder) build() *group {
	g := &group{}
	for _, s := range b.slots {
		g.slots = append(g.slots, s.finish())
	}
	order := newOrder(g.slots, b.conds)
	g.lead, g.rest, g.of = order.lead, order.rest, order.of
	order.sort(b.conds)
	b.place(g)
	for _, s := range g.slots {
		s.makePlain()
	}
	return g
}

// place gives every condition its bit, in the order in which they are now, and tells the slots.
func (b *groupBuilder) place(g *group) {
	g.words = (len(b.conds) + 63) / 64
	g.all = make([]uint64, g.words)
	for _, s := range g.slots {
		s.needed, s.words = make([]uint64, g.words), g.words
	}
	for bit, c := range b.conds {
		g.inputs = append(g.inputs, c.index)
		g.residuals = append(g.residuals, c.residual)
		setBit(g.all, bit)
		if c.scope != event.ScopeEvent {
			if g.scoped[c.scope] == nil {
				g.scoped[c.scope] = make([]uint64, g.words)
			}
			setBit(g.scoped[c.scope], bit)
		}
		for _, a := range c.asks {
			setBit(g.slots[a.slot].needed, bit)
			g.slots[a.slot].questions[a.question].answerAt(bit)
		}
	}
	for _, c := range b.conds {
		if c.residual != nil {
			b.placeResidual(g, c.residual)
		}
	}
}

// placeResidual gives the questions of a residual bits of their own, behind those of the conditions.
func (b *groupBuilder) placeResidual(g *group, r *residual) {
	if r.kind == Check && r.pair == nil {
		s := g.slots[r.slot]
		q := &s.questions[r.bit]
		if !q.asked {
			q.asked, q.bit = true, s.extra+64*g.words
			s.extra++
			s.words = g.words + (s.extra+63)/64
			q.answerAt(q.bit)
		}
		r.bit = q.bit
	}
	for _, k := range r.kids {
		b.placeResidual(g, k)
	}
}

func setBit(words []uint64, bit int) { words[bit>>6] |= 1 << (bit & 63) }

// answerAt adds a bit to the answers; bits are added in rising order.
func (q *question) answerAt(bit int) {
	word, mask := int32(bit>>6), uint64(1)<<(bit&63)
	if n := len(q.bits); n > 0 && q.bits[n-1].word == word {
		q.bits[n-1].mask |= mask
		return
	}
	q.bits = append(q.bits, wordMask{word, mask})
}

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
		r, err := s.residual(n)
		s.rest = append(s.rest, r)
		return err
	default:
		s.bySlot[slot] = append(s.bySlot[slot], n)
	}
	return nil
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
	return &residual{kind: Check, pair: &slotPair{left, right, t.Op, t.Mod}}, err
}
