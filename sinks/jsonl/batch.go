package jsonl

import (
	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/sinks"
)

// maxSpareBytes is how much memory a sink keeps for the next batch.
const maxSpareBytes = 1 << 20

// batch is the lines of one Write.
type batch struct {
	text       []byte
	lines      []line
	alerts     int    // that were given
	duplicates uint64 // of them, known already
}

// line is one line of a batch.
type line struct {
	alert int // which one of those that were given
	end   int // in the batch's text
	key   key
}

// encode makes the lines of alerts that are not known. They count as known from now on.
func (s *Sink) encode(alerts []*event.Alert) {
	b := &s.batch
	if cap(b.text) > maxSpareBytes {
		b.text = nil
	}
	b.text, b.lines, b.alerts, b.duplicates = b.text[:0], b.lines[:0], len(alerts), 0
	for i, a := range alerts {
		k := keyOf(a.ID, a.Revision)
		switch {
		case k == s.begun: // ready has written the rest of it
			s.begun = key{}
		case s.known != nil && !s.known.add(k):
			b.duplicates++
		default:
			b.text = append(s.enc.Append(b.text, a), '\n')
			b.lines = append(b.lines, line{i, len(b.text), k})
		}
	}
}

// undo says of each alert what became of it when only so many bytes of the batch are there, in whole lines.
func (s *Sink) undo(whole int, begun bool, err error) error {
	verdicts := make(sinks.Partial, s.batch.alerts)
	taken := s.batch.alerts
	for _, l := range s.batch.lines {
		if l.end <= whole {
			continue
		}
		taken--
		verdicts[l.alert] = err
		if begun {
			begun, s.begun = false, l.key
			continue
		}
		if s.known != nil {
			s.known.forget(l.key)
		}
	}
	if taken == 0 {
		return err
	}
	return verdicts
}
