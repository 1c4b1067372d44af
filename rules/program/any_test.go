package program

import (
	"testing"

	"github.com/parallax-sec/parallax/event"
)

// A field of which any value has to fit is compared as Falco does proc.aname without a number.
func TestAny(t *testing.T) {
	name := fakeField("aname", event.Text, event.ScopeEvent, 1)
	id := fakeField("apid", event.Int, event.ScopeEvent, 1)
	other := fakeField("name", event.Text, event.ScopeEvent, 1)
	name.Any, id.Any = true, true
	e := &fakeEvent{values: map[string]any{"aname": []string{"sh", "sshd", "init"}, "apid": []string{"30", "2", "1"}, "name": "sshd"}}
	f := func(want bool, n *Node) {
		t.Helper()
		p, err := Compile([]Input{{Cond: n}})
		if err != nil {
			t.Fatal(err)
		}
		alone, err := CompileCondition(n)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(NewEvaluator(p).Eval(e, nil)) > 0; got != want || alone.Holds(e, 0) != want {
			t.Errorf("%s: %v", dump(n), got)
		}
	}
	number := func(op Op, n int64) *Node {
		return &Node{Kind: Check, Test: &Test{Left: field(id), Op: op, Right: Right{Texts: []string{"n"}, Numbers: []uint64{event.IntNumber(n)}}}}
	}
	f(true, check(field(name), Eq, "sshd"))
	f(false, check(field(name), Eq, "bash"))
	f(true, check(field(name), In, "bash", "init"))
	f(false, check(field(name), In, "bash"))
	f(false, check(field(name), In))
	f(true, check(field(name), StartsWith, "ssh"))
	f(true, check(field(name), EndsWith, "nit"))
	f(true, check(field(name), Contains, "sh"))
	f(true, check(field(name), Glob, "s?hd"))
	f(true, check(field(name), Regex, "s+hd"))
	f(true, check(field(name), Exists))
	f(true, check(field(name), Ne, "sh")) // another is not
	f(false, not(check(field(name), Eq, "sh")))
	f(true, check(fn("toupper", field(name)), Eq, "SSHD"))
	f(true, number(Gt, 20))
	f(false, number(Gt, 30))
	f(true, number(In, 2))
	f(true, &Node{Kind: Check, Test: &Test{Left: field(name), Op: Eq, Right: Right{Term: field(other)}}})
	f(true, &Node{Kind: Check, Test: &Test{Left: field(other), Op: Eq, Right: Right{Term: field(name)}}})
	e.values = map[string]any{"aname": []string{"sh"}}
	f(false, check(field(name), Ne, "sh"))
	e.values = nil
	f(false, check(field(name), Ne, "sh"))
	f(false, check(field(name), Exists))
}
