package detector

import (
	"slices"

	"github.com/parallax-sec/parallax/event"
)

// Batch is what one batch of the stream came to.
type Batch struct {
	Seq        uint64 // its place in the stream
	ReceivedNs int64  // when the stream took it in: the only clock there is
	Kind       event.BatchKind
	Origin     string     // who sent it, as authenticated
	Head       event.Head // where Kind is BatchMatches
	NewestNs   int64      // newest event time in it; 0: none
	Ahead      uint64     // events in it that are more than MaxAhead after ReceivedNs
	Matches    []event.Match
	Facts      []event.Fact // about the node of Head
}

// Output is what is to be stored after a batch: alerts, then facts.
type Output struct {
	Alerts []*event.Alert
	Facts  []event.Fact

	Matches uint64 // that rules gave and that were looked at
	Late    uint64 // of those, older than the watermark of their source
}

// Take takes the next batch of the stream, whose matches are in event-time order; it keeps what they point to. A batch of an agent
// that was taken before changes nothing.
func (d *Detector) Take(b *Batch) (out Output) {
	if b.nobodys() {
		return out
	}
	if b.Kind == event.BatchMatches && !d.nodes.take(b, &out.Facts) {
		d.stats.RepeatedBatches++
		return out
	}
	source, mark := d.marks.news(b.Origin, b.Kind, b.NewestNs, b.ReceivedNs)
	source.Ahead += b.Ahead
	for i := range b.Matches {
		m := &b.Matches[i]
		late := m.Details.TimeNs < mark
		if m.Rule != nil {
			out.Matches++
		}
		if m.Rule != nil && late {
			out.Late++
		}
		if b.ahead(m.Details.TimeNs) {
			m.Details.Blind = withText(m.Details.Blind, clockAhead)
		}
		if a := d.inStream(m, late); a != nil {
			out.Alerts = append(out.Alerts, a)
		}
	}
	source.Late += out.Late
	return out
}

// nobodys says whether a batch tells of no source: it is a control message, or could not be read at all.
func (b *Batch) nobodys() bool {
	return b.Kind == event.BatchControl || b.Origin == "" || b.Kind == event.BatchMatches && b.Head.Node == ""
}

// inStream is Match, for a stream: in it the same event may stand twice, as it was sent by a webhook and read from a log.
func (d *Detector) inStream(m *event.Match, late bool) *event.Alert {
	if m.Rule == nil && (d.seen.has(m.Details.EventID) || !d.plain.add(m.Details.EventID)) {
		d.stats.Repeated++
		return nil
	}
	return d.Match(m, late)
}

// clockAhead is what an alert tells of an event that was received before it happened.
const clockAhead = "the true time: the event's is after it was received"

// ahead says whether an event time is further after the receipt than clocks may differ.
func (b *Batch) ahead(timeNs int64) bool {
	return b.ReceivedNs != 0 && timeNs > b.ReceivedNs+MaxAhead.Nanoseconds()
}

// withText returns list with a text that it has only once.
func withText(list []string, text string) []string {
	if slices.Contains(list, text) {
		return list
	}
	return append(list, text)
}
