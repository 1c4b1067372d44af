package bpf

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// How the reader waits. On an idle machine it sleeps until the kernel wakes it, which it does for the first record of an empty ring.
// From then on it looks again each batchPause, without being woken for each record, until there is nothing. Records that the
// programs hold urgent wake it even so, but not more often than each urgentPause.
const (
	batchPause  = 10 * time.Millisecond
	urgentPause = time.Millisecond
	// behindBytes waiting after a drain: there is so much to do that no pause is due.
	behindBytes = 64 << 10
)

// reader reads both rings. One goroutine reads; wake may be called by others.
type reader struct {
	rare, bulk  *ring
	idle, batch *waiter // woken by both rings; by the rare one only
	bell        bell
	batching    bool // the last drain found something, or left something
}

// newReader reads the rings behind these map file descriptors.
func newReader(rareFD int, rareBytes uint32, bulkFD int, bulkBytes uint32) (_ *reader, err error) {
	bell, err := newBell()
	if err != nil {
		return nil, err
	}
	r := &reader{bell: bell}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.close())
		}
	}()
	if r.idle, err = newWaiter(r.bell.fd, rareFD, bulkFD); err != nil {
		return nil, err
	}
	if r.batch, err = newWaiter(r.bell.fd, rareFD); err != nil {
		return nil, err
	}
	if r.rare, err = newRing(rareFD, rareBytes); err != nil {
		return nil, err
	}
	r.bulk, err = newRing(bulkFD, bulkBytes)
	return r, err
}

// read is Sensor.Read, but that whoever ends ctx must ring the bell.
func (r *reader) read(ctx context.Context, wait time.Duration, fn func(record []byte)) (n int, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	deadline := time.Now().Add(wait)
	for {
		if err := r.sleep(time.Until(deadline)); err != nil {
			return 0, err
		}
		n, err := r.drain(fn)
		if err == nil {
			err = ctx.Err()
		}
		if r.bell.rang() || n > 0 || err != nil || !time.Now().Before(deadline) {
			return n, err
		}
	}
}

// sleep waits until it is worth looking into the rings, at most for d.
func (r *reader) sleep(d time.Duration) error {
	switch {
	case !r.batching:
		return r.idle.wait(d)
	case r.rare.waiting()+r.bulk.waiting() >= behindBytes:
		return nil
	}
	time.Sleep(min(d, urgentPause))
	return r.batch.wait(min(d, batchPause) - urgentPause)
}

// drain hands out what is in the rings now.
func (r *reader) drain(fn func(record []byte)) (int, error) {
	now, err := bootTime()
	if err != nil {
		return 0, err
	}
	n := drain(r.rare, r.bulk, now, fn)
	r.batching = n > 0 || r.rare.waiting() > 0 || r.bulk.waiting() > 0
	return n, nil
}

func (r *reader) close() error {
	var errs []error
	if r.rare != nil {
		errs = append(errs, r.rare.close())
	}
	if r.bulk != nil {
		errs = append(errs, r.bulk.close())
	}
	for _, w := range []*waiter{r.idle, r.batch} {
		if w != nil {
			errs = append(errs, w.close())
		}
	}
	return errors.Join(append(errs, r.bell.close())...)
}

// bootTime returns the kernel's time since boot, in nanoseconds, sleep included: the clock of records.
func bootTime() (uint64, error) {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &t); err != nil {
		return 0, fmt.Errorf("read the boot time: %w", err)
	}
	return uint64(t.Nano()), nil
}
