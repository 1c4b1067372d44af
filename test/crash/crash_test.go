// Package crash holds the tests that kill the program while it works: what was acknowledged must be there afterwards, and no alert twice.
package crash

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parallax-sec/parallax/test/rig"
)

var rounds = flag.Int("rounds", 10, "how often the program is killed; make test-servers does it 100 times")

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

// station is a place where the program is started again and again.
type station struct {
	program, address, hook, data, alerts string
}

func newStation(t *testing.T) *station {
	t.Helper()
	dir := t.TempDir()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s := &station{
		program: rig.Program(t, keep), address: l.Addr().String(),
		hook: filepath.Join(dir, "hook"), data: filepath.Join(dir, "state"), alerts: filepath.Join(dir, "alerts.jsonl"),
	}
	rig.Output(t, s.program, "setup", "webhook", "--dir", s.hook, "--url", s.url())
	return s
}

func (s *station) url() string { return "https://" + s.address + "/audit" }

func (s *station) start(t *testing.T) *rig.Process {
	t.Helper()
	return rig.Start(t, s.program, nil, "run", "--webhook-dir", s.hook, "--listen", s.address, "--data", s.data, "--no-sensor",
		"--output", "json", "--out", s.alerts)
}

// The program is killed at random moments under load, also while it starts. The sender sends again what was not acknowledged, as
// API servers do.
func TestKill(t *testing.T) {
	s := newStation(t)
	const batches, size = 20, 20
	begin := time.Now().Add(-time.Hour).Truncate(time.Second)
	rnd := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	t.Logf("%d rounds", *rounds)
	sender := rig.NewSender(t, s.hook, s.url())
	var log strings.Builder
	for round := range *rounds {
		var bodies [][]byte
		for i := range batches {
			events := rig.Execs((round*batches+i)*size, size, begin)
			log.WriteString(strings.Join(events, "\n") + "\n")
			bodies = append(bodies, rig.List(events))
		}
		s.round(t, rnd, sender, bodies)
	}
	last := s.start(t).MustBeReady(t)
	if err := last.Stop(t); err != nil {
		t.Fatalf("%v\n%s", err, last.Said())
	}
	s.check(t, log.String())
}

// round sends bodies to the program, which is killed once meanwhile, and perhaps once more before it is ready again.
func (s *station) round(t *testing.T, rnd *rand.Rand, sender *rig.Sender, bodies [][]byte) {
	t.Helper()
	p := s.start(t).MustBeReady(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var sending sync.WaitGroup
	var failed sync.Map
	for i := range 4 {
		sending.Go(func() {
			for j := i; j < len(bodies); j += 4 {
				if err := sender.Send(ctx, bodies[j]); err != nil {
					failed.Store(j, err)
				}
			}
		})
	}
	time.Sleep(time.Duration(rnd.IntN(200)) * time.Millisecond) // the moment is what varies; nothing waits on it
	p.Kill()
	if rnd.IntN(4) == 0 {
		p = s.start(t)
		time.Sleep(time.Duration(rnd.IntN(300)) * time.Millisecond)
		p.Kill()
	}
	p = s.start(t).MustBeReady(t)
	sending.Wait()
	failed.Range(func(_, err any) bool { t.Fatal(err); return false })
	if rnd.IntN(2) == 0 {
		p.Kill()
	} else if err := p.Stop(t); err != nil {
		t.Fatalf("%v\n%s", err, p.Said())
	}
}

// check compares the alerts that were given out with those of a replay.
func (s *station) check(t *testing.T, log string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "audit.log")
	if err := os.WriteFile(file, []byte(log), 0o600); err != nil {
		t.Fatal(err)
	}
	want := rig.Keys(t, rig.Output(t, s.program, "replay", "--output", "json", file))
	alerts, err := os.ReadFile(s.alerts)
	if err != nil {
		t.Fatal(err)
	}
	if len(want) == 0 {
		t.Fatal("the log gives no alert")
	}
	rig.Same(t, want, rig.Keys(t, alerts))
}
