//go:build !race

// The race detector allocates for itself, so what these tests count means nothing under it.

package program

import "testing"

func TestNoAllocations(t *testing.T) {
	g := newGen(5) // which compares no two fields by pmatch: that splits paths
	var inputs []Input
	for range 150 {
		inputs = append(inputs, g.input())
	}
	p, err := Compile(inputs)
	if err != nil {
		t.Fatal(err)
	}
	ev := NewEvaluator(p)
	events := make([]*fakeEvent, 100)
	for i := range events {
		events[i] = g.event()
		delete(events[i].values, "addr") // a text that is no address costs an error
		delete(events[i].values, "addrs")
		delete(events[i].values, "anynumber") // and so does one that is no number
	}
	var hits []Hit
	all := func() {
		for _, e := range events {
			hits = ev.Eval(e, hits[:0])
		}
	}
	all()
	if n := testing.AllocsPerRun(10, all) / float64(len(events)); n > 0.02 {
		t.Errorf("%v allocations an event", n)
	}
}
