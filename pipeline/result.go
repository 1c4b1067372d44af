package pipeline

import "github.com/parallax-sec/parallax/event"

// Result is what a Worker made of a batch. What is appended to it owns its memory.
type Result struct {
	Matches []event.Match
	Faults  []event.Fault
	Events  uint64
	// FirstNs and LastNs are the smallest and the largest event time; not set where Events is 0.
	FirstNs, LastNs int64

	strict bool // nothing behind a fault is judged
}

// Saw counts an event of time ns.
func (r *Result) Saw(ns int64) {
	if r.Events == 0 {
		r.FirstNs, r.LastNs = ns, ns
	}
	r.FirstNs, r.LastNs = min(r.FirstNs, ns), max(r.LastNs, ns)
	r.Events++
}

// reset empties r for the next batch.
func (r *Result) reset(strict bool) {
	r.Matches, r.Faults, r.Events, r.strict = r.Matches[:0], r.Faults[:0], 0, strict
}

// forget lets go of what r holds, and of the room of unusually much.
func (r *Result) forget() {
	clear(r.Matches)
	clear(r.Faults)
	if cap(r.Matches) > 1<<12 || cap(r.Faults) > 1<<12 {
		r.Matches, r.Faults = nil, nil
	}
}
