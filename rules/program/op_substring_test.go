package program

import (
	"strings"
	"testing"

	"github.com/parallax-sec/parallax/event"
)

func TestSubstrings(t *testing.T) {
	f := func(value any, op Op, constant string, want bool) {
		t.Helper()
		expect(t, check(subject(event.Text), op, constant), value, want)
	}
	f("/api/v1/pods", Contains, "v1", true)
	f("/api/v1/pods", Contains, "V1", false)
	f("", Contains, "", true)
	f("x", Contains, "", true)
	f("x", StartsWith, "", true)
	f("x", EndsWith, "", true)
	f("x", IContains, "", true)
	f("/api/V1/pods", IContains, "/v1/P", true)
	f("straße", IContains, "STRAßE", true)
	f("É", IContains, "é", false) // only ASCII letters have a case
	f("system:anonymous", StartsWith, "system:", true)
	f("system", StartsWith, "system:", false)
	f("x-key", EndsWith, "-key", true)
	f("key", EndsWith, "-key", false)
	f("a\x00secret", Contains, "secret", true) // a NUL does not end a text
	f("a\xff\xfeb", Contains, "\xff\xfe", true)
	f("\x00\x01\x02", BContains, "\x01\x02", true)
	f("\x00\x01\x02", BStartsWith, "\x00\x01", true)
	f(nil, Contains, "", false)
	f([]string{"x"}, Contains, "x", false)
	f(strings.Repeat("a", 200)+"b", Contains, "aab", true) // longer than what is cached
}

// TestAutomatonFindsAll looks for patterns that are parts, beginnings and ends of each other.
func TestAutomatonFindsAll(t *testing.T) {
	patterns := []string{"a", "ab", "bab", "bc", "bca", "c", "caa", "aa", "abcaab", "B", "bA"}
	text := field(fakeField("f", event.Text, event.ScopeEvent, 0))
	var inputs []Input
	for _, p := range patterns {
		for _, op := range []Op{Contains, IContains, StartsWith, EndsWith} {
			inputs = append(inputs, Input{Cond: check(text, op, p)})
		}
	}
	p, err := Compile(inputs)
	if err != nil {
		t.Fatal(err)
	}
	ev := NewEvaluator(p)
	texts := []string{""}
	for i := 0; i < len(texts) && len(texts) < 5000; i++ {
		for _, c := range []string{"a", "b", "c", "B", "x"} {
			texts = append(texts, texts[i]+c)
		}
	}
	for _, s := range texts {
		e := &fakeEvent{values: map[string]any{"f": s}}
		want, got := refEval(inputs, e), ev.Eval(e, nil)
		if len(want) != len(got) {
			t.Fatalf("%q: %v, want %v", s, got, want)
		}
	}
}

// TestAutomatonOverflow has patterns with every byte there is, which no table has a column for.
func TestAutomatonOverflow(t *testing.T) {
	var every []byte
	for c := range 256 {
		every = append(every, byte(c))
	}
	f := func(value string, constant string, want bool) {
		t.Helper()
		expect(t, or(check(subject(event.Text), Contains, constant), check(subject(event.Text), Contains, "x"+constant)), value, want)
	}
	f("<"+string(every)+">", string(every), true)
	f("<"+string(every[1:])+">", string(every), false)
}
