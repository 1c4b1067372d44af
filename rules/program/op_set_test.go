package program

import (
	"testing"

	"github.com/parallax-sec/parallax/event"
)

func TestSets(t *testing.T) {
	f := func(value any, op Op, want bool, members ...string) {
		t.Helper()
		expect(t, check(subjectList(event.Text), op, members...), value, want)
	}
	f("a", In, true, "a", "b")
	f("c", In, false, "a", "b")
	f("a", Intersects, true, "a", "b")
	f("", In, true, "")
	f("a", In, false) // in () never holds
	f(nil, In, false, "a")
	f([]string{"a", "b"}, In, true, "a", "b", "c")
	f([]string{"a", "a"}, In, true, "a")
	f([]string{"a", "d"}, In, false, "a", "b", "c") // one stranger is enough
	f([]string{"a", "d"}, Intersects, true, "a", "b", "c")
	f([]string{"d", "e"}, Intersects, false, "a", "b", "c")
	f([]string{"a"}, In, false)
	f([]string{"a"}, Intersects, false)
	f([]string{}, In, false, "a") // an empty list is missing
	f(uint64(1), In, false, "1")
}

// TestSetsShareConstants has sets that overlap, and other checks of the same constants.
func TestSetsShareConstants(t *testing.T) {
	list := subjectList(event.Text)
	n := and(check(list, In, "a", "b", "c"), not(check(list, In, "a", "b")), not(check(list, Intersects, "z")), not(check(list, Eq, "c")))
	expect(t, n, []string{"a", "c"}, true)
	expect(t, n, []string{"a", "b"}, false)
	expect(t, n, []string{"a", "z"}, false)
	expect(t, n, []string{"c", "other"}, false)
}
