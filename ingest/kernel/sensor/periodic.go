package sensor

import (
	"fmt"

	"github.com/parallax-sec/parallax/ingest/kernel"
)

// periodic does what is due at a boot time: tells what was lost, lets go of containers that are gone, and says that the sensor is alive.
func (s *Source) periodic(nowNs uint64) error {
	if nowNs >= s.lookNs {
		s.lookNs = nowNs + uint64(s.cfg.Look)
		s.sweep()
		if err := s.lost(nowNs); err != nil {
			return err
		}
		if s.cfg.Tick != nil {
			s.cfg.Tick()
		}
	}
	if nowNs >= s.beatNs {
		s.beatNs = nowNs + uint64(s.cfg.Beat)
		s.beat(nowNs)
	}
	return nil
}

// lost tells what was lost since it was last asked.
func (s *Source) lost(nowNs uint64) error {
	totals, err := s.reader.Lost()
	if err != nil {
		return fmt.Errorf("read losses: %w", err)
	}
	s.stats.Refused = s.containers.RefusedContainers()
	totals = s.stats.withOwn(totals)
	for _, l := range s.losses.since(totals, nowNs) {
		s.tell(&kernel.Fact{Lost: &l})
	}
	s.stats.Lost = totals
	return nil
}

// beat says that everything is in the stream that happened before a boot time, which is before the last reading of the rings; what is held
// is not.
func (s *Source) beat(nowNs uint64) {
	upTo := nowNs
	for _, w := range s.asking {
		if w.sinceNs != 0 {
			upTo = min(upTo, w.sinceNs)
		}
	}
	s.tell(&kernel.Fact{Beat: &kernel.Beat{BootNs: upTo, WallNs: s.clock.Wall(), Seqs: s.seqs}})
}
