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

// condition is one Input on its way into a group: a conjunction of questions to single slots, and of residuals.
type condition struct {
	index int
	scope event.Scope
	asks  []ask
	rest  []*residual
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
	c := &condition{index: index, scope: in.Scope, rest: s.rest}
	for _, slot := range slices.Sorted(maps.Keys(s.bySlot)) {
		q, err := b.question(slot, &Node{Kind: And, Kids: s.bySlot[slot]})
		if err != nil {
			return err
		}
		c.asks = append(c.asks, ask{slot, q})
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
	g.lead, g.cheap, g.dear, g.of = order.lead, order.cheap, order.dear, order.of
	order.sort(b.conds)
	b.place(g)
	b.placeResiduals(g, order)
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
}

// placeResiduals puts every residual where it is judged: as soon as the slots that it looks at are asked.
func (b *groupBuilder) placeResiduals(g *group, o *order) {
	for when := range g.residuals {
		g.residuals[when] = newStage(len(b.conds))
	}
	for _, n := range g.lead {
		g.leadNeeded = append(g.leadNeeded, slices.Clone(g.slots[n].needed))
	}
	for bit, c := range b.conds {
		for _, r := range c.rest {
			when := o.arrange(r)
			g.residuals[when].add(bit, r)
			if when == whenLed {
				g.leadNeeds(bit, r)
			}
			b.placeResidual(g, r)
		}
	}
}

// leadNeeds notes that a condition depends on the slots of a residual that is judged when led.
func (g *group) leadNeeds(bit int, r *residual) {
	for _, slot := range r.slots(nil) {
		setBit(g.leadNeeded[slices.Index(g.lead, slot)], bit)
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
