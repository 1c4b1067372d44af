package program

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parallax-sec/parallax/event"
)

func TestEvalReportsHitsInOrder(t *testing.T) {
	verb := field(fakeField("verb", event.Text, event.ScopeEvent, 1))
	priv := field(fakeField("priv", event.Bool, event.ScopeContainer, 2))
	inputs := []Input{
		{Cond: and(check(verb, Eq, "create"), check(priv, Eq, "true")), Scope: event.ScopeContainer},
		{Cond: check(verb, Eq, "get")},
		{Cond: check(verb, Eq, "create"), Source: event.SourceKernel},
		{Cond: not(check(verb, Eq, "get"))},
		{Cond: not(check(priv, Eq, "true")), Scope: event.ScopeContainer},
	}
	p, err := Compile(inputs)
	if err != nil {
		t.Fatal(err)
	}
	ev := NewEvaluator(p)
	f := func(e *fakeEvent, want ...Hit) {
		t.Helper()
		if diff := cmp.Diff(want, ev.Eval(e, nil)); diff != "" {
			t.Error(diff)
		}
	}
	create := map[string]any{"verb": "create"}
	f(&fakeEvent{values: create}, Hit{3, 0})
	f(&fakeEvent{values: create, elements: []map[string]any{{}, {"priv": "false"}, {"priv": "true"}, {"priv": "true"}}},
		Hit{0, 2}, Hit{3, 0}, Hit{4, 0})
	f(&fakeEvent{values: create, elements: []map[string]any{{"priv": "true"}}}, Hit{0, 0}, Hit{3, 0})
	f(&fakeEvent{values: map[string]any{"verb": "get"}}, Hit{1, 0})
	f(&fakeEvent{values: create, source: event.SourceKernel}, Hit{2, 0})
}

func TestCompileRefuses(t *testing.T) {
	text := field(fakeField("text", event.Text, event.ScopeEvent, 1))
	num := field(fakeField("num", event.Number, event.ScopeEvent, 1))
	f := func(n *Node) {
		t.Helper()
		if _, err := Compile([]Input{{Cond: n}}); err == nil {
			t.Error("no error")
		}
		if n.Test.Validate() == nil {
			t.Error("Validate finds nothing wrong")
		}
	}
	f(check(text, Regex, "("))
	f(check(text, Eq))
	f(check(num, Eq, "12"))
	f(check(num, Contains, "12"))
	f(check(fn("sha1", text), Eq, "x"))
	f(check(fn("join", text), Eq, "x"))
	f(&Node{Kind: Check, Test: &Test{Left: text, Op: Regex, Right: Right{Term: text}}})
}
