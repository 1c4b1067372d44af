package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parallax-sec/parallax/event"
)

// hub takes the batches of a shipper.
type hub struct {
	t     *testing.T
	mu    sync.Mutex // tests look while the shipper rests
	err   error      // what it answers
	until time.Time  // when it no longer does; zero: never
	heads []event.Head
	sizes []int // matches of each batch
	ids   []string
	node  event.NodeState // as it was told last
	tolds int
	times []time.Time
}

// answer makes h answer with an error, or take what comes.
func (h *hub) answer(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.err, h.until = err, time.Time{}
}

// answerUntil makes h take what comes after a while.
func (h *hub) answerUntil(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.until = time.Now().Add(d)
}

func (h *hub) Publish(_ context.Context, data []byte) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.err != nil && (h.until.IsZero() || time.Now().Before(h.until)) {
		return h.err
	}
	head, matches, facts, err := event.ParseMatches(data)
	if err != nil {
		h.t.Error(err)
	}
	h.heads, h.sizes, h.times = append(h.heads, head), append(h.sizes, len(matches)), append(h.times, time.Now())
	for _, m := range matches {
		h.ids = append(h.ids, m.Details.EventID)
	}
	for _, f := range facts {
		if f.Kind == event.FactNode {
			h.tolds++
			h.node = event.NodeState{}
			if err := json.Unmarshal(f.Data, &h.node); err != nil {
				h.t.Error(err)
			}
		}
	}
	return nil
}

// shipping runs a shipper that has begun, in a bubble of time, and returns how to stop it.
func shipping(t *testing.T, cfg ShipConfig) (*Shipper, *hub, func() error) {
	h := &hub{t: t}
	s := NewShipper(cfg, h)
	s.Begin("n", "b", 7)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- s.Run(ctx) }()
	after(time.Second) // the first batch tells of the node
	return s, h, func() error {
		cancel()
		return <-done
	}
}

// after waits until everything has been done that is to be done within d.
func after(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func ship(s *Shipper, ids ...string) {
	for _, id := range ids {
		s.Match(&event.Match{Rule: &event.Rule{ID: "K"}, Details: &event.Details{EventID: id}}, false)
	}
}

func TestShipperBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, h, stop := shipping(t, DefaultShipConfig())
		began := time.Now()
		ship(s, "a", "b")
		s.Reached(5)
		after(20 * time.Millisecond)
		ship(s, "c")
		s.Reached(4)
		after(time.Second)
		for i := range 300 {
			ship(s, fmt.Sprint(i))
		}
		if err := stop(); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]int{0, 3, 256, 44}, h.sizes); diff != "" {
			t.Error(diff)
		}
		if waited := h.times[1].Sub(began); waited != 50*time.Millisecond {
			t.Errorf("a match waited %s", waited)
		}
		want := event.Head{Node: "n", BootID: "b", Epoch: 7, Seq: 2, NewestNs: 5}
		if diff := cmp.Diff(want, h.heads[1]); diff != "" || h.heads[3].Seq != 4 {
			t.Error(diff, h.heads)
		}
		if got := s.Stats(); got.Matches != 303 || got.Batches != 4 || got.LostMatches != 0 {
			t.Errorf("%+v", got)
		}
	})
}

// Large matches make small batches.
func TestShipperBatchesAreBoundedInBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, h, stop := shipping(t, DefaultShipConfig())
		for range 100 {
			ship(s, strings.Repeat("x", 10))
			s.Match(&event.Match{Rule: &event.Rule{ID: "K"}, Details: &event.Details{EventID: "l", User: strings.Repeat("x", 100_000)}}, false)
		}
		if err := stop(); err != nil || len(h.ids) != 200 || len(h.sizes) < 100/6 {
			t.Errorf("%v: %v", err, h.sizes)
		}
	})
}

// A node without matches says that it lives.
func TestShipperBeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := DefaultShipConfig()
		cfg.State = func() event.NodeState { return event.NodeState{Records: 9, Lost: map[string]uint64{"bulk_full": 2}} }
		_, h, stop := shipping(t, cfg)
		after(time.Minute)
		if h.tolds != 1+6 || h.node.Records != 9 || h.node.Lost["bulk_full"] != 2 {
			t.Errorf("told %d times: %+v", h.tolds, h.node)
		}
		if err := stop(); err != nil || h.tolds != 8 {
			t.Errorf("%v, told %d times", err, h.tolds)
		}
	})
}

// While the bus is away, what happens waits in order, as far as there is room, and what was given up is told first thing.
func TestShipperWhileTheBusIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg, failures := DefaultShipConfig(), 0
		cfg.OutboxBytes = 20_000
		cfg.Failed = func(error) { failures++ }
		s, h, stop := shipping(t, cfg)
		h.answer(errors.New("away"))
		const n = 100 * 256
		for i := range n {
			ship(s, fmt.Sprintf("%05d", i))
		}
		after(time.Minute)
		if st := s.Stats(); st.WaitingBytes > cfg.OutboxBytes || st.LostMatches == 0 || st.Failures == 0 || failures != int(st.Failures) {
			t.Errorf("%+v", st)
		}
		h.answer(nil)
		after(time.Minute)
		st := s.Stats()
		if uint64(len(h.ids))+st.LostMatches != n || h.ids[len(h.ids)-1] != fmt.Sprintf("%05d", n-1) {
			t.Errorf("%d came, %d were given up", len(h.ids), st.LostMatches)
		}
		for i := 1; i < len(h.ids); i++ {
			if h.ids[i] <= h.ids[i-1] {
				t.Fatalf("%s came after %s", h.ids[i], h.ids[i-1])
			}
		}
		if h.node.Lost["outbox_full"] != st.LostMatches {
			t.Errorf("%+v, %+v", h.node, st)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

// What the hub never takes is given up, told, and holds up nothing.
func TestShipperIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := DefaultShipConfig()
		cfg.Permanent = func(error) bool { return true }
		s, h, stop := shipping(t, cfg)
		h.answer(errors.New("refused"))
		ship(s, "a")
		s.Fact(event.Fact{Kind: event.FactContainer, Key: "n/c"})
		after(time.Second)
		h.answer(nil)
		ship(s, "b")
		after(time.Second)
		if diff := cmp.Diff([]string{"b"}, h.ids); diff != "" || h.node.Lost["refused"] != 1 || h.node.Lost["refused_facts"] != s.Stats().LostFacts || s.Stats().LostFacts == 0 {
			t.Errorf("%+v %s", h.node, diff)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

// At the end what waits is sent, as long as that may take.
func TestShipperDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, h, stop := shipping(t, DefaultShipConfig())
		h.answer(errors.New("away"))
		ship(s, "a")
		after(time.Second)
		h.answerUntil(2 * time.Second)
		if err := stop(); err != nil || len(h.ids) != 1 {
			t.Errorf("%v, %q", err, h.ids)
		}

		s, h, stop = shipping(t, DefaultShipConfig())
		h.answer(errors.New("away"))
		ship(s, "a", "b")
		began := time.Now()
		if err := stop(); err == nil || !strings.Contains(err.Error(), "2 matches and 1 facts were not sent") {
			t.Errorf("%v", err)
		}
		if took := time.Since(began); took > 6*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

// Facts go with the next batch; there may be more of them than one has room for.
func TestShipperFacts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, h, stop := shipping(t, DefaultShipConfig())
		for i := range 600 {
			s.Fact(event.Fact{Kind: event.FactContainer, Key: fmt.Sprint("n/", i), Data: []byte("{}")})
		}
		if err := stop(); err != nil || s.Stats().Facts != 600+2 || len(h.sizes) != 1+3 {
			t.Errorf("%v, %+v, %d batches", err, s.Stats(), len(h.sizes))
		}
	})
}

// Nobody could tell whose matches they are that come before the sensor has begun.
func TestShipperBeforeItBegins(t *testing.T) {
	s := NewShipper(DefaultShipConfig(), &hub{t: t})
	ship(s, "a")
	s.Fact(event.Fact{})
	if st := s.Stats(); st.LostMatches != 1 || st.LostFacts != 1 {
		t.Errorf("%+v", st)
	}
}

// readDecoder says that its input has been read up to a second after its last event.
type readDecoder struct {
	countingDecoder
	newestNs int64
}

func (d *readDecoder) Decode(b *event.Batch, yield func(event.Event), fault func(event.Fault)) {
	d.countingDecoder.Decode(b, func(e event.Event) {
		d.newestNs = max(d.newestNs, e.TimeNs())
		yield(e)
	}, fault)
}

func (d *readDecoder) ReadToNs() int64 { return d.newestNs + second }

// A shipper stands in the place of a detector: what the rules of a node find goes out.
func TestShipperInAPipeline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, h, stop := shipping(t, DefaultShipConfig())
		cfg := DefaultConfig()
		cfg.Live = true
		lane, plain := inOrderLane(batch(1, 0, "2 b 0", "1 a 0"), batch(2, 0, "9 c")), []string(nil)
		lane.Worker = func() Worker { return Judged(&readDecoder{}, EveryEvent(fakeJudge{})) }
		_, err := New(cfg, Parts{Lanes: []Lane{lane}, Detector: s, Sink: collectLines(&plain), Reached: s.Reached}).Run(t.Context())
		if err = errors.Join(err, stop()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"1 a#1 ", "2 b#0 ", "9 c#2 "}, plain); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"a#1", "b#0"}, h.ids); diff != "" || h.heads[len(h.heads)-1].NewestNs != 10*second {
			t.Error(diff, h.heads)
		}
	})
}
