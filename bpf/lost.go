package bpf

import "fmt"

// Lost says how often the programs of one CPU had to leave something out, for one reason, since they were loaded.
type Lost struct {
	CPU    int    // -1: it is not known which
	Reason string // rare_full, bulk_full: no room in the ring; marks_full, calls_full, cgroups_full: no room in that table; skipped: the kernel did not run a program
	N      uint64
}

// lostReasons are the names of enum lost_reason, by value.
func lostReasons() [sensorLostReasonLOST_REASONS]string {
	return [...]string{
		sensorLostReasonLOST_RARE_FULL:    "rare_full",
		sensorLostReasonLOST_BULK_FULL:    "bulk_full",
		sensorLostReasonLOST_MARKS_FULL:   "marks_full",
		sensorLostReasonLOST_CALLS_FULL:   "calls_full",
		sensorLostReasonLOST_CGROUPS_FULL: "cgroups_full",
	}
}

// Lost returns what has been lost since the programs were loaded, as running totals, by reason and CPU; what is zero is left out.
func (s *Sensor) Lost() ([]Lost, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return nil, errClosed
	}
	var out []Lost
	for i, reason := range lostReasons() {
		var perCPU []uint64
		if err := s.programs.maps[mapLost].Lookup(uint32(i), &perCPU); err != nil {
			return nil, fmt.Errorf("read losses: %w", err)
		}
		for cpu, n := range perCPU {
			if n > 0 {
				out = append(out, Lost{cpu, reason, n})
			}
		}
	}
	skipped, err := s.programs.skipped()
	if err != nil {
		return nil, fmt.Errorf("read losses: %w", err)
	}
	if skipped > 0 {
		out = append(out, Lost{-1, "skipped", skipped})
	}
	return out, nil
}
