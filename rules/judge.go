package rules

import (
	"fmt"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/rules/program"
)

// Matching says which of the rules that match an event are told.
type Matching uint8

// The kinds of matching; their names are those of Falco's rule_matching.
const (
	MatchAll   Matching = iota // all of them
	MatchFirst                 // the first of those that raise alerts, in the order of definition
)

// ParseMatching reads "all" or "first".
func ParseMatching(s string) (Matching, error) {
	switch s {
	case "all":
		return MatchAll, nil
	case "first":
		return MatchFirst, nil
	}
	return 0, fmt.Errorf("matching is all or first, not %q", s)
}

// Judge judges events by a Set. It belongs to one goroutine.
type Judge struct {
	set      *Set
	matching Matching
	eval     *program.Evaluator
	hits     []program.Hit
	texts    formatter
}

// NewJudge makes a judge of s.
func (s *Set) NewJudge(m Matching) *Judge {
	return &Judge{set: s, matching: m, eval: program.NewEvaluator(s.program)}
}

// Judge appends the matches of an event to dst, in the order of the rules. They own their memory. Rules that are building blocks match as others do, and never keep others from matching.
func (j *Judge) Judge(e event.Event, dst []event.Match) []event.Match {
	j.hits = j.eval.Eval(e, j.hits[:0])
	alerted := false
	for _, h := range j.hits {
		r := &j.set.rules[j.set.judged[h.Index]]
		if r.Alert {
			if alerted && j.matching == MatchFirst {
				continue
			}
			alerted = true
		}
		dst = append(dst, j.match(r, e, h.Elem))
	}
	return dst
}

// match is what a match of r carries away from the event, elem being the first element that holds.
func (j *Judge) match(r *Rule, e event.Event, elem int) event.Match {
	elem, priority := r.worst(e, elem)
	m := event.Match{Rule: &j.set.told[r.Index], Severity: priority.Severity(), Details: e.Details(r.Scope, elem)}
	m.Output, m.Message = j.texts.match(r, e, elem)
	return m
}

// worst returns the element of the highest priority among those that hold, from first on: a harmless one that stands first
// in a pod must not speak for the others.
func (r *Rule) worst(e event.Event, first int) (elem int, p Priority) {
	elem, p = first, r.priorityOf(e, first)
	if r.elem == nil {
		return elem, p
	}
	for i := first + 1; i < e.Elements(r.Scope); i++ {
		if q := r.priorityOf(e, i); q < p && r.elem.Holds(e, i) {
			elem, p = i, q
		}
	}
	return elem, p
}

// priorityOf is the priority of a match: that of the first adjustment that holds, or the rule's own.
func (r *Rule) priorityOf(e event.Event, elem int) Priority {
	for _, a := range r.Adjust {
		if a.holds(e, elem) {
			return a.Priority
		}
	}
	return r.Priority
}

func (a *Adjust) holds(e event.Event, elem int) bool {
	if a.scope == event.ScopeEvent {
		return a.cond.Holds(e, elem)
	}
	for i := range e.Elements(a.scope) {
		if a.cond.Holds(e, i) {
			return true
		}
	}
	return false
}
