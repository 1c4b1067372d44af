package rules

import (
	"sort"
	"strings"

	"go.yaml.in/yaml/v3"
)

// text is a piece of a rule whose bytes know where they were written: conditions are put together from scalars, appended
// parts, exceptions and the items of lists before they are parsed. It is immutable.
type text struct {
	s    string
	runs []run // by start; the first starts at 0
}

// run is a part of a text that was written in one go.
type run struct {
	start int // offset in the text
	origin
}

// origin is where a run comes from.
type origin struct {
	file  *file
	node  *yaml.Node
	at    int  // offset of the run in the node's value
	fixed bool // the run was made by us on behalf of the byte at, and does not stand in the file
	space *namespace
	note  string // see place.note
}

// scalarText is the value of a scalar.
func scalarText(o origin) text {
	return text{s: o.node.Value, runs: []run{{origin: o}}}
}

// madeText is text that does not stand in a file; what is wrong with it is told at the origin.
func madeText(s string, o origin) text {
	o.fixed = true
	return text{s: s, runs: []run{{origin: o}}}
}

func (t text) empty() bool { return strings.Trim(t.s, " \t\r\n") == "" }

// originAt is the run that holds the byte at off.
func (t text) originAt(off int) run {
	i := sort.Search(len(t.runs), func(i int) bool { return t.runs[i].start > off })
	return t.runs[max(i-1, 0)]
}

// place is where the byte at off was written.
func (t text) place(off int) place {
	if len(t.runs) == 0 {
		return place{}
	}
	r := t.originAt(off)
	at := r.at
	if !r.fixed {
		at += off - r.start
	}
	p := r.file.inScalar(r.node, at)
	p.note = r.note
	return p
}

// slice is the part from..to.
func (t text) slice(from, to int) text {
	out := text{s: t.s[from:to]}
	if from == to {
		return out
	}
	first := sort.Search(len(t.runs), func(i int) bool { return t.runs[i].start > from }) - 1
	for _, r := range t.runs[first:] {
		if r.start >= to {
			break
		}
		if r.start < from {
			if !r.fixed {
				r.at += from - r.start
			}
			r.start = from
		}
		r.start -= from
		out.runs = append(out.runs, r)
	}
	return out
}

// textBuilder puts a text together.
type textBuilder struct {
	s    strings.Builder
	runs []run
}

func (b *textBuilder) add(t text) {
	for _, r := range t.runs {
		r.start += b.s.Len()
		b.runs = append(b.runs, r)
	}
	b.s.WriteString(t.s)
}

func (b *textBuilder) text() text { return text{b.s.String(), b.runs} }

// joined is t and more with one blank between them, as appended parts are.
func (t text) joined(more text) text {
	if len(t.runs) == 0 {
		return more
	}
	if len(more.runs) == 0 {
		return t
	}
	var b textBuilder
	b.add(t)
	b.add(madeText(" ", more.runs[0].origin))
	b.add(more)
	return b.text()
}

// trimmed is t without blanks around it.
func (t text) trimmed() text {
	const blanks = " \t\r\n"
	from := len(t.s) - len(strings.TrimLeft(t.s, blanks))
	to := max(from, len(strings.TrimRight(t.s, blanks)))
	if from == to {
		return text{}
	}
	return t.slice(from, to)
}
