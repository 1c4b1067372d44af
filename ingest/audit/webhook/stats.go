package webhook

import (
	"sync"
	"time"
)

// bounds are the upper bounds of the histogram of answer times, in seconds.
var bounds = [...]float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25}

// Stats are the numbers of a Server since it was made.
type Stats struct {
	Requests map[Outcome]uint64 // every outcome has an entry
	Events   uint64             // in stored bodies, as far as brackets tell
	Bytes    uint64             // of stored bodies, uncompressed
	// Seconds is how long stored requests took, from their headers to the answer.
	Seconds Histogram
	// Disagreed counts requests whose path named another source than their certificate, which was believed.
	Disagreed uint64

	UnderWay      int   // requests
	UnderWayBytes int64 // the memory of their bodies
	Connections   int
	// Displaced counts connections that were closed for a new one, or not taken, since there were Config.MaxConnections.
	Displaced uint64
}

// Histogram is a cumulative histogram, as Prometheus wants it.
type Histogram struct {
	Count   uint64
	Sum     float64
	Buckets map[float64]uint64 // how many were at most so much
}

// counters are what Stats is made of.
type counters struct {
	mu        sync.Mutex
	requests  [numOutcomes]uint64 // guarded by mu, as all below
	events    uint64
	bytes     uint64
	disagreed uint64
	sum       float64
	buckets   [len(bounds)]uint64 // not cumulative
}

// answered counts a request.
func (c *counters) answered(o Outcome, took time.Duration, events, bytes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requests[o]++
	if o != Stored {
		return
	}
	c.events += uint64(events)
	c.bytes += uint64(bytes)
	seconds := took.Seconds()
	c.sum += seconds
	for i, b := range bounds {
		if seconds <= b {
			c.buckets[i]++
			break
		}
	}
}

func (c *counters) disagree() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.disagreed++
}

// Stats returns the numbers of now.
func (s *Server) Stats() Stats {
	c := &s.counters
	out := Stats{Requests: make(map[Outcome]uint64, numOutcomes), Seconds: Histogram{Buckets: make(map[float64]uint64, len(bounds))}}
	out.UnderWay, out.UnderWayBytes = s.room.now()
	out.Connections, out.Displaced = s.connections.now()
	c.mu.Lock()
	defer c.mu.Unlock()
	for o := none + 1; o < numOutcomes; o++ {
		out.Requests[o] = c.requests[o]
	}
	out.Events, out.Bytes, out.Disagreed = c.events, c.bytes, c.disagreed
	out.Seconds.Count, out.Seconds.Sum = c.requests[Stored], c.sum
	var below uint64
	for i, b := range bounds {
		below += c.buckets[i]
		out.Seconds.Buckets[b] = below
	}
	return out
}
