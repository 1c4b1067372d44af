package program

// automaton finds many patterns in one pass over a text, in time proportional to the text however many patterns there are.
// With links (Aho and Corasick, "Efficient string matching", 1975) it finds them anywhere; without, only from the
// start of the walk, which then ends at the first byte that no pattern goes on with.
type automaton struct {
	column  [256]uint8 // column of the table for each byte; bytes in no pattern share column 0
	width   int
	next    []uint32 // state*width + column -> state*width, with hasOutput set where something ends there; 0 is the start
	output  []int32  // per state: the pattern that ends there, or -1
	shorter []uint32 // per state: the state of the longest pattern that ends there too and is shorter, 0 if none
}

// hasOutput marks a transition into a state where a pattern, or a shorter one, ends.
const hasOutput = 1 << 31

// maxCells bounds the table of one automaton (4 bytes a cell). Patterns beyond are matched one by one.
const maxCells = 4 << 20

// automatonBuilder collects the patterns of an automaton.
type automatonBuilder struct {
	fold   bool // A to Z are taken as a to z
	column [256]uint8
	width  int
	states []trieState
}

type trieState struct {
	kids   []trieKid
	output int32
}

type trieKid struct {
	column uint8
	state  uint32
}

func (s *trieState) kid(column uint8) (uint32, bool) {
	for _, k := range s.kids {
		if k.column == column {
			return k.state, true
		}
	}
	return 0, false
}

// add takes a pattern that is not empty, under the number that it will be reported by. It returns false where the table
// would become too large.
func (b *automatonBuilder) add(pattern string, number int32) bool {
	if b.states == nil {
		b.width, b.states = 1, []trieState{{output: -1}}
	}
	column, width := b.column, b.width
	for i := range len(pattern) {
		if c := b.char(pattern[i]); column[c] == 0 {
			if width == 256 { // one pattern set with every byte in it: the last shares the column of no byte
				return false
			}
			column[c] = uint8(width)
			width++
		}
	}
	if (len(b.states)+len(pattern))*width > maxCells {
		return false
	}
	b.column, b.width = column, width
	b.insert(pattern, number)
	return true
}

func (b *automatonBuilder) char(c byte) byte {
	if b.fold {
		return foldASCII(c)
	}
	return c
}

func (b *automatonBuilder) insert(pattern string, number int32) {
	at := uint32(0)
	for i := range len(pattern) {
		column := b.column[b.char(pattern[i])]
		kid, ok := b.states[at].kid(column)
		if !ok {
			kid = uint32(len(b.states))
			b.states = append(b.states, trieState{output: -1})
			b.states[at].kids = append(b.states[at].kids, trieKid{column, kid})
		}
		at = kid
	}
	b.states[at].output = number
}

// build returns the automaton, nil where there are no patterns. With links it finds patterns anywhere in a text.
func (b *automatonBuilder) build(links bool) *automaton {
	if b.states == nil {
		return nil
	}
	n := len(b.states)
	a := &automaton{
		column: b.column, width: b.width,
		next: make([]uint32, n*b.width), output: make([]int32, n), shorter: make([]uint32, n),
	}
	for c := range 256 {
		a.column[c] = a.column[b.char(byte(c))]
	}
	for s := range b.states {
		a.output[s] = b.states[s].output
	}
	b.connect(a, links)
	a.mark()
	return a
}

// connect fills the table, breadth first, so that the state to fall back to is always finished.
func (b *automatonBuilder) connect(a *automaton, links bool) {
	fallback := make([]uint32, len(b.states))
	queue := []uint32{0}
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		row := a.next[int(s)*a.width:][:a.width]
		if links && s != 0 {
			copy(row, a.next[int(fallback[s])*a.width:][:a.width])
		}
		for _, k := range b.states[s].kids {
			if links && s != 0 {
				fallback[k.state] = row[k.column] / uint32(a.width)
			}
			a.shorter[k.state] = fallback[k.state]
			if f := fallback[k.state]; a.output[f] < 0 {
				a.shorter[k.state] = a.shorter[f]
			}
			row[k.column] = k.state * uint32(a.width)
			queue = append(queue, k.state)
		}
	}
}

// mark sets hasOutput on the transitions into states that report something.
func (a *automaton) mark() {
	for i, to := range a.next {
		if s := to / uint32(a.width); a.output[s] >= 0 || a.shorter[s] != 0 {
			a.next[i] |= hasOutput
		}
	}
}

// scan reports the patterns that are anywhere in s.
func (a *automaton) scan(s string, h *hitSet) {
	at := uint32(0)
	for i := range len(s) {
		at = a.next[int(at&^hasOutput)+int(a.column[s[i]])]
		if at&hasOutput != 0 {
			a.report(at, h)
		}
	}
}

// walk reports the patterns that s begins with.
func (a *automaton) walk(s string, h *hitSet) {
	at := uint32(0)
	for i := range len(s) {
		at = a.next[int(at&^hasOutput)+int(a.column[s[i]])]
		if at == 0 {
			return
		}
		if at&hasOutput != 0 {
			a.report(at, h)
		}
	}
}

// walkBack reports the patterns, added in reverse, that s ends with.
func (a *automaton) walkBack(s string, h *hitSet) {
	at := uint32(0)
	for i := len(s) - 1; i >= 0; i-- {
		at = a.next[int(at&^hasOutput)+int(a.column[s[i]])]
		if at == 0 {
			return
		}
		if at&hasOutput != 0 {
			a.report(at, h)
		}
	}
}

// report adds what ends in a state, longest first. One that was found before had all shorter ones reported then.
func (a *automaton) report(at uint32, h *hitSet) {
	s := (at &^ hasOutput) / uint32(a.width)
	if a.output[s] < 0 {
		s = a.shorter[s]
	}
	for ; s != 0 && h.add(a.output[s]); s = a.shorter[s] {
	}
}

func reversed(s string) string {
	b := make([]byte, len(s))
	for i := range len(s) {
		b[len(s)-1-i] = s[i]
	}
	return string(b)
}
