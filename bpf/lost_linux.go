//go:build linux

package bpf

import "fmt"

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
	return out, nil
}
