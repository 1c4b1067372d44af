package bus

import (
	"fmt"
	"strings"
	"testing"

	"github.com/parallax-sec/parallax/event"
)

// containerFact is a fact of a node's container; without data it holds no more.
func containerFact(node string, i int, seq uint64, data string) event.Fact {
	return event.Fact{Kind: event.FactContainer, Key: fmt.Sprintf("%s/%064d", node, i), Seq: seq, Data: []byte(data)}
}

func openSmallFacts(t *testing.T) *Bus {
	cfg := testConfig(t, t.TempDir())
	cfg.Limits.Facts = 1 << 20
	return openTest(t, cfg)
}

// Containers that come and go without end, of one node, take neither the room nor the facts of another.
func TestFactsThatHoldNoMoreDoNotFillTheStream(t *testing.T) {
	b := openSmallFacts(t)
	for i := range 50 {
		putFacts(t, b, containerFact("quiet", i, 1, "stays"))
	}
	putFacts(t, b, event.Fact{Kind: event.FactNode, Key: "busy", Seq: 1, Data: []byte("{}")})
	for seq := uint64(2); seq < 150; seq++ {
		var batch []event.Fact
		for i := range 25 {
			k := int(seq)*1000 + i
			batch = append(batch, containerFact("busy", k, seq, "x"), containerFact("busy", k, seq, ""))
		}
		putFacts(t, b, batch...)
	}
	var held int
	for _, f := range facts(t, b, event.FactContainer) {
		if strings.HasPrefix(f, "quiet/") {
			held++
		}
	}
	if held != 50 || len(facts(t, b, event.FactNode)) != 1 || b.evicted.Load() != 0 {
		t.Errorf("%d facts of the other node, %v, %d lost", held, facts(t, b, event.FactNode), b.evicted.Load())
	}
}

// A node whose facts all hold loses its own oldest, which are counted; what it tells next is stored.
func TestFullOfFactsEvictsFromWhoHoldsMost(t *testing.T) {
	b := openSmallFacts(t)
	large := strings.Repeat("x", 1<<10)
	for seq := uint64(1); seq < 60; seq++ {
		var batch []event.Fact
		for i := range 20 {
			batch = append(batch, containerFact("hog", int(seq)*100+i, seq, large))
		}
		putFacts(t, b, append(batch, containerFact("quiet", int(seq), seq, "stays"))...)
	}
	held := map[string]int{}
	var last string
	for _, f := range facts(t, b, event.FactContainer) {
		node, rest, _ := strings.Cut(f, "/")
		if held[node]++; node == "hog" {
			last, _, _ = strings.Cut(rest, " ")
		}
	}
	if held["quiet"] != 59 || held["hog"]+int(b.evicted.Load()) != 59*20 || b.evicted.Load() == 0 || last != fmt.Sprintf("%064d", 5919) {
		t.Errorf("%v, %d lost, the last is %s", held, b.evicted.Load(), last)
	}
	if s, err := b.Status(t.Context()); err != nil || s.FactsEvicted != b.evicted.Load() {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestLevel(t *testing.T) {
	for _, c := range []struct {
		shares []int
		part   float64
		want   int
	}{
		{[]int{10, 10, 80}, 0.5, 30},
		{[]int{10, 10, 10, 10}, 0.75, 7},
		{[]int{0, 100}, 0.5, 50},
		{nil, 0.5, 0},
	} {
		if got := level(c.shares, c.part); got != c.want {
			t.Errorf("%v: %d, not %d", c.shares, got, c.want)
		}
	}
}
