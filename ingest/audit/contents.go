package audit

import (
	"sync/atomic"

	"github.com/parallax-sec/parallax/ingest/audit/envelope"
	"github.com/parallax-sec/parallax/ingest/audit/lex"
)

// contents takes what stands in an envelope, for its Decoder.
type contents struct{ *Decoder }

// Value reads the events of a text. Faults of it are told with the line of the envelope.
func (c contents) Value(text []byte, from envelope.Kind) {
	d := c.Decoder
	outer := d.place
	d.inside, d.from = true, max(from, outer.from)
	d.values(text)
	d.place = outer
}

// Skip counts what is of other logs.
func (c contents) Skip(what envelope.Other, pieces int) { c.seen.other(what, pieces) }

// Refuse reports a fault of the envelope.
func (c contents) Refuse(err error) { c.refuse(c.mark, len(c.data), err) }

// open reads what the value at an offset holds, which was read as an event and is none, and says whether it is an envelope.
func (d *Decoder) open(at int) bool {
	value := d.event.line
	d.moveTo(at)
	opened := d.opener.Open(value, contents{d})
	d.event.line = value
	return opened
}

// prefixed reads a line that begins with something else than a value, from an offset on.
func (d *Decoder) prefixed(at int, alone bool) (end int, err error) {
	n, from, other := envelope.Prefix(d.data[at:])
	switch {
	case n > 0:
		d.from = from
		return d.value(at+n, alone)
	case other:
		d.seen.other(envelope.OtherComponent, 1)
		return len(d.data), nil
	}
	r := lex.Reader{Data: d.data, Pos: at}
	return 0, r.Unexpected("expected a JSON object or array")
}

// Seen counts what Decoders have read. Any number of them may count into one.
type Seen struct {
	events [envelope.NumKinds]atomic.Uint64
	others [envelope.NumOther]atomic.Uint64
}

// Events is how many events came in an envelope of a kind; those that came in none are not counted.
func (s *Seen) Events(k envelope.Kind) uint64 { return s.events[k].Load() }

// Others is how many pieces of other logs were left out.
func (s *Seen) Others(o envelope.Other) uint64 { return s.others[o].Load() }

func (s *Seen) event(k envelope.Kind) {
	if k != envelope.Plain && s != nil {
		s.events[k].Add(1)
	}
}

func (s *Seen) other(o envelope.Other, n int) {
	if s != nil {
		s.others[o].Add(uint64(n))
	}
}

// CountTo makes d count what it reads to s as well.
func (d *Decoder) CountTo(s *Seen) { d.seen = s }
