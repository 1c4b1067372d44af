package program

import (
	"math/bits"
	"slices"

	"github.com/parallax-sec/parallax/event"
)

// Evaluator evaluates a Program. It holds scratch memory and caches of a bounded size, and belongs to one goroutine.
// Once its caches are warm it allocates nothing.
type Evaluator struct {
	groups [event.NumSources]*groupState
}

// NewEvaluator returns an evaluator of p.
func NewEvaluator(p *Program) *Evaluator {
	ev := &Evaluator{}
	for i, g := range p.groups {
		if g != nil {
			ev.groups[i] = newGroupState(g)
		}
	}
	return ev
}

// Eval appends the conditions that hold for e to dst, in the order in which they were given to Compile.
func (ev *Evaluator) Eval(e event.Event, dst []Hit) []Hit {
	s := int(e.Source())
	if s >= len(ev.groups) || ev.groups[s] == nil {
		return dst
	}
	return ev.groups[s].eval(e, dst)
}

// groupState is what one evaluator keeps about a group.
type groupState struct {
	*group
	states    []*slotState
	turn      uint64                  // rises with every event and every element of one
	turns     [event.NumScopes]uint64 // by scope: the turn of the event or element at hand
	tree      decisions
	survivors []wordMask
	elements  []wordMask
	narrowed  []wordMask
}

func newGroupState(g *group) *groupState {
	s := &groupState{group: g}
	for _, one := range g.slots {
		s.states = append(s.states, newSlotState(one))
	}
	return s
}

func (g *groupState) value(slot int, e event.Event, elem int) *event.Value {
	s := g.states[slot]
	return s.read(e, elem, g.turns[s.scope])
}

func (g *groupState) class(slot int, e event.Event, elem int) *class {
	s := g.states[slot]
	return s.classify(e, elem, g.turns[s.scope])
}

func (g *groupState) eval(e event.Event, dst []Hit) []Hit {
	g.turn++
	g.turns[event.ScopeEvent] = g.turn
	d := g.decide(e)
	words := g.narrow(append(g.survivors[:0], d.words...), d.cheap, e, 0)
	words = g.judge(words, whenCheap, e, 0)
	g.survivors = g.narrow(words, d.dear, e, 0)
	if len(g.survivors) == 0 {
		return dst
	}
	before := len(dst)
	for scope := range g.scoped {
		if g.scoped[scope] != nil {
			dst = g.evalScope(event.Scope(scope), e, dst)
		}
	}
	g.survivors = g.judge(g.survivors, whenAll, e, 0)
	dst = g.report(g.survivors, 0, dst)
	sortHits(dst[before:])
	return dst
}

// evalScope judges the surviving conditions of a scope for one element after the other, and takes them out of the survivors.
func (g *groupState) evalScope(scope event.Scope, e event.Event, dst []Hit) []Hit {
	g.elements = g.elements[:0]
	for i := range g.survivors {
		s := &g.survivors[i]
		if mask := s.mask & g.scoped[scope][s.word]; mask != 0 {
			g.elements = append(g.elements, wordMask{s.word, mask})
			s.mask &^= mask
		}
	}
	if len(g.elements) == 0 {
		return dst
	}
	for elem := range e.Elements(scope) {
		g.turn++
		g.turns[scope] = g.turn
		g.narrowed = g.narrow(append(g.narrowed[:0], g.elements...), g.of[scope], e, elem)
		g.narrowed = g.judge(g.narrowed, whenAll, e, elem)
		dst = g.report(g.narrowed, elem, dst)
		if len(g.narrowed) > 0 && !g.dropHits() {
			break
		}
	}
	return dst
}

// dropHits takes the conditions that held for the last element out of those still to be judged, and says whether any are left.
func (g *groupState) dropHits() bool {
	left := false
	i := 0
	for j := range g.elements {
		s := &g.elements[j]
		if i < len(g.narrowed) && g.narrowed[i].word == s.word {
			s.mask &^= g.narrowed[i].mask
			i++
		}
		left = left || s.mask != 0
	}
	return left
}

// narrow keeps the conditions that the slots say yes to. A slot is asked only when a condition that is left depends on it.
func (g *groupState) narrow(words []wordMask, slots []int, e event.Event, elem int) []wordMask {
	for _, n := range slots {
		if len(words) == 0 {
			break
		}
		s := g.states[n]
		if !anyNeeds(words, s.needed) {
			continue
		}
		answers := s.classify(e, elem, g.turns[s.scope]).answers
		kept := words[:0]
		for _, w := range words {
			if w.mask &= answers[w.word]; w.mask != 0 {
				kept = append(kept, w)
			}
		}
		words = kept
	}
	return words
}

func anyNeeds(words []wordMask, needed []uint64) bool {
	for _, w := range words {
		if w.mask&needed[w.word] != 0 {
			return true
		}
	}
	return false
}

// judge keeps the conditions whose residuals of a stage hold.
func (g *groupState) judge(words []wordMask, at when, e event.Event, elem int) []wordMask {
	s := &g.residuals[at]
	kept := words[:0]
	for _, w := range words {
		for left := w.mask & s.has[w.word]; left != 0; left &= left - 1 {
			if !s.residuals[int(w.word)<<6+bits.TrailingZeros64(left)].holds(g, e, elem) {
				w.mask &^= left & -left
			}
		}
		if w.mask != 0 {
			kept = append(kept, w)
		}
	}
	return kept
}

// report appends the conditions, which hold.
func (g *groupState) report(words []wordMask, elem int, dst []Hit) []Hit {
	for _, w := range words {
		for left := w.mask; left != 0; left &= left - 1 {
			dst = append(dst, Hit{Index: g.inputs[int(w.word)<<6+bits.TrailingZeros64(left)], Elem: elem})
		}
	}
	return dst
}

func sortHits(hits []Hit) {
	if len(hits) > 1 {
		slices.SortFunc(hits, func(a, b Hit) int { return a.Index - b.Index })
	}
}
