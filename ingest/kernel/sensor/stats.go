package sensor

import (
	"cmp"
	"slices"

	"github.com/parallax-sec/parallax/bpf"
)

// Stats counts what a Source has done since it began.
type Stats struct {
	Records, Bytes uint64 // read from the rings
	Bad            uint64 // records that cannot be read: the stream has them even so
	Facts          uint64
	FactsDropped   uint64 // too large to be told
	Containers     int    // that run
	ScopeErrors    uint64 // cgroups and mount namespaces that the kernel could not be told of

	Held     uint64 // records that waited for names
	HeldNow  int    // bytes of those that wait now
	Nameless uint64 // containers whose first records went out without names, since those were not there in time
	HoldFull uint64 // the same, since there was no room to wait
	Stuck    int    // lookups in containers that are at work, or never end

	Lost []bpf.Lost // in all, where it is not 0, by reason and CPU
}

// LostRecords is how many records were lost in all.
func (s *Stats) LostRecords() (n uint64) {
	for _, l := range s.Lost {
		n += l.N
	}
	return n
}

// Stats returns what was counted up to the last batch. It may be called from any goroutine; the result's Lost is not to be changed.
func (s *Source) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.public
}

// publish lets others see what was counted.
func (s *Source) publish() {
	s.stats.HeldNow, s.stats.Containers, s.stats.Stuck = s.held, len(s.watches), s.roots.busy()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.public = s.stats
}

// totals returns what was lost in all.
func (l *losses) totals() []bpf.Lost {
	var out []bpf.Lost
	for p, n := range l.total {
		out = append(out, bpf.Lost{CPU: p.cpu, Reason: p.reason, N: n})
	}
	slices.SortFunc(out, func(a, b bpf.Lost) int { return cmp.Or(cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.CPU, b.CPU)) })
	return out
}
