package program

import (
	"testing"

	"github.com/parallax-sec/parallax/event"
)

// FuzzAgree judges a text by random conditions, and compares with the reference evaluator.
func FuzzAgree(f *testing.F) {
	f.Add(uint64(1), "abc", "/a/b")
	f.Add(uint64(2), "", "x-ab-y")
	f.Add(uint64(3), "a\x00b", "\xff")
	f.Fuzz(func(t *testing.T, seed uint64, one, other string) {
		if !isASCII(one) || !isASCII(other) { // the reference knows no other letters
			return
		}
		g := newGen(seed % 1000)
		var inputs []Input
		for range 20 {
			inputs = append(inputs, g.input())
		}
		next := func() *fakeEvent {
			e := g.event()
			for _, v := range append(e.elements, e.values) {
				v["text0"], v["text4"] = one, other
				v["list0"] = []string{one, other}
			}
			return e
		}
		agree(t, inputs, next, 3)
	})
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// FuzzPatterns takes any pattern of any text: neither may make an operator panic, and alone or in a program they agree.
func FuzzPatterns(f *testing.F) {
	f.Add("[[:alpha:]-z]*", "abc")
	f.Add("[a", "\\")
	f.Add("(a|b)*c", "abc")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		for _, op := range []Op{Eq, Lt, Contains, IContains, StartsWith, EndsWith, Glob, IGlob, Regex, In, PMatch} {
			n := check(subject(event.Text), op, pattern)
			c, err := CompileCondition(n)
			if err != nil {
				continue
			}
			expect(t, n, text, c.Holds(&fakeEvent{values: map[string]any{"f": text}}, 0))
		}
	})
}
