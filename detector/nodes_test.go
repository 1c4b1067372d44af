package detector

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parallax-sec/parallax/event"
)

// agent makes the batches of one node, and the place of each in the stream.
type agent struct {
	node  string
	epoch uint64
	place uint64
}

func (a *agent) batch(seq uint64, facts ...event.Fact) *Batch {
	a.place++
	return &Batch{
		Seq: a.place, ReceivedNs: int64(a.place) * sec, Kind: event.BatchMatches, Origin: "node/" + a.node,
		Head: event.Head{Node: a.node, BootID: "b", Epoch: a.epoch, Seq: seq}, Facts: facts,
	}
}

func beat(node string, records uint64) event.Fact {
	data, _ := json.Marshal(event.NodeState{Records: records, Lost: map[string]uint64{"bulk_full": 1}})
	return event.Fact{Kind: event.FactNode, Key: node, Data: data}
}

func container(node string, n int) event.Fact {
	return event.Fact{Kind: event.FactContainer, Key: fmt.Sprintf("%s/c%d", node, n), Data: []byte("{}")}
}

// stateOf is the last fact about a node in out.
func stateOf(t *testing.T, out Output) event.NodeState {
	t.Helper()
	var s event.NodeState
	for _, f := range out.Facts {
		if f.Kind == event.FactNode {
			if err := json.Unmarshal(f.Data, &s); err != nil {
				t.Fatal(err)
			}
		}
	}
	return s
}

func TestBatchesOfAnAgentAreTakenOnce(t *testing.T) {
	d := New(DefaultConfig())
	a := &agent{node: "n", epoch: 7}
	f := func(seq uint64, taken bool) {
		t.Helper()
		before := d.Stats().RepeatedBatches
		d.Take(a.batch(seq))
		if got := d.Stats().RepeatedBatches == before; got != taken {
			t.Errorf("batch %d of epoch %d taken: %v", seq, a.epoch, got)
		}
	}
	f(1, true)
	f(1, false)
	f(2, true)
	f(5, true) // 3 and 4 were given up by the agent
	f(2, false)
	a.epoch = 8
	f(1, true)
	a.epoch = 7 // what was under way when the sensor started again
	f(6, true)
	f(6, false)
	other := &agent{node: "m", epoch: 7, place: a.place}
	a = other
	f(1, true)
}

func TestNodeFact(t *testing.T) {
	d := New(DefaultConfig())
	a := &agent{node: "n", epoch: 7}
	want := event.NodeState{BootID: "b", Epoch: 7, Batch: 1, ReceivedNs: sec}
	if diff := cmp.Diff(want, stateOf(t, d.Take(a.batch(1)))); diff != "" {
		t.Error(diff) // the first batch of an epoch tells
	}
	if out := d.Take(a.batch(2)); len(out.Facts) != 0 {
		t.Errorf("%v", out.Facts)
	}
	d.Take(a.batch(2))
	d.Take(a.batch(6))
	want = event.NodeState{BootID: "b", Epoch: 7, Batch: 7, ReceivedNs: 5 * sec, Records: 100, Lost: map[string]uint64{"bulk_full": 1}, Repeated: 1, Missing: 3}
	out := d.Take(a.batch(7, beat("n", 100)))
	if diff := cmp.Diff(want, stateOf(t, out)); diff != "" {
		t.Error(diff)
	}
	if f := out.Facts[0]; f.Seq != 5 || f.Key != "n" || f.TimeNs != 5*sec {
		t.Errorf("%+v", f)
	}
	if out := d.Take(a.batch(8, event.Fact{Kind: event.FactNode, Key: "n", Data: []byte("no JSON")})); len(out.Facts) != 0 {
		t.Errorf("%v", out.Facts)
	}
}

// A detector that begins with what was stored reads the last part of the stream again: that builds up what it knows, and changes
// nothing that is stored.
func TestReadingAgainChangesNoFact(t *testing.T) {
	a := &agent{node: "n", epoch: 7}
	stream := []*Batch{a.batch(1, container("n", 1)), a.batch(2), a.batch(2), a.batch(4, beat("n", 9), container("n", 2)), a.batch(5), a.batch(6, beat("n", 10))}
	first, stored := New(DefaultConfig()), map[[2]string]event.Fact{}
	for _, b := range stream[:5] {
		for _, f := range first.Take(b).Facts {
			stored[[2]string{f.Kind, f.Key}] = f
		}
	}

	second := New(DefaultConfig())
	for _, f := range stored {
		second.Load(f)
	}
	for i, b := range stream[1:5] { // from the rebuild position on
		if out := second.Take(b); len(out.Facts) != 0 {
			t.Errorf("batch %d gave %v", i+1, out.Facts)
		}
	}
	if got := second.Stats().RepeatedBatches; got != 1 {
		t.Errorf("%d repeated", got)
	}
	if diff := cmp.Diff(first.Take(stream[5]), second.Take(stream[5])); diff != "" {
		t.Error(diff)
	}
}

// A batch that was taken long ago comes again, since its answer was lost: what is stored knows it, though it is not read again.
func TestOldBatchComesAgain(t *testing.T) {
	a := &agent{node: "n", epoch: 7}
	first, second := New(DefaultConfig()), New(DefaultConfig())
	for _, f := range first.Take(a.batch(1)).Facts {
		second.Load(f)
	}
	second.Take(a.batch(1))
	if got := second.Stats().RepeatedBatches; got != 1 {
		t.Errorf("%d repeated", got)
	}
	second.Load(event.Fact{Kind: event.FactNode, Key: "x", Seq: 1, Data: []byte("no JSON")})
}

func TestFactsThatEnd(t *testing.T) {
	d := New(DefaultConfig())
	a := &agent{node: "n", epoch: 7}
	ends := container("n", 1)
	ends.Data = nil
	d.Take(a.batch(1, container("n", 1)))
	want := []event.Fact{{Kind: event.FactContainer, Key: "n/c1", Seq: 2}}
	if diff := cmp.Diff(want, d.Take(a.batch(2, ends)).Facts); diff != "" {
		t.Error(diff)
	}
	if out := d.Take(a.batch(3, ends)); len(out.Facts) != 0 || d.nodes.facts != 0 {
		t.Errorf("%v, %d facts", out.Facts, d.nodes.facts)
	}
}

// Whoever has a node can have it tell of any number of containers: it costs that node its oldest, and the store nothing.
func TestFactsOfANodeAreBounded(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Nodes = NodeConfig{MaxNodes: 3, MaxFactsPerNode: 10, MaxFacts: 15}
	d, stored := New(cfg), map[[2]string]bool{}
	take := func(b *Batch) {
		for _, f := range d.Take(b).Facts {
			if key := ([2]string{f.Kind, f.Key}); len(f.Data) == 0 {
				delete(stored, key)
			} else {
				stored[key] = true
			}
		}
	}
	good, bad := &agent{node: "good", epoch: 1}, &agent{node: "bad", epoch: 1}
	take(good.batch(1, container("good", 1), container("good", 2)))
	for i := range 100 {
		bad.place = good.place + uint64(i)
		take(bad.batch(uint64(i)+1, container("bad", i)))
	}
	if len(stored) != 2+2+10 || !stored[[2]string{event.FactContainer, "good/c1"}] || stored[[2]string{event.FactContainer, "bad/c89"}] || !stored[[2]string{event.FactContainer, "bad/c90"}] {
		t.Errorf("%d: %v", len(stored), stored)
	}
	good.place = bad.place
	for i := range 5 { // the node that has most makes room
		take(good.batch(uint64(i)+2, container("good", 10+i)))
	}
	if d.nodes.facts != 15 || len(stored) != 15+2 || !stored[[2]string{event.FactContainer, "good/c1"}] || stored[[2]string{event.FactContainer, "bad/c91"}] {
		t.Errorf("%d: %v", len(stored), stored)
	}
	for i := range 3 { // a third node, and two that make the ones heard of least recently go
		n := &agent{node: fmt.Sprint("new", i), epoch: 1, place: good.place + uint64(i)}
		take(n.batch(1))
	}
	if len(d.nodes.byName) != 3 || d.nodes.facts != 0 || len(stored) != 3 {
		t.Errorf("%d nodes, %d facts: %v", len(d.nodes.byName), d.nodes.facts, stored)
	}
	if s := d.Stats(); s.ForgottenNodes != 2 || s.ForgottenFacts != 90+2 {
		t.Errorf("%+v", s)
	}
}

// Sessions take no container its place.
func TestFactsAreBoundedByKind(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Nodes.MaxFactsPerNode = 10
	d, a := New(cfg), &agent{node: "n", epoch: 7}
	d.Take(a.batch(1, container("n", 1)))
	for i := range 100 {
		d.Take(a.batch(uint64(i)+2, event.Fact{Kind: event.FactSession, Key: fmt.Sprint("n/s", i), Data: []byte("{}")}))
	}
	n := d.nodes.byName["n"]
	if n.of(event.FactContainer).len() != 1 || n.of(event.FactSession).len() != 10 || d.nodes.facts != 11 {
		t.Errorf("%d facts", d.nodes.facts)
	}
}

// A sensor that starts again tells of the containers that there are: the others stopped while none looked. Sessions that go on it
// does not tell of again.
func TestContainersThatStoppedUnseen(t *testing.T) {
	d, a := New(DefaultConfig()), &agent{node: "n", epoch: 7}
	d.Take(a.batch(1, beat("n", 1), container("n", 1), container("n", 2), event.Fact{Kind: event.FactSession, Key: "n/s", Data: []byte("{}")}))
	a.epoch = 8
	d.Take(a.batch(1, beat("n", 1)))
	if out := d.Take(a.batch(2, container("n", 2))); len(out.Facts) != 1 {
		t.Errorf("%v", out.Facts)
	}
	out := d.Take(a.batch(3, beat("n", 2)))
	if len(out.Facts) != 2 || out.Facts[0].Key != "n/c1" || len(out.Facts[0].Data) != 0 {
		t.Errorf("%v", out.Facts)
	}
	if out := d.Take(a.batch(4, beat("n", 3))); len(out.Facts) != 1 || d.nodes.facts != 2 {
		t.Errorf("%v, %d facts", out.Facts, d.nodes.facts)
	}
}
