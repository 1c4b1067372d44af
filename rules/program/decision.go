package program

import (
	"math/bits"

	"github.com/parallax-sec/parallax/event"
)

// decision is a node of a tree that grows with the events: which conditions are left once some lead slots have told their
// classes, and which slot to ask next. An event asks only the lead slots on its way, and meets no condition twice.
type decision struct {
	words []wordMask
	slot  int // to ask next; noSlot in a leaf
	kids  []decisionKid

	// In a leaf, the slots that a condition that is left depends on.
	cheap []int
	dear  []int
}

type decisionKid struct {
	class *class
	next  *decision
}

// decisions is the tree of one evaluator. When it has become too large it starts anew.
type decisions struct {
	root  *decision
	bytes int
}

const maxDecisionBytes = 4 << 20

// decide asks lead slots until none is left that matters.
func (g *groupState) decide(e event.Event) *decision {
	if g.tree.root == nil || g.tree.bytes > maxDecisionBytes {
		g.tree = decisions{}
		g.tree.root = g.newDecision(g.everything(), e)
	}
	d := g.tree.root
	for d.slot != noSlot {
		d = g.follow(d, g.class(d.slot, e, 0), e)
	}
	return d
}

// follow returns the node below d for a class. Kids that are often taken move to the front.
func (g *groupState) follow(d *decision, c *class, e event.Event) *decision {
	for i := range d.kids {
		if d.kids[i].class != c {
			continue
		}
		next := d.kids[i].next
		if i > 0 {
			d.kids[i], d.kids[i-1] = d.kids[i-1], d.kids[i]
		}
		return next
	}
	next := g.newDecision(narrowed(d.words, c), e)
	d.kids = append(d.kids, decisionKid{c, next})
	return next
}

// newDecision makes the node for the conditions that are left.
func (g *groupState) newDecision(words []wordMask, e event.Event) *decision {
	d := &decision{words: words, slot: g.nextLead(words)}
	if d.slot == noSlot {
		d.words = g.judge(words, whenLed, e, 0)
		d.cheap = g.neededOf(g.cheap, d.words)
		d.dear = g.neededOf(g.dear, d.words)
	}
	const nodeBytes = 160
	g.tree.bytes += nodeBytes + 16*len(words) + 8*(len(d.cheap)+len(d.dear))
	return d
}

func (g *groupState) everything() []wordMask {
	words := make([]wordMask, g.words)
	for i := range words {
		words[i] = wordMask{int32(i), g.all[i]}
	}
	return words
}

func narrowed(words []wordMask, c *class) []wordMask {
	var left []wordMask
	for _, w := range words {
		if w.mask &= c.answers[w.word]; w.mask != 0 {
			left = append(left, w)
		}
	}
	return left
}

// nextLead is the lead slot that is not asked yet and by which most conditions that are left may fall.
func (g *groupState) nextLead(words []wordMask) int {
	best, most := noSlot, 0
	for i, n := range g.lead {
		if g.states[n].known(g.turns[event.ScopeEvent]) {
			continue
		}
		s := g.slots[n]
		want, need := 0, 0
		for _, w := range words {
			need += bits.OnesCount64(w.mask & g.leadNeeded[i][w.word])
			want += bits.OnesCount64(w.mask &^ s.plain[event.KindText].answers[w.word])
		}
		if score := need + 64*want; score > most {
			best, most = n, score
		}
	}
	return best
}

// neededOf are those slots that a condition depends on.
func (g *groupState) neededOf(slots []int, words []wordMask) (needed []int) {
	for _, n := range slots {
		if anyNeeds(words, g.slots[n].needed) {
			needed = append(needed, n)
		}
	}
	return needed
}
