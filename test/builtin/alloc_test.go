//go:build !race

// The race detector allocates for itself, so what this test counts means nothing under it.

package builtin

import (
	"bytes"
	"os"
	"testing"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/audit"
	"github.com/parallax-sec/parallax/rules"

	"github.com/parallax-sec/parallax/test/loaded"
)

// An event without a match allocates nothing, and a match is two allocations: what it tells of the event, and its texts.
func TestAllocations(t *testing.T) {
	set, err := loaded.Set(nil)
	if err != nil {
		t.Fatal(err)
	}
	log, err := os.ReadFile("../../examples/audit/sample.log")
	if err != nil {
		t.Fatal(err)
	}
	decoder, judge := audit.NewDecoder(), set.NewJudge(rules.MatchAll)
	var batch event.Batch
	var matches []event.Match
	yield := func(e event.Event) { matches = judge.Judge(e, matches[:0]) }
	fault := func(f event.Fault) { t.Error(f) }
	for line := range bytes.Lines(log) {
		if readElsewhere(line) {
			continue
		}
		batch = event.Batch{Line: 1, Data: line}
		matches = matches[:0]
		if n := fewestAllocs(func() { decoder.Decode(&batch, yield, fault) }); n > float64(2*len(matches)) {
			t.Errorf("%v allocations for %d matches of %.300s", n, len(matches), line)
		}
	}
}

// fewestAllocs is what f allocates: the runtime's own allocations beside it, on a busy machine, are not in the smallest of some counts.
func fewestAllocs(f func()) float64 {
	n := testing.AllocsPerRun(3, f)
	for range 3 {
		n = min(n, testing.AllocsPerRun(3, f))
	}
	return n
}

// readElsewhere says whether packages of others read a part of the event: a certificate request, or a command line that is
// searched for credentials.
func readElsewhere(line []byte) bool {
	return bytes.Contains(line, []byte("certificatesigningrequests")) || bytes.Contains(line, []byte("Bearer"))
}
