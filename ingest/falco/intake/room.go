package intake

import (
	"context"
	"sync"
)

// room bounds how many alerts are being taken in at once: of all senders, and of one, so that one leaves room for others. Who finds none waits.
type room struct {
	max, maxOfOne int

	mu   sync.Mutex
	all  int            // guarded by mu, as all below
	of   map[string]int // by sender; those who have none are not in it
	left chan struct{}  // closed when somebody leaves, and made anew
}

func newRoom(most, mostOfOne int) *room {
	return &room{max: most, maxOfOne: mostOfOne, of: map[string]int{}, left: make(chan struct{})}
}

// enter waits for room until ctx ends. Who gets in leaves.
func (r *room) enter(ctx context.Context, sender string) error {
	for {
		wait := r.tryEnter(sender)
		if wait == nil {
			return nil
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// tryEnter returns nil where there was room, else what is closed when there may be.
func (r *room) tryEnter(sender string) <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.all >= r.max || r.of[sender] >= r.maxOfOne {
		return r.left
	}
	r.all++
	r.of[sender]++
	return nil
}

func (r *room) leave(sender string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all--
	if r.of[sender]--; r.of[sender] == 0 {
		delete(r.of, sender)
	}
	close(r.left)
	r.left = make(chan struct{})
}
