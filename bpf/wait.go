package bpf

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// waiter sleeps until one of several files has something to read.
type waiter struct{ epoll int }

// newWaiter returns a waiter for the bell and these rings. A ring counts when the kernel wakes its readers, not as long as it holds
// something (edge-triggered): the reader knows itself what it has left there.
func newWaiter(bell int, rings ...int) (*waiter, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("make epoll: %w", err)
	}
	w := &waiter{fd}
	err = w.add(bell, unix.EPOLLIN)
	for _, r := range rings {
		err = errors.Join(err, w.add(r, unix.EPOLLIN|unix.EPOLLET))
	}
	if err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}

func (w *waiter) add(fd int, events uint32) error {
	err := unix.EpollCtl(w.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: events, Fd: int32(fd)})
	if err != nil {
		return fmt.Errorf("add to epoll: %w", err)
	}
	return nil
}

// wait sleeps for at most d.
func (w *waiter) wait(d time.Duration) error {
	deadline := time.Now().Add(d)
	for {
		var events [4]unix.EpollEvent
		_, err := unix.EpollWait(w.epoll, events[:], milliseconds(time.Until(deadline)))
		switch {
		case err == nil:
			return nil
		case !errors.Is(err, unix.EINTR):
			return fmt.Errorf("wait for records: %w", err)
		}
	}
}

// milliseconds rounds up, so that nobody turns in circles during the last one.
func milliseconds(d time.Duration) int {
	return int(max(0, min(d+time.Millisecond-1, time.Hour)) / time.Millisecond)
}

func (w *waiter) close() error { return unix.Close(w.epoll) }

// bell ends waits from another goroutine.
type bell struct{ fd int }

func newBell() (bell, error) {
	fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return bell{}, fmt.Errorf("make eventfd: %w", err)
	}
	return bell{fd}, nil
}

// ring makes the present wait end, or where there is none, the next. It has no effect when the bell rings already.
func (b bell) ring() {
	_, _ = unix.Write(b.fd, binary.NativeEndian.AppendUint64(nil, 1)) // EAGAIN: it rings
}

// rang tells whether the bell rang, and makes it silent.
func (b bell) rang() bool {
	var count [8]byte
	n, _ := unix.Read(b.fd, count[:])
	return n == len(count)
}

func (b bell) close() error { return unix.Close(b.fd) }
