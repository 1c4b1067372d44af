package pipeline

import (
	"math"

	"github.com/parallax-sec/parallax/detector"
	"github.com/parallax-sec/parallax/event"
)

// Result is what a Worker made of a batch. What is appended to it owns its memory.
type Result struct {
	Matches []event.Match
	Faults  []event.Fault
	Facts   []event.Fact // about the node of Head
	Head    event.Head   // of a batch of an agent
	Events  uint64
	// FirstNs and LastNs are the smallest and the largest event time; not set where Events is 0.
	FirstNs, LastNs int64
	Ahead           uint64 // events of a time more than detector.MaxAhead after the receipt of the batch
	// ReadToNs is how far event time has come where the input tells that beside its events; else 0.
	ReadToNs int64

	aheadNs   int64  // from which on they are counted
	strict    bool   // nothing behind a fault is judged
	maxFaults int    // further ones are only counted; 0: all are kept
	more      uint64 // faults that were only counted
}

// fault takes what could not be read.
func (r *Result) fault(f event.Fault) {
	if r.maxFaults > 0 && len(r.Faults) >= r.maxFaults {
		r.more++
		return
	}
	r.Faults = append(r.Faults, f)
}

// Saw counts an event of time ns.
func (r *Result) Saw(ns int64) {
	if ns > r.aheadNs {
		r.Ahead++
	}
	if r.Events == 0 {
		r.FirstNs, r.LastNs = ns, ns
	}
	r.FirstNs, r.LastNs = min(r.FirstNs, ns), max(r.LastNs, ns)
	r.Events++
}

// reset empties r for a batch that was received at a time; 0: not known.
func (r *Result) reset(strict bool, receivedNs int64) {
	*r = Result{Matches: r.Matches[:0], Faults: r.Faults[:0], aheadNs: math.MaxInt64, strict: strict}
	if receivedNs != 0 {
		r.aheadNs = receivedNs + detector.MaxAhead.Nanoseconds()
	}
}

// forget lets go of what r holds, and of the room of unusually much.
func (r *Result) forget() {
	clear(r.Matches)
	clear(r.Faults)
	if cap(r.Matches) > 1<<12 || cap(r.Faults) > 1<<12 {
		r.Matches, r.Faults = nil, nil
	}
}
