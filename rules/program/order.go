package program

import (
	"cmp"
	"slices"

	"github.com/parallax-sec/parallax/event"
)

// order is in which order slots are asked, and conditions stand.
type order struct {
	slots []*slot
	uses  []int // by slot: how many conditions have it as a conjunct
	rank  []int // by slot: its place in the order of asking
	lead  []int
	cheap []int
	dear  []int
	of    [event.NumScopes][]int
}

// The slots that every event is asked first are cheap, have few classes and are named by many conditions: verb, resource, stage
// and the like. Which they are follows from the conditions, not from names.
const (
	maxLead      = 8
	maxLeadMarks = 64 // few classes
	minLeadShare = 10 // named by a tenth of the conditions
)

// cheapCost is the cost of what is decoded with the event.
const cheapCost = 1

func newOrder(slots []*slot, conds []*condition) *order {
	o := &order{slots: slots, uses: make([]int, len(slots)), rank: make([]int, len(slots))}
	for _, c := range conds {
		for _, a := range c.asks {
			o.uses[a.slot]++
		}
	}
	var asked []int
	for i := range slots {
		if o.uses[i] > 0 {
			asked = append(asked, i)
		}
	}
	slices.SortFunc(asked, o.compareSlots)
	for _, i := range asked {
		o.assign(i, len(conds))
	}
	slices.SortFunc(o.lead, func(a, b int) int { return cmp.Compare(slots[b].marks, slots[a].marks) })
	rank := 0
	for _, list := range append([][]int{o.lead, o.cheap, o.dear}, o.of[:]...) {
		for _, i := range list {
			o.rank[i] = rank
			rank++
		}
	}
	return o
}

func (o *order) assign(i, conds int) {
	s := o.slots[i]
	switch {
	case s.scope != event.ScopeEvent:
		o.of[s.scope] = append(o.of[s.scope], i)
	case len(o.lead) < maxLead && s.cost <= cheapCost && s.marks <= maxLeadMarks && o.uses[i]*minLeadShare >= conds:
		o.lead = append(o.lead, i)
	case s.cost <= cheapCost:
		o.cheap = append(o.cheap, i)
	default:
		o.dear = append(o.dear, i)
	}
}

// compareSlots puts cheap slots first, among these the ones whose texts need no scan, among these the ones that most conditions name.
func (o *order) compareSlots(a, b int) int {
	sa, sb := o.slots[a], o.slots[b]
	return cmp.Or(
		cmp.Compare(sa.cost, sb.cost),
		cmp.Compare(boolByte(sa.scans()), boolByte(sb.scans())),
		cmp.Compare(o.uses[b], o.uses[a]),
		cmp.Compare(a, b),
	)
}

// sort puts conditions next to each other that ask the same of the slots that are asked first. What asks nothing of a slot
// stands before what asks something.
func (o *order) sort(conds []*condition) {
	for _, c := range conds {
		slices.SortFunc(c.asks, func(a, b ask) int { return cmp.Compare(o.rank[a.slot], o.rank[b.slot]) })
	}
	slices.SortStableFunc(conds, func(x, y *condition) int {
		return slices.CompareFunc(x.asks, y.asks, func(a, b ask) int {
			return cmp.Or(cmp.Compare(o.rank[b.slot], o.rank[a.slot]), cmp.Compare(a.question, b.question))
		})
	})
}

// arrange puts what is cheap to find out first within r, and says when r can be judged.
func (o *order) arrange(r *residual) when {
	at := whenLed
	if r.pairs() { // values decide, not their classes
		at = whenCheap
	}
	for _, slot := range r.slots(nil) {
		switch s := o.slots[slot]; {
		case s.scope != event.ScopeEvent || s.cost > cheapCost:
			at = whenAll
		case !slices.Contains(o.lead, slot):
			at = max(at, whenCheap)
		}
	}
	o.sortKids(r)
	return at
}

func (o *order) sortKids(r *residual) {
	slices.SortStableFunc(r.kids, func(a, b *residual) int { return cmp.Compare(o.cost(a), o.cost(b)) })
	for _, k := range r.kids {
		o.sortKids(k)
	}
}

// cost is that of the dearest slot.
func (o *order) cost(r *residual) int {
	most := 0
	for _, slot := range r.slots(nil) {
		most = max(most, o.slots[slot].cost)
	}
	return most
}
