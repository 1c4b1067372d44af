package program

import (
	"math"
	"testing"

	"github.com/parallax-sec/parallax/event"
)

func TestNumbers(t *testing.T) {
	f := func(value any, op Op, want bool, constants ...uint64) {
		t.Helper()
		expect(t, checkNumbers(subject(event.Number), op, constants...), value, want)
	}
	f(uint64(9), Lt, true, 10)
	f(uint64(10), Lt, false, 10)
	f(uint64(10), Le, true, 10)
	f(uint64(11), Gt, true, 10)
	f(uint64(10), Ge, true, 10)
	f(uint64(10), Eq, true, 10)
	f(uint64(10), Ne, false, 10)
	f(uint64(math.MaxUint64), Gt, true, 10)
	f(uint64(3), In, true, 1, 2, 3)
	f(uint64(4), In, false, 1, 2, 3)
	f(uint64(3), Intersects, true, 1, 2, 3)
	f(uint64(3), In, false)
	f(nil, Ne, false, 10)
	f("10", Eq, false, 10) // a text is not a number
}

func TestSignedNumbers(t *testing.T) {
	f := func(value int64, op Op, constant int64, want bool) {
		t.Helper()
		var v event.Value
		v.SetInt(value)
		expect(t, checkNumbers(subject(event.Int), op, event.IntNumber(constant)), v.Number(), want)
	}
	f(-1, Lt, 0, true)
	f(-1, Ge, 0, false)
	f(-1, Eq, -1, true)
	f(-2, Lt, -1, true)
	f(0, Ge, 0, true)
	f(math.MinInt64, Lt, math.MaxInt64, true)
}

// TestNumbersBetweenCuts asks about every number around the constants, which decide the classes.
func TestNumbersBetweenCuts(t *testing.T) {
	n := field(fakeField("n", event.Number, event.ScopeEvent, 0))
	var inputs []Input
	for _, op := range []Op{Eq, Ne, Lt, Le, Gt, Ge} {
		for c := range uint64(5) {
			inputs = append(inputs, Input{Cond: checkNumbers(n, op, 10*c)})
		}
	}
	p, err := Compile(inputs)
	if err != nil {
		t.Fatal(err)
	}
	ev := NewEvaluator(p)
	for value := range uint64(60) {
		e := &fakeEvent{values: map[string]any{"n": value}}
		want, got := refEval(inputs, e), ev.Eval(e, nil)
		if len(want) != len(got) {
			t.Fatalf("%d: %v, want %v", value, got, want)
		}
	}
	if kept := len(ev.groups[event.SourceAudit].states[0].byKey); kept > 11 {
		t.Errorf("%d classes of numbers around 5 constants", kept)
	}
}
