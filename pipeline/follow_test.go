package pipeline

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// follower is a start of a hub that follows.
func follower() StreamConfig {
	cfg := DefaultStreamConfig()
	cfg.Follow = true
	return cfg
}

func TestFollowerHoldsBack(t *testing.T) {
	w := newWorld(auditLines(1000, "1 a 0"), auditLines(1000, "2 b 0"), auditLines(1000, "bad"), auditLines(1000, "3 c 0"), auditLines(1000, "4 d"))
	p := w.start(follower())
	if _, err := p.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(w.alerts)+len(w.quarantine) != 0 || w.checkpoint.Seq != 0 {
		t.Errorf("a follower stored %q", w.order)
	}
	before := p.Progress()
	p.Acked(1)
	if now := p.Progress(); now.HeldBytes >= before.HeldBytes || now.Stored != 1 || now.Seq != 5 {
		t.Errorf("%+v, then %+v", before, now)
	}
	if err := p.Promote(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"c R0"}, w.order); diff != "" || len(w.quarantine) != 1 {
		t.Errorf("%d quarantined %s", len(w.quarantine), diff)
	}
	if diff := cmp.Diff(Progress{Seq: 5, Stored: 5}, p.Progress()); diff != "" || w.checkpoint.Seq != 5 {
		t.Error(diff)
	}
}

// A follower that is promoted before it has read as far as the active one stores what comes behind that only.
func TestFollowerThatIsSlow(t *testing.T) {
	w := newWorld(auditLines(1000, "1 a 0"), auditLines(1000, "2 b 0"), auditLines(1000, "3 c 0"))
	p := w.start(follower())
	if err := p.Promote(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"c R0"}, w.order); diff != "" || w.checkpoint.Seq != 3 {
		t.Error(diff)
	}
}

// What a follower has no room for is no loss as long as the active one stores it; when it is gone before, the follower says that it
// must begin again.
func TestFollowerWithoutRoom(t *testing.T) {
	w := newWorld()
	for i := range 100 {
		w.append(auditLines(1000, fmt.Sprintf("%d e%d 0", i, i)))
	}
	cfg := follower()
	cfg.MaxHeldBytes = 10 * fixedBytes
	p := w.start(cfg)
	if _, err := p.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if held := p.Progress().HeldBytes; held > cfg.MaxHeldBytes || held < cfg.MaxHeldBytes/2 {
		t.Errorf("%d bytes are held", held)
	}
	if err := p.Promote(t.Context(), 50); !errors.Is(err, ErrBehind) || len(w.alerts) != 0 {
		t.Errorf("%v, %d alerts", err, len(w.alerts))
	}
	p.Acked(97)
	if err := p.Promote(t.Context(), 96); err != nil || len(w.alerts) != 3 {
		t.Errorf("%v, %d alerts", err, len(w.alerts))
	}
}

// A hub is killed anywhere, and another one that followed takes over wherever it is by then; it is killed in turn while it gives out
// what it held. All alerts are stored in the end.
func TestFollowersTakeOver(t *testing.T) {
	want := randomStream(0)
	want.run(t, DefaultStreamConfig())
	for seed := range uint64(30) {
		rnd := rand.New(rand.NewPCG(seed, 5))
		w := randomStream(seed)
		w.keep = func() bool { return rnd.IntN(5) == 0 }
		for hub, dead := w.start(DefaultStreamConfig()), true; dead; {
			next := w.start(follower())
			w.step = killer(rnd, 400)
			_, err := hub.Run(t.Context())
			next.Acked(rnd.Uint64N(w.checkpoint.Seq + 1))
			promoteAt := rnd.Uint64N(uint64(len(w.stream)))
			next.source.before = func(seq uint64) {
				if seq != next.source.w.checkpoint.Seq+promoteAt%50+1 {
					return
				}
				next.Acked(rnd.Uint64N(w.checkpoint.Seq + 1))
				if next.Promote(t.Context(), w.checkpoint.Seq) == nil {
					next.source.before = nil
				}
			}
			dead, hub = err != nil, next
		}
		w.step = nil
		w.run(t, DefaultStreamConfig()) // whoever died last is started again
		if diff := cmp.Diff(want.ids(), w.ids()); diff != "" {
			t.Fatalf("seed %d: %s", seed, diff)
		}
	}
}
