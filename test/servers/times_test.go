//go:build servers

package servers

import (
	"os"
	"slices"
	"testing"
	"time"

	"github.com/parallax-sec/parallax/test/rig"
)

// Times that people wait for: until the program is ready, from an event to its alert in the file, and until it is back after it was
// killed with much to read again. The bounds are far above what an idle machine takes.
func TestTimes(t *testing.T) {
	s := rig.NewStation(t, keep)
	p, first := startTimed(t, s)
	sender := s.Sender(t)
	log := recent(0, 20_100)
	var delays []time.Duration
	for n := range 100 {
		size, began := sizeOf(s.Alerts), time.Now()
		if err := sender.Send(within(t, 10*time.Second), rig.List(log[n:n+1])); err != nil {
			t.Fatal(err)
		}
		for sizeOf(s.Alerts) == size && time.Since(began) < 10*time.Second {
			time.Sleep(200 * time.Microsecond)
		}
		delays = append(delays, time.Since(began))
		time.Sleep(10 * time.Millisecond) // each is one of its own
	}
	slices.Sort(delays)
	sender.SendAll(within(t, 5*time.Minute), t, bodies(log[100:], 400))
	until(t, time.Minute, "all alerts", func() bool { return rig.Count(t, s.Alerts) == len(log) })
	var again []time.Duration
	for range 5 {
		p.Kill()
		var took time.Duration
		p, took = startTimed(t, s)
		again = append(again, took)
	}
	slices.Sort(again)
	t.Logf("ready after %v, with %d events to read again after %v; from POST to the alert in the file %v in the median, 90%% %v", first, len(log), again[2], delays[50], delays[90])
	if first > 10*time.Second || again[2] > 20*time.Second || delays[50] > time.Second {
		t.Error("too long")
	}
	p.MustStop(t)
	s.Check(t, log)
}

// startTimed starts the program and says how long that took until it was ready.
func startTimed(t *testing.T, s *rig.Station) (*rig.Process, time.Duration) {
	t.Helper()
	began := time.Now()
	p := s.Start(t).MustBeReady(t)
	return p, time.Since(began).Round(time.Millisecond)
}

// sizeOf is how long a file is.
func sizeOf(file string) int64 {
	info, err := os.Stat(file)
	if err != nil {
		return 0
	}
	return info.Size()
}
