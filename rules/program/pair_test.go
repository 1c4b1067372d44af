package program

import (
	"strings"
	"testing"

	"github.com/parallax-sec/parallax/event"
)

func TestPairs(t *testing.T) {
	f := func(left any, op Op, right any, want bool) {
		t.Helper()
		expectPair(t, checkVal(subject(event.Text), op, object(event.Text)), left, right, want)
	}
	f("a", Eq, "a", true)
	f("a", Ne, "b", true)
	f("a", Ne, nil, false) // a missing side makes it false
	f(nil, Eq, nil, false)
	f("a", Lt, "b", true)
	f("ab", Contains, "b", true)
	f("aB", IContains, "b", true)
	f("ab", StartsWith, "a", true)
	f("ab", EndsWith, "b", true)
	f("ab", Glob, "a*", true)
	f("AB", IGlob, "a*", true)
	f("/a/b", PMatch, "/a", true)
	f("/a/b", PMatch, []string{"/x", "/a"}, true)
	f("a", In, "a", true)
	f("a", In, []string{"b", "a"}, true)
	f([]string{"a", "b"}, In, []string{"b", "a"}, true)
	f([]string{"a", "c"}, In, []string{"b", "a"}, false)
	f([]string{"a", "c"}, Intersects, []string{"b", "a"}, true)
	f([]string{"a"}, Eq, "a", false)
	f("a", Eq, []string{"a"}, true)
	f("a", Eq, []string{"a", "a"}, false)
	f(uint64(5), Gt, uint64(4), true)
	f(uint64(5), In, uint64(5), true)
	f(uint64(5), Eq, "5", false)
	f("aaaa", Glob, strings.Repeat("a*", maxEventPattern), false) // too long a pattern to come out of an event
}

func TestLongListsMeet(t *testing.T) {
	long := make([]string, 1000)
	for i := range long {
		long[i] = strings.Repeat("x", i)
	}
	expectPair(t, checkVal(subjectList(event.Text), In, object(event.Text)), long, long, true)
	expectPair(t, checkVal(subjectList(event.Text), In, object(event.Text)), long, long[1:], false)
}
