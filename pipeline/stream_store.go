package pipeline

import (
	"context"
	"fmt"
	"time"

	"github.com/parallax-sec/parallax/event"
)

// How long a store is left alone that could take nothing.
const (
	retryFirst = 100 * time.Millisecond
	retryMost  = 5 * time.Second
)

// store stores what batches came to: alerts, then facts, then what could not be read. Only then the position moves.
func (s *Stream) store(ctx context.Context, steps []step) error {
	alerts, facts := steps[0].alerts, steps[0].facts
	for i := range steps[1:] {
		alerts, facts = append(alerts, steps[1+i].alerts...), append(facts, steps[1+i].facts...)
	}
	if len(alerts) > 0 {
		if err := s.patiently(ctx, func() error { return s.parts.Sink.Write(ctx, alerts) }); err != nil {
			return fmt.Errorf("store alerts: %w", err)
		}
	}
	if len(facts) > 0 {
		if err := s.patiently(ctx, func() error { return s.parts.Facts(ctx, facts) }); err != nil {
			return fmt.Errorf("store facts: %w", err)
		}
	}
	for i := range steps {
		if err := s.quarantine(ctx, &steps[i]); err != nil {
			return fmt.Errorf("quarantine: %w", err)
		}
	}
	s.stored(alerts, steps)
	return nil
}

// quarantine stores what could not be read.
func (s *Stream) quarantine(ctx context.Context, st *step) error {
	for _, f := range st.faults {
		if err := s.patiently(ctx, func() error { return s.parts.Quarantine(ctx, f, st.kind, st.to.Seq) }); err != nil {
			return err
		}
	}
	return nil
}

// stored counts and tells what was stored.
func (s *Stream) stored(alerts []*event.Alert, steps []step) {
	s.mu.Lock()
	for _, a := range alerts {
		s.report.addAlert(a)
	}
	for i := range steps {
		s.report.Faults += uint64(len(steps[i].faults))
	}
	s.mu.Unlock()
	for i := range steps {
		for _, f := range steps[i].faults {
			if s.cfg.Fault != nil {
				s.cfg.Fault(f)
			}
		}
	}
	s.parts.Position(steps[len(steps)-1].to)
}

// patiently calls write until it succeeds, fails for good, or ctx ends: then the error is the context's cause.
func (s *Stream) patiently(ctx context.Context, write func() error) error {
	for wait := retryFirst; ; wait = min(2*wait, retryMost) {
		if err := s.mayStore(ctx); err != nil {
			return err
		}
		err := write()
		if err == nil || s.parts.Retry == nil || !s.parts.Retry(err) {
			return err
		}
		s.Sync(func() { s.waits++ })
		if err := pause(ctx, wait); err != nil {
			return err
		}
	}
}

// mayStore says why nothing may be stored any more.
func (s *Stream) mayStore(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if s.parts.Active != nil {
		return s.parts.Active()
	}
	return nil
}

// pause waits, or returns the context's cause when it ends first.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
