package program

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/parallax-sec/parallax/event"
)

// expect judges a condition about the fields f and g, alone and in a program, twice each: the second time from the caches.
func expect(t *testing.T, n *Node, f any, want bool) {
	t.Helper()
	expectPair(t, n, f, nil, want)
}

func expectPair(t *testing.T, n *Node, f, g any, want bool) {
	t.Helper()
	e := &fakeEvent{values: map[string]any{"f": f, "g": g}}
	c, err := CompileCondition(n)
	if err != nil {
		t.Fatalf("%s: %v", dump(n), err)
	}
	p, err := Compile([]Input{{Cond: n}, {Cond: not(n)}})
	if err != nil {
		t.Fatalf("%s: %v", dump(n), err)
	}
	ev := NewEvaluator(p)
	for range 2 {
		if got := c.Holds(e, 0); got != want {
			t.Errorf("%s alone, f=%s g=%s: %v", dump(n), short(f), short(g), got)
		}
		wantIndex := 1
		if want {
			wantIndex = 0
		}
		if hits := ev.Eval(e, nil); len(hits) != 1 || hits[0].Index != wantIndex {
			t.Errorf("%s in a program, f=%s g=%s: %v, want %v", dump(n), short(f), short(g), hits, want)
		}
	}
}

func short(x any) string {
	if s := fmt.Sprintf("%q", x); len(s) < 100 {
		return s
	}
	return "(long)"
}

// subject is the field f of a type; object is g.
func subject(t event.Type) Term { return field(fakeField("f", t, event.ScopeEvent, 0)) }

func subjectList(t event.Type) Term {
	f := fakeField("f", t, event.ScopeEvent, 0)
	f.List = true
	return field(f)
}

func object(t event.Type) Term { return field(fakeField("g", t, event.ScopeEvent, 0)) }

// checkMod is check with a modifier.
func checkMod(left Term, op Op, mod Mod, texts ...string) *Node {
	n := check(left, op, texts...)
	n.Test.Mod = mod
	return n
}

// checkNumbers is check with numbers.
func checkNumbers(left Term, op Op, numbers ...uint64) *Node {
	n := check(left, op)
	for _, c := range numbers {
		n.Test.Right.Numbers = append(n.Test.Right.Numbers, c)
		n.Test.Right.Texts = append(n.Test.Right.Texts, fmt.Sprint(c))
	}
	return n
}

// checkNets is check with networks.
func checkNets(left Term, op Op, nets ...string) *Node {
	n := check(left, op, nets...)
	for _, c := range nets {
		n.Test.Right.Nets = append(n.Test.Right.Nets, netip.MustParsePrefix(c))
	}
	return n
}

// checkVal is check with another term on the right.
func checkVal(left Term, op Op, right Term) *Node {
	return &Node{Kind: Check, Test: &Test{Left: left, Op: op, Right: Right{Term: right}}}
}
