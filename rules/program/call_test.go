package program

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parallax-sec/parallax/event"
)

// reads expects the value of a term for the value of field f.
func reads(t *testing.T, term Term, f, want any) {
	t.Helper()
	e := &fakeEvent{values: map[string]any{"f": f, "g": "G"}}
	var v event.Value
	TermValue(term, e, 0, &v)
	if diff := cmp.Diff(want, refValue(&v)); diff != "" {
		t.Errorf("%s of %q: %s", dumpTerm(term), f, diff)
	}
}

func TestCase(t *testing.T) {
	reads(t, fn("tolower", subject(event.Text)), "Cm-ÉÄ", "cm-ÉÄ")
	reads(t, fn("toupper", subject(event.Text)), "Cm-é", "CM-é")
	reads(t, fn("toupper", subject(event.Text)), "CM", "CM")
	reads(t, fn("tolower", subject(event.Text)), []string{"A", "b"}, []string{"a", "b"})
	reads(t, fn("tolower", subject(event.Text)), nil, nil)
	reads(t, fn("tolower", subject(event.Text)), uint64(1), nil)
}

func TestBase64(t *testing.T) {
	f := func(in, want any) {
		t.Helper()
		reads(t, fn("b64", subject(event.Text)), in, want)
	}
	f("aGVsbG8=", "hello")
	f("aGVsbG8", "hello") // padding may be missing
	f("aGVsbG8==", "hello")
	f("YWI", "ab")
	f("", "")
	f("alice", nil)
	f("aGVsbG9=", nil) // bits left over
	f("=", nil)
	f("==", nil)
	f("YW=I", nil)
	f("YW\nI", nil)
	f("_-_-", nil)
	f([]string{"YQ", "YWI"}, []string{"a", "ab"})
	f([]string{"YQ", "!"}, nil)
}

func TestBaseName(t *testing.T) {
	reads(t, fn("basename", subject(event.Text)), "/a/b", "b")
	reads(t, fn("basename", subject(event.Text)), "b", "b")
	reads(t, fn("basename", subject(event.Text)), "/a/", "")
}

func TestLen(t *testing.T) {
	reads(t, fn("len", subject(event.Text)), "é", uint64(2))
	reads(t, fn("len", subject(event.Text)), []string{"a", "b", "c"}, uint64(3))
	reads(t, fn("len", subject(event.Text)), []string{}, nil)
	expect(t, checkNumbers(fn("len", subject(event.Text)), Gt, 4), "alice", true)
	expect(t, checkNumbers(fn("len", subject(event.Text)), Eq, 4), "alice", false)
}

func TestJoinAndConcat(t *testing.T) {
	reads(t, fn("join", lit(","), subject(event.Text)), []string{"a", "b"}, "a,b")
	reads(t, fn("join", lit(","), subject(event.Text)), "a", "a")
	reads(t, fn("join", lit(","), subject(event.Text)), nil, nil)
	reads(t, fn("join", lit(","), &ConstTerm{List: []string{"x", "y"}}), nil, "x,y")
	reads(t, fn("join", lit(","), fn("list", lit("x"), subject(event.Text))), "a", "x,a")
	reads(t, fn("join", lit(","), fn("list", lit("x"), subject(event.Text))), nil, nil)
	reads(t, fn("join", lit(","), fn("list", lit("x"), subject(event.Text))), []string{"a"}, nil)
	reads(t, fn("concat", subject(event.Text), lit("-"), object(event.Text)), "a", "a-G")
	reads(t, fn("concat", subject(event.Text), lit("-")), nil, nil)
	reads(t, fn("concat", subject(event.Text), lit("-")), []string{"a"}, nil)
	reads(t, fn("toupper", fn("concat", fn("basename", subject(event.Text)), fn("tolower", object(event.Text)))), "/x/y", "YG")
}

func TestGetopt(t *testing.T) {
	f := func(options, selected string, want any, args ...string) {
		t.Helper()
		c := fn("getopt", subject(event.Text), lit(options))
		c.Opt = selected
		reads(t, c, args, want)
	}
	f("nt:", "", []string{"n", "t", "val"}, "-n", "-t", "val", "rest", "-n")
	f("nt:", "", []string{"n", "t", "val"}, "-ntval")
	f("nt:", "t", "val", "-n", "-t", "val")
	f("nt:", "t", "second", "-t", "first", "-tsecond")
	f("nt:", "n", "n", "-n")
	f("nt:", "n", nil, "-t", "-n") // -n is what -t is given
	f("nt:", "t", "", "-t")
	f("nt:", "t", nil, "--", "-t", "x")
	f("nt:", "t", "x", "--exec", "-t", "x") // long options are skipped
	f("nt:", "t", nil, "file", "-t", "x")
	f("nt:", "", []string{"?", "n"}, "-xn")
	f("nt:", "n", "n", "-xn")
	f(":nt:", "", []string{"n"}, "-n")
	f("n", "", nil, "-")
	f("n", "", nil)
}

// TestCallsInAProgram reads transformers that share fields, again and again into the same memory.
func TestCallsInAProgram(t *testing.T) {
	lower := fn("tolower", subject(event.Text))
	n := or(check(lower, Eq, "abc"), check(fn("concat", lower, lit("/"), fn("toupper", lower)), EndsWith, "/XY"))
	expect(t, n, "ABC", true)
	expect(t, n, "Xy", true)
	expect(t, n, "x", false)
	expect(t, n, nil, false)
}
