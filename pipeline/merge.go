package pipeline

import (
	"cmp"
	"math"
	"strings"
	"time"

	"github.com/parallax-sec/parallax/event"
)

// merge puts matches in the order of event time, then event id, then rule. A match waits until the low mark of event time
// is a window past it, or until those that wait take too much memory. What was added depends on the input alone, so that
// what comes out does too.
type merge struct {
	windowNs int64
	maxBytes int

	heap  []waiting // the next one first: heap[i] goes out before heap[2i+1] and heap[2i+2]
	bytes int       // of all that wait
	// frontierNs is how far event time has been given out: what comes with an older time is late.
	frontierNs int64
}

type waiting struct {
	event.Match
	bytes int
	late  bool
}

func newMerge(window time.Duration, maxBytes int) merge {
	return merge{windowNs: window.Nanoseconds(), maxBytes: maxBytes, frontierNs: math.MinInt64}
}

// add takes a match. It keeps what m points to.
func (g *merge) add(m event.Match) {
	w := waiting{Match: m, bytes: sizeOf(&m), late: m.Details.TimeNs < g.frontierNs}
	g.bytes += w.bytes
	g.heap = append(g.heap, w)
	g.up(len(g.heap) - 1)
}

// advance gives out what needs not wait any longer, now that nothing older than lowNs is expected; 0 says nothing.
func (g *merge) advance(lowNs int64, emit func(m *event.Match, late bool)) {
	if lowNs != 0 {
		g.frontierNs = max(g.frontierNs, lowNs-g.windowNs)
	}
	for len(g.heap) > 0 && (g.heap[0].Details.TimeNs < g.frontierNs || g.bytes > g.maxBytes) {
		w := g.pop()
		g.frontierNs = max(g.frontierNs, w.Details.TimeNs)
		emit(&w.Match, w.late)
	}
}

// flush gives out all that waits.
func (g *merge) flush(emit func(m *event.Match, late bool)) {
	for len(g.heap) > 0 {
		w := g.pop()
		emit(&w.Match, w.late)
	}
}

func (g *merge) pop() waiting {
	w, last := g.heap[0], len(g.heap)-1
	g.heap[0] = g.heap[last]
	g.heap[last] = waiting{}
	g.heap = g.heap[:last]
	g.down(0)
	g.bytes -= w.bytes
	return w
}

func (g *merge) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if !before(&g.heap[i], &g.heap[parent]) {
			return
		}
		g.heap[i], g.heap[parent] = g.heap[parent], g.heap[i]
		i = parent
	}
}

func (g *merge) down(i int) {
	for {
		first := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(g.heap); child++ {
			if before(&g.heap[child], &g.heap[first]) {
				first = child
			}
		}
		if first == i {
			return
		}
		g.heap[i], g.heap[first] = g.heap[first], g.heap[i]
		i = first
	}
}

func before(a, b *waiting) bool {
	if a.Details.TimeNs != b.Details.TimeNs {
		return a.Details.TimeNs < b.Details.TimeNs
	}
	return compareAtOneTime(&a.Match, &b.Match) < 0
}

// compareAtOneTime puts matches of the same event time in the order of event ids, then of rules.
func compareAtOneTime(a, b *event.Match) int {
	return cmp.Or(strings.Compare(a.Details.EventID, b.Details.EventID), compareRules(a.Rule, b.Rule))
}

// compareRules puts an event that is given out as it is before what rules make of it, and those in the order of their set.
func compareRules(a, b *event.Rule) int {
	switch {
	case a == b:
		return 0
	case a == nil:
		return -1
	case b == nil:
		return 1
	}
	return cmp.Or(cmp.Compare(a.Order, b.Order), strings.Compare(a.Key(), b.Key()))
}
