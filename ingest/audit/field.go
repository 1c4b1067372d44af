package audit

import (
	"slices"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/audit/tape"
)

// Fields returns the table of all that can be asked about an audit event: the fields of Falco's k8saudit and json plugins, the
// generic ones of its rule language, and our own audit.* ones. Every call returns a new table.
func Fields() []event.Field { return slices.Concat(falcoFields(), normalFields()) }

// What the evaluator is told a field costs.
const (
	costHead uint8 = 1 // read from the head or tail of the event
	costBody uint8 = 2 // wants a body parsed
)

// getter sets a cleared value to what a field is in an event, or leaves it missing.
type getter func(*Event, *event.Arg, *event.Value)

// get adapts a getter to event.Field.
func get(g getter) func(event.Event, *event.Arg, *event.Value) {
	return func(e event.Event, a *event.Arg, v *event.Value) {
		v.Clear()
		g(e.(*Event), a, v)
	}
}

// ofText is the field whose value is a text of the event's head.
func ofText(at func(*Event) *text) func(event.Event, *event.Arg, *event.Value) {
	return func(e event.Event, _ *event.Arg, v *event.Value) {
		ev := e.(*Event)
		v.Clear()
		if s, ok := ev.str(at(ev)); ok {
			v.SetText(s)
		}
	}
}

// ofFilled is ofText for texts that are missing where they are empty.
func ofFilled(at func(*Event) *text) func(event.Event, *event.Arg, *event.Value) {
	return get(func(e *Event, _ *event.Arg, v *event.Value) {
		s, _ := e.str(at(e))
		setFilled(v, s)
	})
}

// ofString is the field whose value is a text, missing where it is empty.
func ofString(f func(*Event) string) func(event.Event, *event.Arg, *event.Value) {
	return get(func(e *Event, _ *event.Arg, v *event.Value) { setFilled(v, f(e)) })
}

// ofFound is the field whose value is a text that may be empty.
func ofFound(f func(*Event) (string, bool)) func(event.Event, *event.Arg, *event.Value) {
	return get(func(e *Event, _ *event.Arg, v *event.Value) {
		if s, ok := f(e); ok {
			v.SetText(s)
		}
	})
}

// ofBool is the field whose value is never missing.
func ofBool(f func(*Event) bool) func(event.Event, *event.Arg, *event.Value) {
	return get(func(e *Event, _ *event.Arg, v *event.Value) { v.SetBool(f(e)) })
}

// ofList is the field whose value is a list of strings of the event's head.
func ofList(at func(*Event) *list) func(event.Event, *event.Arg, *event.Value) {
	return get(func(e *Event, a *event.Arg, v *event.Value) { setList(v, a, e.strs(at(e))) })
}

// setFilled sets v to s where s is not empty.
func setFilled(v *event.Value, s string) {
	if s != "" {
		v.SetText(s)
	}
}

// setList sets v to a list, or to its one element that the argument names.
func setList(v *event.Value, a *event.Arg, items []string) {
	for i, s := range items {
		if wanted(a, i) {
			v.Append(s)
		}
	}
}

// wanted says whether element i is asked for: all are where there is no argument.
func wanted(a *event.Arg, i int) bool { return !a.Has || a.Index == i }

// setNode sets v to the text of a node, whatever its kind; missing where it is Absent.
func setNode(v *event.Value, n tape.Node) {
	if n.Kind() != tape.Absent {
		v.SetText(n.Text())
	}
}

// setString sets v to what a String reads; missing where n is of another kind.
func setString(v *event.Value, n tape.Node) {
	if n.Kind() == tape.String {
		v.SetText(n.Text())
	}
}

// setScalar sets v to the text of a String, Number or Bool; missing where n is of another kind.
func setScalar(v *event.Value, n tape.Node) {
	if k := n.Kind(); k == tape.String || k == tape.Number || k == tape.Bool {
		v.SetText(n.Text())
	}
}

// appendScalars adds the scalars of an Array to v.
func appendScalars(v *event.Value, n tape.Node) {
	for e := range n.Elements() {
		if k := e.Kind(); k == tape.String || k == tape.Number || k == tape.Bool {
			v.Append(e.Text())
		}
	}
}
