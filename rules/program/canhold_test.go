package program

import (
	"testing"

	"github.com/parallax-sec/parallax/event"
)

func TestCanHold(t *testing.T) {
	kind := fakeField("type", event.Text, event.ScopeEvent, 0)
	name := fakeField("name", event.Text, event.ScopeEvent, 0)
	is := func(values ...string) *Node { return check(field(kind), In, values...) }
	other := check(field(name), Eq, "x")
	f := func(want bool, n *Node) {
		t.Helper()
		if got := CanHold(n, kind, []string{"exec", "mount"}); got != want {
			t.Errorf("%s: %v", dump(n), got)
		}
	}
	f(true, is("exec"))
	f(false, is("connect", "open"))
	f(true, not(is("connect")))
	f(false, and(is("connect"), other))
	f(true, or(is("connect"), other))
	f(true, or(is("connect"), and(is("mount"), other)))
	f(false, and(or(is("connect"), is("open")), or(other, is("exec"))))
	f(false, and(is("exec"), is("mount")))
	f(true, check(field(kind), StartsWith, "mou"))
	f(false, check(field(kind), Contains, "sock"))
	f(true, not(check(field(kind), Exists)))
	f(false, &Node{Kind: Never})
	f(false, and(not(or(is("exec"), other)), is("exec")))
	f(true, &Node{Kind: Check, Test: &Test{Left: field(kind), Op: Eq, Right: Right{Term: field(name)}}})
}
