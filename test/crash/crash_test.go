package crash

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/parallax-sec/parallax/test/rig"
)

var (
	rounds = flag.Int("rounds", 5, "how often the program is killed under load; make test-servers does it 100 times")
	seed   = flag.Uint64("seed", 0, "of what happens by chance; 0: another one each time")
)

// keep is where the program under test is built.
var keep string

func TestMain(m *testing.M) {
	flag.Parse()
	dir, err := os.MkdirTemp("", "parallax-crash-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	keep = dir
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// trial is one program that is killed again and again.
type trial struct {
	*rig.Station
	rnd    *rand.Rand
	noise  *rand.ChaCha8
	sender *rig.Sender
	now    *rig.Process    // nil: it does not run
	ready  []time.Duration // from each start to "ready"
}

func newTrial(t *testing.T) *trial {
	t.Helper()
	s := rig.NewStation(t, keep)
	n := *seed
	if n == 0 {
		n = uint64(time.Now().UnixNano())
	}
	t.Logf("-seed=%d", n)
	rnd := rand.New(rand.NewPCG(n, 1))
	var key [32]byte
	key[0] = byte(n)
	return &trial{Station: s, rnd: rnd, noise: rand.NewChaCha8(key), sender: s.Sender(t)}
}

// reorder is how far events are taken out of their order; the program waits longer (30 s by default).
const reorder = 25 * time.Second

// The program is killed at random moments under load, and while it starts and reads again what it has to know. The sender sends
// again what was not acknowledged, as API servers do. At last all of it comes again, in other bodies.
func TestKill(t *testing.T) {
	tr := newTrial(t)
	const perRound = 300
	begin := time.Now().Add(-time.Hour).Truncate(time.Second)
	var log []rig.Event
	for round := range *rounds {
		events := rig.Execs(round*perRound, perRound, begin, 20*time.Millisecond)
		bodies := rig.Mix(tr.rnd, events, 30, reorder)
		if round%20 == 1 {
			events = append(events, tr.large(round, begin)...)
			bodies = slices.Insert(bodies, tr.rnd.IntN(len(bodies)), rig.List(events[perRound:]))
		}
		log = append(log, events...)
		tr.round(t, bodies)
	}
	tr.sendAgain(t, log)
	tr.Check(t, log)
	if alerts := rig.ReadKeys(t, tr.Alerts); len(alerts) != len(log) {
		t.Errorf("%d alerts of %d events, each of which is one", len(alerts), len(log))
	}
	slices.Sort(tr.ready)
	t.Logf("%d rounds, %d starts, ready after %v in the median, %v at most", *rounds, len(tr.ready), tr.ready[len(tr.ready)/2], slices.Max(tr.ready))
}

// large returns events of a body that is stored in several messages.
func (tr *trial) large(round int, begin time.Time) []rig.Event {
	out := make([]rig.Event, 4)
	for i := range out {
		out[i] = rig.Large(4*round+i, begin.Add(time.Duration(4*round+i)*time.Millisecond), 3<<20, tr.noise)
	}
	return out
}

// start starts the program, unless it runs, and waits until it is ready.
func (tr *trial) start(t *testing.T) {
	t.Helper()
	if tr.now != nil {
		return
	}
	began := time.Now()
	tr.now = tr.Start(t).MustBeReady(t)
	tr.ready = append(tr.ready, time.Since(began))
}

// kill kills the program at some moment.
func (tr *trial) kill(most time.Duration) {
	tr.pause(most)
	tr.now.Kill()
	tr.now = nil
}

// stop lets the program end well.
func (tr *trial) stop(t *testing.T) {
	t.Helper()
	tr.now.MustStop(t)
	tr.now = nil
}

// round sends bodies to the program, which is killed meanwhile, and perhaps some times more before it is ready again.
func (tr *trial) round(t *testing.T, bodies [][]byte) {
	t.Helper()
	tr.start(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		tr.sender.SendAll(ctx, t, bodies)
	}()
	tr.kill(100 * time.Millisecond)
	for range 3 {
		if tr.rnd.IntN(3) > 0 {
			break
		}
		tr.now = tr.Start(t)
		tr.kill(500 * time.Millisecond)
	}
	tr.start(t)
	<-sent
	switch {
	case t.Failed():
		t.Fatal(tr.now.Said())
	case tr.rnd.IntN(4) == 0:
		tr.stop(t)
	case tr.rnd.IntN(4) == 0:
		tr.kill(10 * time.Millisecond)
	}
}

// pause lets a random time pass: the moment of a kill is what varies, and nothing waits for it.
func (tr *trial) pause(most time.Duration) { time.Sleep(time.Duration(tr.rnd.Int64N(int64(most)))) }

// sendAgain sends all events once more, in other bodies, and lets the program end well.
func (tr *trial) sendAgain(t *testing.T, log []rig.Event) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	tr.start(t)
	tr.sender.SendAll(ctx, t, rig.Mix(tr.rnd, log, 400, reorder))
	tr.stop(t)
}

// A log that a real API server wrote gives the alerts of a replay, in whatever bodies it comes, and whatever befalls the program.
func TestRecordedLog(t *testing.T) {
	data := os.Getenv("PARALLAX_TEST_DATA")
	if data == "" {
		t.Skip("PARALLAX_TEST_DATA does not say where the recorded audit logs are")
	}
	tr := newTrial(t)
	log := rig.ReadLog(t, filepath.Join(data, "audit", "attacks.log"))
	bodies := rig.Mix(tr.rnd, log, 100, reorder)
	for len(bodies) > 0 {
		n := min(1+tr.rnd.IntN(40), len(bodies))
		tr.round(t, bodies[:n])
		bodies = bodies[n:]
	}
	tr.sendAgain(t, log)
	tr.Check(t, log)
}
