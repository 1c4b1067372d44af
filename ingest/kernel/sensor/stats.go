package sensor

import "github.com/parallax-sec/parallax/bpf"

// Stats counts what a Source has done since it began.
type Stats struct {
	Records, Bytes uint64 // read from the rings
	Bad            uint64 // records that cannot be read: the stream has them even so
	Facts          uint64
	FactsDropped   uint64 // too large to be told
	Containers     int    // that run
	Unscoped       uint64 // cgroups and mount namespaces of containers that the kernel could not be told of; they are in Lost, too
	Refused        uint64 // containers for which there was no room, each as often as something told of it; they are in Lost, too

	Held     uint64 // records that waited for names
	HeldNow  int    // bytes of those that wait now
	Nameless uint64 // containers whose first records went out without names, since those were not there in time
	HoldFull uint64 // the same, since there was no room to wait
	Stuck    int    // lookups in containers that are at work, or never end

	RareWaiting, BulkWaiting uint64     // bytes of the rings that were not read after the last batch
	Lost                     []bpf.Lost // in all, of each CPU and reason
}

// LostRecords is how many records found no room in the rings.
func (s *Stats) LostRecords() (n uint64) {
	for _, l := range s.Lost {
		if l.Reason == "rare_full" || l.Reason == "bulk_full" {
			n += l.N
		}
	}
	return n
}

// Stats returns what was counted up to the last batch, and what was lost up to now, since more is lost when whoever reads is slow. It may
// be called from any goroutine.
func (s *Source) Stats() Stats {
	totals, err := s.reader.Lost()
	s.mu.Lock()
	defer s.mu.Unlock()
	stats := s.public
	if err == nil {
		stats.Lost = stats.withOwn(totals)
	}
	return stats
}

// publish lets others see what was counted.
func (s *Source) publish() {
	s.stats.HeldNow, s.stats.Containers, s.stats.Stuck = s.held, len(s.watches), s.roots.busy()
	s.stats.RareWaiting, s.stats.BulkWaiting = s.reader.Waiting()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.public = s.stats
}
