package program

import (
	"fmt"
	"sync"

	"github.com/parallax-sec/parallax/event"
)

// Condition is a single condition that is judged now and then, on a match say: check by check, without what a Program
// prepares for many conditions at once. It may be used by several goroutines.
type Condition struct {
	root  *branch
	terms []Term
	pool  sync.Pool // of *terms
}

// CompileCondition prepares a condition.
func CompileCondition(n *Node) (*Condition, error) {
	b := branchBuilder{}
	root, err := b.build(n)
	if err != nil {
		return nil, err
	}
	return &Condition{root: root, terms: b.terms}, nil
}

// Holds says whether c holds for e, with fields of a scope read of the element elem.
func (c *Condition) Holds(e event.Event, elem int) bool {
	r, _ := c.pool.Get().(*termValues)
	if r == nil {
		r = newTermValues(c.terms)
	}
	defer c.pool.Put(r)
	r.reset()
	return c.root.holds(r, e, elem)
}

// branch is a node of a Condition.
type branch struct {
	kind        NodeKind
	kids        []*branch
	left, right int // terms by number; right only where matcher is nil
	matcher     matcher
	between     between
}

type branchBuilder struct{ terms []Term }

func (b *branchBuilder) build(n *Node) (*branch, error) {
	if n.Kind == Check {
		return b.check(n.Test)
	}
	out := &branch{kind: n.Kind}
	for _, k := range n.Kids {
		kid, err := b.build(k)
		if err != nil {
			return nil, err
		}
		out.kids = append(out.kids, kid)
	}
	return out, nil
}

func (b *branchBuilder) check(t *Test) (*branch, error) {
	if err := t.Validate(); err != nil {
		return nil, fmt.Errorf("check with %s: %w", t.Op, err)
	}
	out := &branch{kind: Check, left: b.term(t.Left)}
	if t.Right.Term != nil {
		out.right, out.between = b.term(t.Right.Term), newBetween(t)
		return out, nil
	}
	var err error
	out.matcher, err = newMatcher(t)
	return out, err
}

func (b *branchBuilder) term(t Term) int {
	b.terms = append(b.terms, t)
	return len(b.terms) - 1
}

func (b *branch) holds(r *termValues, e event.Event, elem int) bool {
	switch b.kind {
	case And, Or:
		for _, k := range b.kids {
			if k.holds(r, e, elem) == (b.kind == Or) {
				return b.kind == Or
			}
		}
		return b.kind == And
	case Not:
		return !b.kids[0].holds(r, e, elem)
	case Check:
		left := r.value(b.left, e, elem)
		if b.matcher != nil {
			return b.matcher.match(left)
		}
		return b.between.holds(left, r.value(b.right, e, elem))
	}
	return false
}

// termValues reads terms, each once until reset.
type termValues struct {
	readers []reader
	values  []event.Value
	known   []bool
}

func newTermValues(terms []Term) *termValues {
	r := &termValues{values: make([]event.Value, len(terms)), known: make([]bool, len(terms))}
	for _, t := range terms {
		one, err := newReader(t)
		if err != nil {
			panic(fmt.Sprintf("program: a term that passed Validate: %v", err))
		}
		r.readers = append(r.readers, one)
	}
	return r
}

func (r *termValues) reset() { clear(r.known) }

func (r *termValues) value(i int, e event.Event, elem int) *event.Value {
	if !r.known[i] {
		r.known[i] = true
		r.readers[i].read(e, elem, &r.values[i])
	}
	return &r.values[i]
}
