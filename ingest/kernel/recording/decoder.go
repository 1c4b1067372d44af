package recording

import (
	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/kernel"
)

// Decoder decodes the batches of several recordings, each by a decoder of its own, which is let go at the recording's end.
type Decoder struct {
	byOrigin map[string]*kernel.Decoder
}

// NewDecoder returns a Decoder.
func NewDecoder() *Decoder { return &Decoder{byOrigin: map[string]*kernel.Decoder{}} }

// Decode decodes a batch as kernel.Decoder does.
func (d *Decoder) Decode(b *event.Batch, yield func(event.Event), fault func(event.Fault)) {
	one, known := d.byOrigin[b.Origin]
	if !known {
		one = kernel.NewDecoder()
		d.byOrigin[b.Origin] = one
	}
	one.Decode(b, yield, fault)
	if b.Last {
		delete(d.byOrigin, b.Origin)
	}
}
