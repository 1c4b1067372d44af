package pipeline

import (
	"context"
	"fmt"
	"time"
)

// How long a store is left alone that could take nothing.
const (
	retryFirst = 100 * time.Millisecond
	retryMost  = 5 * time.Second
)

// store stores what a batch came to: alerts, then facts, then what could not be read. Only then the position moves.
func (s *Stream) store(ctx context.Context, st *step) error {
	if len(st.alerts) > 0 {
		if err := s.patiently(ctx, func() error { return s.parts.Sink.Write(ctx, st.alerts) }); err != nil {
			return fmt.Errorf("store alerts: %w", err)
		}
	}
	if len(st.facts) > 0 {
		if err := s.patiently(ctx, func() error { return s.parts.Facts(ctx, st.facts) }); err != nil {
			return fmt.Errorf("store facts: %w", err)
		}
	}
	for _, f := range st.faults {
		if err := s.patiently(ctx, func() error { return s.parts.Quarantine(ctx, f, st.kind, st.to.Seq) }); err != nil {
			return fmt.Errorf("quarantine: %w", err)
		}
	}
	s.stored(st)
	return nil
}

// stored counts and tells what was stored.
func (s *Stream) stored(st *step) {
	s.mu.Lock()
	s.report.Faults += uint64(len(st.faults))
	for _, a := range st.alerts {
		s.report.addAlert(a)
	}
	s.mu.Unlock()
	for _, f := range st.faults {
		if s.cfg.Fault != nil {
			s.cfg.Fault(f)
		}
	}
	s.parts.Position(st.to)
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
