package program

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/parallax-sec/parallax/event"
)

// TestCachesAreBounded sends values that are all of different classes, or not cached at all.
func TestCachesAreBounded(t *testing.T) {
	text, list := subject(event.Text), subjectList(event.Text)
	var inputs []Input
	const patterns = 40
	for i := range patterns {
		inputs = append(inputs, Input{Cond: check(text, Contains, fmt.Sprintf("<%d>", i))}, Input{Cond: check(list, Intersects, fmt.Sprintf("<%d>", i))})
	}
	p, err := Compile(inputs)
	if err != nil {
		t.Fatal(err)
	}
	ev := NewEvaluator(p)
	g := newGen(1)
	for range 30_000 {
		var parts []string
		for i := range patterns {
			if g.IntN(2) == 0 {
				parts = append(parts, fmt.Sprintf("<%d>", i))
			}
		}
		ev.Eval(&fakeEvent{values: map[string]any{"f": strings.Join(parts, "")}}, nil)
		ev.Eval(&fakeEvent{values: map[string]any{"f": parts}}, nil)
	}
	for _, s := range ev.groups[event.SourceAudit].states {
		if s.made < 10_000 {
			t.Errorf("only %d classes: the test shows nothing", s.made)
		}
		if s.kept > maxKeptClasses || len(s.byKey) > maxKeptClasses/128 {
			t.Errorf("%d classes of %d bytes are kept", len(s.byKey), s.kept)
		}
	}
}

// TestDecisionsAreBounded sends all combinations of classes of the slots that are asked first.
func TestDecisionsAreBounded(t *testing.T) {
	const values = 50
	var inputs []Input
	for i := range 6 {
		f := field(fakeField(fmt.Sprint("f", i), event.Text, event.ScopeEvent, 0))
		for v := range values {
			n := check(f, Ne, fmt.Sprint(v))
			inputs = append(inputs, Input{Cond: n})
		}
	}
	for i := range inputs { // every condition depends on all slots
		var kids []*Node
		for j := range 6 {
			kids = append(kids, inputs[j*values+i%values].Cond)
		}
		inputs[i].Cond = and(append(kids, inputs[i].Cond)...)
	}
	p, err := Compile(inputs)
	if err != nil {
		t.Fatal(err)
	}
	ev := NewEvaluator(p)
	state := ev.groups[event.SourceAudit]
	if len(state.lead) != 6 {
		t.Fatalf("%d lead slots", len(state.lead))
	}
	g, most, anew := newGen(1), 0, 0
	root := state.tree.root
	for range 100_000 {
		e := &fakeEvent{values: map[string]any{}}
		for i := range 6 {
			e.values[fmt.Sprint("f", i)] = fmt.Sprint(g.IntN(values + 5))
		}
		ev.Eval(e, nil)
		most = max(most, state.tree.bytes)
		if state.tree.root != root {
			root = state.tree.root
			anew++
		}
	}
	if anew < 2 {
		t.Errorf("the tree began %d times: the test shows nothing", anew)
	}
	if most > maxDecisionBytes+1<<20 {
		t.Errorf("the tree grew to %d bytes", most)
	}
}

// TestMemoryStaysFlat has ten thousand users of their own before, and ten times as many after the measurement.
func TestMemoryStaysFlat(t *testing.T) {
	text := subject(event.Text)
	p, err := Compile([]Input{
		{Cond: and(not(check(text, StartsWith, "system:")), not(check(text, In, "a", "b")))},
		{Cond: check(fn("tolower", text), Contains, "admin")},
	})
	if err != nil {
		t.Fatal(err)
	}
	ev := NewEvaluator(p)
	run := func(from, to int) uint64 {
		var hits []Hit
		for i := from; i < to; i++ {
			hits = ev.Eval(&fakeEvent{values: map[string]any{"f": fmt.Sprintf("User-%d", i)}}, hits[:0])
		}
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		runtime.KeepAlive(ev)
		return m.HeapAlloc
	}
	before := run(0, 10_000)
	after := run(10_000, 100_000)
	if after > before+1<<20 {
		t.Errorf("%d bytes more", after-before)
	}
}

// TestLongTexts takes a text of 16 MB through every operator: time stays in proportion, and scratch memory is given back.
func TestLongTexts(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	text := subject(event.Text)
	var inputs []Input
	for _, op := range []Op{Eq, Ne, Lt, Contains, IContains, StartsWith, EndsWith, Glob, IGlob, Regex, In, PMatch} {
		for _, c := range []string{"aaaab", "aaaaab", "b"} {
			if op == Glob || op == IGlob {
				c = "*" + c + "*a?"
			}
			inputs = append(inputs, Input{Cond: check(text, op, c)})
		}
	}
	for _, f := range []string{"tolower", "toupper", "b64", "basename"} {
		inputs = append(inputs, Input{Cond: check(fn(f, text), Contains, "aab")})
	}
	p, err := Compile(inputs)
	if err != nil {
		t.Fatal(err)
	}
	ev := NewEvaluator(p)
	for _, s := range []string{strings.Repeat("a", 16<<20), strings.Repeat("/", 16<<20), strings.Repeat("Aa", 8<<20)} {
		ev.Eval(&fakeEvent{values: map[string]any{"f": s}}, nil)
	}
	ev.Eval(&fakeEvent{values: map[string]any{"f": "short"}}, nil)
	for _, s := range ev.groups[event.SourceAudit].states {
		if c, ok := s.reader.(*call); ok && cap(c.text.buf) > maxKeptBytes {
			t.Errorf("%s keeps %d bytes", dumpTerm(s.term), cap(c.text.buf))
		}
	}
}

// TestLongListsAreGivenBack reads a list of a million elements once.
func TestLongListsAreGivenBack(t *testing.T) {
	p, err := Compile([]Input{{Cond: check(subjectList(event.Text), In, "x")}})
	if err != nil {
		t.Fatal(err)
	}
	ev := NewEvaluator(p)
	long := make([]string, 1_000_000)
	for i := range long {
		long[i] = "x"
	}
	if len(ev.Eval(&fakeEvent{values: map[string]any{"f": long}}, nil)) != 1 {
		t.Error("no hit")
	}
	ev.Eval(&fakeEvent{values: map[string]any{"f": []string{"x"}}}, nil)
	s := ev.groups[event.SourceAudit].states[0]
	if c := cap(s.value.List()); c > maxKeptList {
		t.Errorf("a list of %d elements is kept", c)
	}
}

// TestEachFieldIsReadOnce asks for one field in many ways, and for one that nobody needs.
func TestEachFieldIsReadOnce(t *testing.T) {
	verb, body := field(fakeField("verb", event.Text, event.ScopeEvent, 1)), field(fakeField("body", event.Text, event.ScopeEvent, 2))
	var inputs []Input
	for i := range 200 {
		inputs = append(inputs,
			Input{Cond: and(check(verb, Eq, "create"), check(body, Contains, fmt.Sprint(i)))},
			Input{Cond: or(check(verb, Eq, "create"), check(body, Contains, fmt.Sprint(i)), check(fn("len", verb), Exists))})
	}
	p, err := Compile(inputs)
	if err != nil {
		t.Fatal(err)
	}
	ev := NewEvaluator(p)
	e := &fakeEvent{values: map[string]any{"verb": "create", "body": "1 2 3"}, asked: map[string]int{}}
	ev.Eval(e, nil)
	if e.asked["body"] != 1 || e.asked["verb"] > 2 { // len(verb) reads its own
		t.Errorf("read %v", e.asked)
	}
	e = &fakeEvent{values: map[string]any{"verb": "get", "body": "1 2 3"}, asked: map[string]int{}}
	ev = NewEvaluator(p)
	ev.Eval(e, nil)
	p, err = Compile(inputs[:1])
	if err != nil {
		t.Fatal(err)
	}
	e.asked = map[string]int{}
	NewEvaluator(p).Eval(e, nil)
	if e.asked["body"] != 0 {
		t.Errorf("the body is read %d times for nothing", e.asked["body"])
	}
}
