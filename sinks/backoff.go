package sinks

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// backoff is how long to wait after attempts that came to nothing: between half and all of a time that doubles, so that many
// hubs do not come back at once.
type backoff struct {
	first, most time.Duration
	next        time.Duration // 0: first
}

func (b *backoff) reset() { b.next = 0 }

// after returns how long to wait after err. What the server asked for wins.
func (b *backoff) after(err error) time.Duration {
	d := max(b.next, b.first)
	b.next = min(2*d, b.most)
	if asked := serverDelay(err); asked > 0 {
		return asked
	}
	return d/2 + rand.N(d/2+1)
}

// serverDelay is the longest delay that err asks for, within bounds.
func serverDelay(err error) time.Duration {
	var d time.Duration
	var partial Partial
	if errors.As(err, &partial) {
		for _, err := range partial {
			d = max(d, serverDelay(err))
		}
		return d
	}
	var later *Later
	if errors.As(err, &later) {
		d = later.After
	}
	return min(d, maxServerDelay)
}

// sleep waits for d, and returns early when either context ends.
func sleep(d time.Duration, a, b context.Context) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-a.Done():
	case <-b.Done():
	}
}
