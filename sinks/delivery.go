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
func (d *Delivery) Run(ctx context.Context) error {
	hard, cancel := drain(ctx, d.cfg.Drain)
	defer cancel()
	for {
		alerts, err := d.next(ctx)
		if err != nil {
			return ended(err)
		}
		left, err := d.deliver(run{ctx, hard}, d.wanted(alerts))
		if err != nil {
			return fmt.Errorf("sink %s: stopped with %d alerts not delivered, they stay in the queue: %w", d.cfg.Name, max(left, 1), err)
		}
	}
}

// wanted returns the alerts that the sink is to get, in memory of their own.
func (d *Delivery) wanted(alerts []*event.Alert) []*event.Alert {
	return slices.DeleteFunc(slices.Clone(alerts), func(a *event.Alert) bool { return a.Severity < d.cfg.MinSeverity })
}

// ended is what a delivery returns when there is no next batch.
func ended(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	return err
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

// next returns the next alerts. Errors of the queue are waited out.
func (d *Delivery) next(ctx context.Context) ([]*event.Alert, error) {
	for {
		alerts, err := d.queue.Next(ctx, d.cfg.Batch)
		switch {
		case len(alerts) > 0:
			return alerts, nil
		case errors.Is(err, io.EOF):
			return nil, err
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
			d.pause(run{ctx, ctx}, fmt.Errorf("take alerts from the queue: %w", err))
		}
	}
}

// deliver deals with all alerts, which it may change, and tells the queue. When it is stopped before, it returns how many are left.
func (d *Delivery) deliver(r run, alerts []*event.Alert) (left int, err error) {
	for len(alerts) > 0 {
		before := len(alerts)
		if alerts, err = d.attempt(r.hard, alerts); err == nil {
			d.recovered()
			continue
		}
		if len(alerts) < before {
			d.wait.reset()
		} else if r.stopping() {
			return len(alerts), err
		}
		d.pause(r, err)
		if r.hard.Err() != nil {
			return len(alerts), err
		}
	}
	return 0, d.done(r)
}

// done tells the queue that the batch is dealt with.
func (d *Delivery) done(r run) error {
	for {
		err := d.queue.Done(r.hard)
		if err == nil || r.hard.Err() != nil {
			return err
		}
		d.pause(r, fmt.Errorf("tell the queue what is delivered: %w", err))
	}
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
