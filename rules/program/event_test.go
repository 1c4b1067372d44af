package program

import (
	"github.com/parallax-sec/parallax/event"
)

// fakeEvent is an event whose values are given: by the field's name, with an element's number for fields of a scope.
// A value is a string, a uint64 or a []string; nil, or none at all, is missing.
type fakeEvent struct {
	source   event.Source
	values   map[string]any
	elements []map[string]any // of ScopeContainer
	asked    map[string]int   // how often each field was read
}

func (e *fakeEvent) Source() event.Source                    { return e.source }
func (e *fakeEvent) BodyFault() error                        { return nil }
func (e *fakeEvent) TimeNs() int64                           { return 0 }
func (e *fakeEvent) Details(event.Scope, int) *event.Details { return &event.Details{} }

func (e *fakeEvent) Elements(s event.Scope) int {
	switch s {
	case event.ScopeEvent:
		return 1
	case event.ScopeContainer:
		return len(e.elements)
	}
	return 0
}

func (e *fakeEvent) get(f *event.Field, a *event.Arg, v *event.Value) {
	if e.asked != nil {
		e.asked[f.Name]++
	}
	values := e.values
	if f.Scope != event.ScopeEvent {
		values = e.elements[a.Elem]
	}
	setValue(v, values[f.Name])
}

func setValue(v *event.Value, x any) {
	v.Clear()
	switch x := x.(type) {
	case string:
		v.SetText(x)
	case uint64:
		v.SetNumber(x)
	case []string:
		for _, s := range x {
			v.Append(s)
		}
	}
}

// fakeField makes a field that reads a fakeEvent.
func fakeField(name string, t event.Type, scope event.Scope, cost uint8) *event.Field {
	f := &event.Field{Name: name, Type: t, Scope: scope, Cost: cost}
	f.Get = func(e event.Event, a *event.Arg, v *event.Value) { e.(*fakeEvent).get(f, a, v) }
	return f
}

func field(f *event.Field) Term { return &FieldTerm{Field: f} }

func fn(name string, args ...Term) *CallTerm { return &CallTerm{Fn: name, Args: args} }

func lit(s string) Term { return &ConstTerm{Text: s} }

func check(left Term, op Op, texts ...string) *Node {
	return &Node{Kind: Check, Test: &Test{Left: left, Op: op, Right: Right{Texts: texts}}}
}

func and(kids ...*Node) *Node { return &Node{Kind: And, Kids: kids} }
func or(kids ...*Node) *Node  { return &Node{Kind: Or, Kids: kids} }
func not(kid *Node) *Node     { return &Node{Kind: Not, Kids: []*Node{kid}} }
