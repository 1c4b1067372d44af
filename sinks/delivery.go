package sinks

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"github.com/parallax-sec/parallax/event"
)

// Delivery brings the alerts of a queue to a sink.
type Delivery struct {
	cfg    Config
	queue  Queue
	sink   Sink
	log    *slog.Logger
	window window
	wait   backoff
	tally  tally

	open     []*event.Alert // that the queue gave and that are not done, without the suspects
	suspects []suspect
	took     uint64 // alerts that the sink took so far
	asked    int    // counts calls of ask
}

// NewDelivery returns a delivery that is ready to run. It owns neither the queue nor the sink.
func NewDelivery(cfg Config, queue Queue, sink Sink) (*Delivery, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("sink %s: %w", cfg.Name, err)
	}
	return &Delivery{
		cfg: cfg, queue: queue, sink: sink, log: cfg.log(),
		window: newWindow(cfg.Batch), wait: backoff{first: cfg.Backoff, most: cfg.MaxBackoff},
	}, nil
}

// Deliver brings the alerts of a queue to a sink, as Delivery.Run does.
func Deliver(ctx context.Context, cfg Config, queue Queue, sink Sink) error {
	d, err := NewDelivery(cfg, queue, sink)
	if err != nil {
		return err
	}
	return d.Run(ctx)
}

// Stats may be called by any goroutine at any time.
func (d *Delivery) Stats() Stats { return d.tally.read() }

// Run delivers until ctx is done or the queue has ended (io.EOF). Whatever fails is tried again, for ever. When ctx is done nothing
// more is taken from the queue; what is under way has Config.Drain to come to an end, and is tried once more where it just failed.
// The error, if any, says how many alerts are not known to be delivered: they stay in the queue.
//
// Alerts arrive in their order as long as nothing fails.
func (d *Delivery) Run(ctx context.Context) error {
	hard, cancel := drain(ctx, d.cfg.Drain)
	defer cancel()
	r := run{ctx, hard}
	for {
		alerts, err := d.next(ctx)
		if err != nil {
			return d.ended(err)
		}
		left, err := d.deliver(r, d.wanted(alerts))
		if err == nil {
			err = d.done(r, nil)
		}
		if err == nil {
			d.retrySuspects(r)
			err = d.done(r, nil)
		}
		if err != nil {
			return d.undelivered(max(left, 1), err)
		}
	}
}

// ended is what a delivery returns when there is no next batch.
func (d *Delivery) ended(err error) error {
	switch {
	case len(d.suspects) > 0:
		return d.undelivered(0, d.suspects[0].err)
	case errors.Is(err, io.EOF), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return nil
	}
	return err
}

func (d *Delivery) undelivered(n int, err error) error {
	return fmt.Errorf("sink %s: stopped with %d alerts not delivered, they stay in the queue: %w", d.cfg.Name, n+len(d.suspects), err)
}

// wanted notes what the queue gave and returns the alerts that the sink is to get, in memory of their own.
func (d *Delivery) wanted(alerts []*event.Alert) []*event.Alert {
	d.open = append(d.open, alerts...)
	return slices.DeleteFunc(slices.Clone(alerts), func(a *event.Alert) bool { return a.Severity < d.cfg.MinSeverity })
}

// run is the two steps in which a delivery stops.
type run struct{ soft, hard context.Context }

// stopping says that the delivery was told to stop.
func (r run) stopping() bool { return r.soft.Err() != nil }

// drain returns a context that ends d after ctx has.
func drain(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	hard, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(d, cancel) })
	return hard, func() { stop(); cancel() }
}

// next returns the next alerts; none where it is time for a suspect. Errors of the queue are waited out.
func (d *Delivery) next(ctx context.Context) ([]*event.Alert, error) {
	for {
		waiting, cancel := d.untilSuspect(ctx)
		alerts, err := d.queue.Next(waiting, d.cfg.Batch)
		if errors.Is(err, io.EOF) && len(d.suspects) > 0 {
			<-waiting.Done()
		}
		timeIsUp := waiting.Err() != nil
		cancel()
		switch {
		case len(alerts) > 0:
			return alerts, nil
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case timeIsUp:
			return nil, nil
		case errors.Is(err, io.EOF):
			return nil, err
		case err != nil:
			d.pause(run{ctx, ctx}, fmt.Errorf("take alerts from the queue: %w", err))
		}
	}
}

// deliver deals with all alerts, which it may change, but for those that become suspects. When it is stopped before, it returns how
// many are left.
func (d *Delivery) deliver(r run, alerts []*event.Alert) (left int, err error) {
	failed, patience := 0, askAfter // how often the first alert failed alone, and may
	for len(alerts) > 0 {
		before, alone := len(alerts), min(len(alerts), d.window.size) == 1
		if alerts, err = d.attempt(r.hard, alerts); err == nil {
			d.recovered()
			failed = 0
			continue
		}
		switch {
		case len(alerts) < before:
			d.wait.reset()
		case r.stopping():
			return len(alerts), err
		case alone:
			if failed++; failed < patience {
				break
			}
			var found bool
			if alerts, found = d.accuse(r, alerts, err); found {
				failed, patience = 0, 1 // it is known now that the sink works
				if err = d.done(r, alerts); err != nil {
					return len(alerts), err
				}
				continue
			}
			failed, patience = 0, askAfter
		}
		d.pause(r, err)
		if r.hard.Err() != nil {
			return len(alerts), err
		}
	}
	return 0, nil
}

// done tells the queue what is dealt with: all that it gave, but for the suspects and those that are left.
func (d *Delivery) done(r run, left []*event.Alert) error {
	dealt, open := split(d.open, left)
	for len(dealt) > 0 {
		err := d.queue.Done(r.hard, dealt)
		if err == nil {
			break
		}
		if r.hard.Err() != nil {
			return err
		}
		d.pause(r, fmt.Errorf("tell the queue what is delivered: %w", err))
	}
	d.open = open
	return nil
}

// split splits alerts into those that are not left and those that are.
func split(alerts, left []*event.Alert) (others, open []*event.Alert) {
	if len(left) == 0 {
		return alerts, nil
	}
	is := make(map[*event.Alert]bool, len(left))
	for _, a := range left {
		is[a] = true
	}
	for _, a := range alerts {
		if is[a] {
			open = append(open, a)
		} else {
			others = append(others, a)
		}
	}
	return others, open
}

// pause notes that something failed and waits before it is tried again, not at all where the delivery was just told to stop.
func (d *Delivery) pause(r run, err error) {
	if d.tally.failed(err, time.Now()) {
		d.log.Warn("sink fails, alerts wait", "error", err)
	}
	wait := d.wait.after(err)
	if r.stopping() {
		sleep(wait, r.hard, r.hard)
		return
	}
	sleep(wait, r.soft, r.hard)
}

// recovered notes that an attempt went well.
func (d *Delivery) recovered() {
	d.wait.reset()
	if since := d.tally.worked(); !since.IsZero() {
		d.log.Info("sink works again", "after", time.Since(since))
	}
}
