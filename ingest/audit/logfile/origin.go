package logfile

import (
	"context"
	"time"

	"github.com/parallax-sec/parallax/event"
)

// origin is one input and how far it has come.
type origin struct {
	input
	order int      // ties of event time go to the smaller one
	src   batches  // nil while not open
	ahead *outcome // a batch that was read to learn the first time
	times [2]int64 // the two newest hints of event time; the time the file begins with before there are any
}

// batches is an open input.
type batches interface {
	next(ctx context.Context) (*event.Batch, error)
	close()
}

// outcome is what a framer returns.
type outcome struct {
	batch *event.Batch
	err   error
}

// leap is how far, in nanoseconds, event time may go on in one batch and be believed at once.
const leap = int64(time.Minute)

// progress is how far event time has come, 0 where that is not known. A leap counts when the next batch has confirmed it, so
// that a single wild time stamp neither delays the rest of its file nor makes everything else look late.
func (o *origin) progress() int64 {
	if o.times[1]-o.times[0] > leap {
		return o.times[0]
	}
	return o.times[1]
}

func (o *origin) begin(first int64) { o.times = [2]int64{first, first} }

func (o *origin) note(hint int64) {
	if hint != 0 {
		o.times = [2]int64{o.times[1], hint}
	}
}

func (o *origin) next(ctx context.Context) (*event.Batch, error) {
	if a := o.ahead; a != nil {
		o.ahead = nil
		return a.batch, a.err
	}
	return o.src.next(ctx)
}

// before says whether o is to be read before p.
func (o *origin) before(p *origin) bool {
	if a, b := o.progress(), p.progress(); a != b {
		return a < b
	}
	return o.order < p.order
}
