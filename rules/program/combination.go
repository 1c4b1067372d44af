package program

import "github.com/parallax-sec/parallax/event"

// combination is what the classes of the lead slots together leave over.
type combination struct {
	filled  bool
	classes [maxLead]*class
	words   []wordMask
	cheap   []int // those slots that a condition that is left depends on
	dear    []int
}

// combinations remembers combinations: a table of a fixed size, in which a new one takes the place of an old one.
type combinations struct {
	entries []combination
	now     [maxLead]*class
}

const (
	maxCombinations      = 1024
	maxCombinationsBytes = 2 << 20
)

func newCombinations(words int) combinations {
	n := maxCombinations
	for n > 64 && n*words*16 > maxCombinationsBytes {
		n /= 2
	}
	return combinations{entries: make([]combination, n)}
}

// combination asks the lead slots and returns what they leave over.
func (g *groupState) combination(e event.Event) *combination {
	c := &g.combined
	hash := uint64(0)
	for i, n := range g.lead {
		c.now[i] = g.class(n, e, 0)
		hash = hash*0x9e3779b97f4a7c15 + c.now[i].hash
	}
	entry := &c.entries[hash>>32&uint64(len(c.entries)-1)]
	if !entry.filled || entry.classes != c.now {
		g.fill(entry, e)
	}
	return entry
}

func (g *groupState) fill(c *combination, e event.Event) {
	c.filled, c.classes = true, g.combined.now
	c.words = c.words[:0]
	for w := range g.words {
		mask := g.all[w]
		for _, class := range c.classes[:len(g.lead)] {
			mask &= class.answers[w]
		}
		if mask != 0 {
			c.words = append(c.words, wordMask{int32(w), mask})
		}
	}
	c.words = g.judge(c.words, whenLed, e, 0)
	c.cheap = g.neededOf(g.cheap, c.words, c.cheap[:0])
	c.dear = g.neededOf(g.dear, c.words, c.dear[:0])
}

// neededOf appends those slots that a condition depends on.
func (g *groupState) neededOf(slots []int, words []wordMask, dst []int) []int {
	for _, n := range slots {
		if anyNeeds(words, g.slots[n].needed) {
			dst = append(dst, n)
		}
	}
	return dst
}
