package sinks

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/parallax-sec/parallax/event"
)

// outcome is what came of one attempt.
type outcome struct {
	left []*event.Alert // to be given again, in their order
	dead int            // put aside
	err  error          // why it is of use to wait before the next attempt
}

// attempt gives the first alerts to the sink, as many as the window allows, and returns those that are not dealt with, in their order
// and in the same memory. The error says why it is of use to wait before the next attempt.
func (d *Delivery) attempt(ctx context.Context, alerts []*event.Alert) ([]*event.Alert, error) {
	n := min(len(alerts), d.window.size)
	o := d.try(ctx, alerts[:n])
	if o.err != nil && len(o.left) == n {
		d.window.failed(n)
	}
	return append(o.left, alerts[n:]...), o.err
}

// try gives alerts to the sink and does what its answer asks for.
func (d *Delivery) try(ctx context.Context, alerts []*event.Alert) outcome {
	n, known := len(alerts), d.duplicates()
	o := d.settle(ctx, alerts, d.write(ctx, alerts))
	d.count(n, o, int(d.duplicates()-known))
	return o
}

// write is one call of the sink.
func (d *Delivery) write(ctx context.Context, alerts []*event.Alert) error {
	ctx, cancel := context.WithTimeout(ctx, d.cfg.Timeout)
	defer cancel()
	began := time.Now()
	err := d.sink.Write(ctx, alerts)
	took := time.Since(began)
	d.tally.add(func(s *Stats) {
		s.Requests++
		s.RequestTime += took
	})
	return err
}

// duplicates is how many alerts the sink knew again so far.
func (d *Delivery) duplicates() uint64 {
	if s, ok := d.sink.(Deduplicator); ok {
		return s.Duplicates()
	}
	return 0
}

// count counts what became of n alerts, of which the sink knew some again.
func (d *Delivery) count(n int, o outcome, known int) {
	taken := n - len(o.left) - o.dead
	if taken > 0 {
		d.window.taken()
		d.took += uint64(taken)
	}
	known = min(known, taken) // of those that are left, some may have been known too
	d.tally.add(func(s *Stats) {
		s.Created += uint64(taken - known)
		s.Duplicate += uint64(known)
		s.Dead += uint64(o.dead)
		if o.err != nil {
			s.Retried += uint64(len(o.left))
		}
	})
}

// settle does what err, the sink's answer, asks for.
func (d *Delivery) settle(ctx context.Context, alerts []*event.Alert, err error) outcome {
	var partial Partial
	var refused *Refused
	switch {
	case err == nil:
		return outcome{left: alerts[:0]}
	case errors.As(err, &partial):
		return d.settleEach(ctx, alerts, partial)
	case !errors.As(err, &refused):
		return outcome{left: alerts, err: err}
	case len(alerts) > 1:
		d.window.refused(len(alerts), refused.TooLarge)
		return outcome{left: alerts}
	}
	return d.settleEach(ctx, alerts, Partial{err})
}

// settleEach does so for each alert.
func (d *Delivery) settleEach(ctx context.Context, alerts []*event.Alert, answers Partial) outcome {
	if len(answers) != len(alerts) {
		return outcome{left: alerts, err: fmt.Errorf("%d answers for %d alerts", len(answers), len(alerts))}
	}
	o, why := outcome{left: alerts[:0]}, Partial(nil)
	for i, a := range alerts {
		err := answers[i]
		var refused *Refused
		if errors.As(err, &refused) {
			if err = d.bury(ctx, a, refused, o.dead == 0); err == nil {
				o.dead++
			}
		}
		if err != nil {
			o.left, why = append(o.left, a), append(why, err)
		}
	}
	o.err = why.OrNil()
	return o
}

// bury puts an alert aside. Only the first of a batch is told in the log, since all are likely to have the same reason.
func (d *Delivery) bury(ctx context.Context, a *event.Alert, reason error, first bool) error {
	if err := d.queue.Dead(ctx, a, reason); err != nil {
		return fmt.Errorf("put aside a refused alert: %w", err)
	}
	if first {
		d.log.Warn("sink refuses alerts, put aside", "id", a.ID, "revision", a.Revision, "reason", reason)
	}
	return nil
}
