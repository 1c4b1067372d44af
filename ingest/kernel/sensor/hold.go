package sensor

import (
	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/ingest/kernel"
)

// hold keeps a record until what is asked about its container is answered, in the order in which the container's records came. Where
// there is no room for it, none of the container waits any longer.
func (s *Source) hold(w *watch, h *bpf.Head, record []byte) {
	if s.held+len(record) > s.cfg.HoldBytes {
		s.stats.HoldFull++
		s.giveUp(w)
		s.ship(record)
		return
	}
	if w.untilNs == 0 {
		w.sinceNs, w.untilNs = h.TimeNs, s.clock.Boot()+uint64(s.cfg.Hold)
	}
	before := len(w.held)
	w.held = kernel.AppendRecord(w.held, record)
	w.records++
	s.held += len(w.held) - before
	s.stats.Held++
}

// release lets the records of a container go.
func (s *Source) release(w *watch) {
	s.frames = append(s.frames, w.held...)
	s.count += w.records
	s.held -= len(w.held)
	w.held, w.records, w.sinceNs, w.untilNs = nil, 0, 0, 0
}

// giveUp lets the records of a container go, and holds none any more, whatever is not known of it.
func (s *Source) giveUp(w *watch) {
	w.gaveUp = true
	s.release(w)
}
