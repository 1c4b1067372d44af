package program

import (
	"fmt"

	"github.com/parallax-sec/parallax/event"
)

// reader reads the value of one term. It holds scratch memory, so it belongs to one goroutine, and what it read is valid
// until it reads again or the event is gone.
type reader interface {
	read(e event.Event, elem int, v *event.Value)
}

// TermReader reads terms one at a time, for output. The zero value is ready; it belongs to one goroutine and keeps what it made
// for the terms that it has read.
type TermReader struct {
	field fieldReader
	calls map[*CallTerm]reader
}

// Read sets v to the value of t in e: of the element elem where t's field is of a scope. v stays valid until the next Read, or as
// long as the event is. A term that cannot be read is missing.
func (r *TermReader) Read(t Term, e event.Event, elem int, v *event.Value) {
	switch t := t.(type) {
	case *FieldTerm:
		r.field = fieldReader{t.Field, t.Arg}
		r.field.read(e, elem, v)
	case *CallTerm:
		r.call(t).read(e, elem, v)
	default:
		v.Clear()
	}
}

// call is the reader of t.
func (r *TermReader) call(t *CallTerm) reader {
	made, ok := r.calls[t]
	if ok {
		return made
	}
	made, err := newCall(t)
	if err != nil {
		made = &constReader{&ConstTerm{List: []string{}}} // missing
	}
	if r.calls == nil {
		r.calls = map[*CallTerm]reader{}
	}
	r.calls[t] = made
	return made
}

// TermValue sets v to the value of t in e, as a TermReader that is used once.
func TermValue(t Term, e event.Event, elem int, v *event.Value) { new(TermReader).Read(t, e, elem, v) }

func newReader(t Term) (reader, error) {
	switch t := t.(type) {
	case *FieldTerm:
		return &fieldReader{field: t.Field, arg: t.Arg}, nil
	case *ConstTerm:
		return &constReader{t}, nil
	case *CallTerm:
		return newCall(t)
	}
	return nil, fmt.Errorf("a term of type %T", t)
}

// fieldReader reads a field. The argument is its own copy, since the element is written into it.
type fieldReader struct {
	field *event.Field
	arg   event.Arg
}

func (r *fieldReader) read(e event.Event, elem int, v *event.Value) {
	v.Clear()
	if r.field.Get == nil {
		return
	}
	if r.field.Scope != event.ScopeEvent {
		r.arg.Elem = elem
	}
	r.field.Get(e, &r.arg, v)
}

// constReader reads a literal argument of a transformer.
type constReader struct{ term *ConstTerm }

func (r *constReader) read(_ event.Event, _ int, v *event.Value) {
	v.Clear()
	if r.term.List == nil {
		v.SetText(r.term.Text)
		return
	}
	for _, s := range r.term.List {
		v.Append(s)
	}
}

// scopeOf is the scope of the fields in t; ScopeEvent where there is none of another scope. Two others are an error.
func scopeOf(t Term) (event.Scope, error) {
	switch t := t.(type) {
	case *FieldTerm:
		return t.Field.Scope, nil
	case *CallTerm:
		scope := event.ScopeEvent
		for _, a := range t.Args {
			s, err := scopeOf(a)
			if err == nil {
				scope, err = mergeScopes(scope, s)
			}
			if err != nil {
				return scope, err
			}
		}
		return scope, nil
	}
	return event.ScopeEvent, nil
}

// mergeScopes is the scope of what names both a and b.
func mergeScopes(a, b event.Scope) (event.Scope, error) {
	if a != event.ScopeEvent && b != event.ScopeEvent && a != b {
		return a, fmt.Errorf("fields of two scopes, %s and %s", a, b)
	}
	return max(a, b), nil
}
