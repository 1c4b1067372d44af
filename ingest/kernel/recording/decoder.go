package recording

import (
	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/kernel"
)

// Decoder decodes the batches of several recordings, each by a decoder of its own, which is let go at the recording's end.
type Decoder struct {
	byOrigin map[string]*kernel.Decoder
	lost     lost // by those that were let go
}

// NewDecoder returns a Decoder.
func NewDecoder() *Decoder { return &Decoder{byOrigin: map[string]*kernel.Decoder{}, lost: lost{}} }

// Decode decodes a batch as kernel.Decoder does.
func (d *Decoder) Decode(b *event.Batch, yield func(event.Event), fault func(event.Fault)) {
	one, known := d.byOrigin[b.Origin]
	if !known {
		one = kernel.NewDecoder()
		d.byOrigin[b.Origin] = one
	}
	one.Decode(b, yield, fault)
	if b.Last {
		for _, l := range one.Lost() {
			d.lost.add(l.Reason, l.N)
		}
		delete(d.byOrigin, b.Origin)
	}
}

// Lost is what the decoders had no room for, in all of each reason. It is not to be called while Decode runs.
func (d *Decoder) Lost() []bpf.Lost {
	all := lost{}
	for reason, n := range d.lost {
		all.add(reason, n)
	}
	for _, one := range d.byOrigin {
		for _, l := range one.Lost() {
			all.add(l.Reason, l.N)
		}
	}
	return all.totals()
}
