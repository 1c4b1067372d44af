package pipeline

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Run sends batches until ctx ends, then what waits, as long as that may take. The error says what was not sent.
func (s *Shipper) Run(ctx context.Context) error {
	beat := time.NewTicker(s.cfg.Beat)
	defer beat.Stop()
	var left *parcel // taken out of the outbox, and not stored
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-beat.C:
			s.batch(true)
		case <-s.wake:
			if s.linger(ctx) {
				s.batch(false)
			}
		}
		left = s.send(ctx, left)
	}
	return s.drain(ctx, left)
}

// linger waits for as long as a match may wait, and says whether that is over: it is not where a batch is full before, which is to be
// sent at once, or ctx ends.
func (s *Shipper) linger(ctx context.Context) bool {
	timer := time.NewTimer(s.cfg.Linger)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.full:
		signal(s.wake) // for what is behind the full one
	case <-ctx.Done():
	}
	return false
}

// batch makes a batch of what waits; where tell, of the node's state at least.
func (s *Shipper) batch(tell bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tell = s.tell || tell
	s.cut()
}

// send sends left, then all that is in the outbox, in order. It returns what it took out and could not send before ctx ended.
func (s *Shipper) send(ctx context.Context, left *parcel) *parcel {
	for {
		if left == nil {
			if left = s.next(); left == nil {
				return nil
			}
		}
		if !s.deliver(ctx, left) {
			return left
		}
		left = nil
	}
}

func (s *Shipper) next() *parcel {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.out.batches) == 0 {
		return nil
	}
	p := s.out.take()
	return &p
}

// deliver tries until a batch is stored, or refused for good. It says no where ctx ended before.
func (s *Shipper) deliver(ctx context.Context, p *parcel) bool {
	for wait := retryFirst; ; wait = min(2*wait, retryMost) {
		err := s.target.Publish(ctx, p.data)
		if err == nil {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.sent.add(*p)
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		if s.failure(err, p) {
			return true
		}
		if pause(ctx, wait) != nil {
			return false
		}
	}
}

// failure takes note of an error of sending, and says whether the batch is given up.
func (s *Shipper) failure(err error, p *parcel) (givenUp bool) {
	if s.cfg.Failed != nil {
		s.cfg.Failed(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed++
	if s.cfg.Permanent == nil || !s.cfg.Permanent(err) {
		return false
	}
	s.refused.add(*p)
	s.tell = true
	return true
}

// drain sends what is left after the end of ctx.
func (s *Shipper) drain(ctx context.Context, left *parcel) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.cfg.Drain)
	defer cancel()
	s.batch(true)
	left = s.send(ctx, left)
	if left == nil {
		return nil
	}
	var unsent parcels
	for p := left; p != nil; p = s.next() {
		unsent.add(*p)
	}
	return errors.Join(fmt.Errorf("%d matches and %d facts were not sent", unsent.matches, unsent.facts), context.Cause(ctx))
}
