package program

import (
	"fmt"

	"github.com/parallax-sec/parallax/event"
)

// Program is a set of conditions, compiled. It is immutable and may be shared by goroutines.
type Program struct {
	conds []compiled
}

type compiled struct {
	source event.Source
	scope  event.Scope
	cond   *Condition
}

// Compile prepares conditions to be evaluated together. An error tells the condition by its index.
func Compile(inputs []Input) (*Program, error) {
	p := &Program{}
	for i, in := range inputs {
		c, err := CompileCondition(in.Cond)
		if err != nil {
			return nil, fmt.Errorf("condition %d: %w", i, err)
		}
		p.conds = append(p.conds, compiled{in.Source, in.Scope, c})
	}
	return p, nil
}

// Evaluator evaluates a Program. It holds scratch memory and caches of a fixed size, and belongs to one goroutine.
type Evaluator struct{ p *Program }

// NewEvaluator returns an evaluator of p.
func NewEvaluator(p *Program) *Evaluator { return &Evaluator{p} }

// Eval appends the conditions that hold for e to dst, in the order in which they were compiled.
func (ev *Evaluator) Eval(e event.Event, dst []Hit) []Hit {
	for i := range ev.p.conds {
		if elem, ok := ev.p.conds[i].holds(e); ok {
			dst = append(dst, Hit{i, elem})
		}
	}
	return dst
}

// First returns the first condition, in the order in which they were compiled, that holds for e.
func (ev *Evaluator) First(e event.Event) (Hit, bool) {
	for i := range ev.p.conds {
		if elem, ok := ev.p.conds[i].holds(e); ok {
			return Hit{i, elem}, true
		}
	}
	return Hit{}, false
}

func (c *compiled) holds(e event.Event) (elem int, ok bool) {
	if c.source != e.Source() {
		return 0, false
	}
	for elem := range e.Elements(c.scope) {
		if c.cond.Holds(e, elem) {
			return elem, true
		}
	}
	return 0, false
}
