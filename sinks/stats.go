package sinks

import (
	"sync"
	"time"
)

// Stats is how a delivery goes. Times are wall clock.
type Stats struct {
	Created   uint64 // alerts that the sink took
	Duplicate uint64 // alerts that it had already
	Retried   uint64 // times that an alert had to be given again
	Dead      uint64 // alerts put aside
	Suspects  int    // alerts that fail now while others are taken

	Requests    uint64        // calls of Write
	RequestTime time.Duration // that they took together

	FailingSince time.Time // zero: the last request went well
	LastError    string    // empty: there was none
	LastErrorAt  time.Time
}

// tally is Stats while they change.
type tally struct {
	mu sync.Mutex
	s  Stats // guarded by mu
}

func (t *tally) read() Stats {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.s
}

func (t *tally) add(f func(*Stats)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f(&t.s)
}

// failed notes an attempt that came to nothing, and says whether it is the first after one that went well.
func (t *tally) failed(err error, now time.Time) (first bool) {
	t.add(func(s *Stats) {
		s.LastError, s.LastErrorAt = err.Error(), now
		if first = s.FailingSince.IsZero(); first {
			s.FailingSince = now
		}
	})
	return first
}

// suspects notes how many alerts are suspects now.
func (t *tally) suspects(n int) { t.add(func(s *Stats) { s.Suspects = n }) }

// worked notes that all is well, and returns since when it was not; zero where it was.
func (t *tally) worked() (since time.Time) {
	t.add(func(s *Stats) { since, s.FailingSince = s.FailingSince, time.Time{} })
	return since
}
