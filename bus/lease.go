package bus

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// leaseTimes says how often the holder writes the lease (renew), for how long it is held after it was last written (hold), and how
// long it must not have changed until another one takes it (take). The last two are measured on each one's own monotonic clock, from before the
// write and from after the read: so the holder has stopped when another one begins.
type leaseTimes struct{ renew, hold, take time.Duration }

func defaultLeaseTimes() leaseTimes {
	return leaseTimes{2 * time.Second, 8 * time.Second, 10 * time.Second}
}

const leaseKey = "leader"

// Lease says which hub of a cluster is the active one. It is used once: it is waited for, held, lost. Use Bus.Lease.
type Lease struct {
	bus      *Bus
	times    leaseTimes
	self     leaseValue
	revision uint64 // of what we have written; used by Run only

	mu       sync.Mutex
	until    time.Time // held until then, or until it is written again; guarded by mu
	acquired chan struct{}
	done     chan struct{}
}

// leaseValue is what is written.
type leaseValue struct {
	Holder   string `json:"holder"`   // its name; empty: given back
	Instance string `json:"instance"` // tells apart processes of one name
	Term     uint64 `json:"term"`     // counts the holders
}

// Lease returns a lease that holder wants.
func (b *Bus) Lease(holder string) *Lease {
	return &Lease{
		bus: b, times: defaultLeaseTimes(), self: leaseValue{Holder: holder, Instance: rand.Text()},
		acquired: make(chan struct{}), done: make(chan struct{}),
	}
}

// Run waits until the lease can be had, and renews it until ctx ends: then it gives it back and returns nil. It returns ErrFenced
// when it was lost: another one has taken it, or it could not be renewed in time.
func (l *Lease) Run(ctx context.Context) error {
	defer close(l.done)
	if err := l.take(ctx); err != nil {
		return ended(ctx, err)
	}
	close(l.acquired)
	err := l.renew(ctx)
	l.set(time.Time{})
	if ctx.Err() != nil && !errors.Is(err, ErrFenced) {
		return l.giveBack(context.WithoutCancel(ctx))
	}
	return err
}

// Acquired is closed when the lease is had for the first time.
func (l *Lease) Acquired() <-chan struct{} { return l.acquired }

// Done is closed when Run ends: the lease was lost or given back, or never had.
func (l *Lease) Done() <-chan struct{} { return l.done }

// Held says whether the lease is held at this moment. Whoever gives something out asks right before.
func (l *Lease) Held() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Now().Before(l.until)
}

func (l *Lease) set(until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.until = until
}

// take waits until the lease is free, given back, or has not changed for long enough.
func (l *Lease) take(ctx context.Context) error {
	var seen leaseState
	var since time.Time
	for {
		now, err := l.read(ctx)
		switch {
		case err != nil:
			l.bus.log.Debug("the lease cannot be read", "error", err)
		case since.IsZero() || now.revision != seen.revision:
			seen, since = now, time.Now()
		}
		if err == nil && (seen.Holder == "" || time.Since(since) >= l.times.take) {
			if err := l.write(ctx, l.self.after(seen.leaseValue), seen.revision); err == nil {
				return nil
			}
			since = time.Time{} // somebody was faster, or it is not known
		}
		if err := sleep(ctx, l.times.renew); err != nil {
			return err
		}
	}
}

// after returns the value with which v follows another holder.
func (v leaseValue) after(before leaseValue) leaseValue {
	v.Term = before.Term + 1
	return v
}

// leaseState is what is stored; revision 0 is nothing.
type leaseState struct {
	leaseValue
	revision uint64
}

func (l *Lease) read(ctx context.Context) (s leaseState, err error) {
	ctx, cancel := context.WithTimeout(ctx, l.times.renew)
	defer cancel()
	e, err := l.bus.meta.Get(ctx, leaseKey)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return s, nil
	} else if err != nil {
		return s, storeError(err)
	}
	s.revision = e.Revision()
	if json.Unmarshal(e.Value(), &s.leaseValue) != nil {
		s.Holder = "?" // of another version: it is taken like any other
	}
	return s, nil
}

// write writes the lease over a known revision; when it succeeds, the lease is held from before.
func (l *Lease) write(ctx context.Context, v leaseValue, revision uint64) error {
	before := time.Now()
	ctx, cancel := context.WithTimeout(ctx, l.times.renew)
	defer cancel()
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode the lease: %w", err)
	}
	l.revision, err = l.bus.swap(ctx, l.bus.meta, leaseKey, data, revision, v.isIn)
	if err != nil {
		return err
	}
	l.self = v
	l.set(before.Add(l.times.hold))
	return nil
}

// isIn says whether what is stored was written by the same holder: an answer was lost.
func (v leaseValue) isIn(stored []byte) bool {
	var s leaseValue
	return json.Unmarshal(stored, &s) == nil && s.Instance == v.Instance
}

// renew writes the lease again and again, until it cannot in time.
func (l *Lease) renew(ctx context.Context) error {
	for {
		if err := sleep(ctx, l.times.renew); err != nil {
			return err
		}
		err := l.write(ctx, l.self, l.revision)
		switch {
		case err == nil:
		case errors.Is(err, ErrFenced):
			return fmt.Errorf("renew the lease: %w", err)
		case !l.Held():
			return fmt.Errorf("renew the lease: %w: %w", ErrFenced, err)
		}
	}
}

// giveBack lets another one take the lease at once.
func (l *Lease) giveBack(ctx context.Context) error {
	if err := l.write(ctx, leaseValue{Instance: l.self.Instance, Term: l.self.Term}, l.revision); err != nil {
		return fmt.Errorf("give back the lease: %w", err)
	}
	l.set(time.Time{})
	return nil
}

// ended returns nil for the end of ctx, which was asked for.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}
