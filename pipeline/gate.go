package pipeline

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/parallax-sec/parallax/event"
)

// step is what is to be stored after a batch.
type step struct {
	to     Checkpoint // where the stream is then
	kind   event.BatchKind
	alerts []*event.Alert
	facts  []event.Fact
	faults []event.Fault
}

func (s *step) empty() bool { return len(s.alerts)+len(s.facts)+len(s.faults) == 0 }

// bytes estimates the memory that s keeps.
func (s *step) bytes() (n int) {
	for _, a := range s.alerts {
		n += sizeOfAlert(a)
	}
	for i := range s.facts {
		n += fixedFactBytes + len(s.facts[i].Data)
	}
	for i := range s.faults {
		n += fixedFactBytes + len(s.faults[i].Data)
	}
	return n
}

// fixedFactBytes is what a fact or fault takes beside its data.
const fixedFactBytes = 512

// ErrBehind says that a follower could not hold back all that the active hub has not stored: it must begin again at the checkpoint.
var ErrBehind = errors.New("more was held back than there is room for")

// behind returns the steps behind a place.
func behind(steps []step, seq uint64) []step {
	for len(steps) > 0 && steps[0].to.Seq <= seq {
		steps = steps[1:]
	}
	return steps
}

// gate lets steps out in their order. Those that are stored already are dropped; those that another hub is about to store are held
// back, until it has or is gone.
type gate struct {
	store    func(context.Context, []step) error // of at least one
	maxBytes int                                 // of what is held back; beyond, the oldest is given up

	mu        sync.Mutex // held while steps are stored; guards what follows
	following bool
	held      []step     // not empty ones, in order
	last      Checkpoint // of the steps that came
	// lost is the last step that was given up.
	lost uint64

	// Changed with mu held, and read from anywhere.
	stored atomic.Uint64 // steps up to here are stored
	bytes  atomic.Int64  // of held
}

// progress may be called while something is stored.
func (g *gate) progress() (stored uint64, heldBytes int) { return g.stored.Load(), int(g.bytes.Load()) }

// pass stores the next steps, of which there must be one, holds them back or drops them.
func (g *gate) pass(ctx context.Context, steps []step) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if steps = behind(steps, g.stored.Load()); len(steps) == 0 {
		return nil
	}
	g.last = steps[len(steps)-1].to
	if !g.following {
		return g.write(ctx, steps)
	}
	for i := range steps {
		g.hold(&steps[i])
	}
	return nil
}

// write stores steps.
func (g *gate) write(ctx context.Context, steps []step) error {
	if err := g.store(ctx, steps); err != nil {
		return err
	}
	g.stored.Store(steps[len(steps)-1].to.Seq)
	return nil
}

func (g *gate) hold(s *step) {
	if s.empty() {
		return
	}
	g.held = append(g.held, *s)
	g.bytes.Add(int64(s.bytes()))
	for g.bytes.Load() > int64(g.maxBytes) {
		g.lost = g.held[0].to.Seq
		g.drop()
	}
}

// drop forgets the oldest step that is held back.
func (g *gate) drop() {
	g.bytes.Add(-int64(g.held[0].bytes()))
	g.held[0] = step{}
	g.held = g.held[1:]
}

// acked takes in that steps up to seq are stored.
func (g *gate) acked(seq uint64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.stored.Store(max(g.stored.Load(), seq))
	for len(g.held) > 0 && g.held[0].to.Seq <= g.stored.Load() {
		g.drop()
	}
}

// promote stores what was held back behind seq, up to which the active hub has stored everything, and lets all later steps out. After an
// error the gate goes on holding back.
func (g *gate) promote(ctx context.Context, seq uint64) error {
	g.acked(seq)
	g.mu.Lock()
	defer g.mu.Unlock()
	if stored := g.stored.Load(); stored < g.lost {
		return fmt.Errorf("%w: %d is stored, and steps up to %d were given up", ErrBehind, stored, g.lost)
	}
	for len(g.held) > 0 {
		if err := g.write(ctx, g.held[:1]); err != nil {
			return err
		}
		g.drop()
	}
	g.following = false
	if g.last.Seq <= g.stored.Load() {
		return nil
	}
	return g.write(ctx, []step{{to: g.last}})
}
