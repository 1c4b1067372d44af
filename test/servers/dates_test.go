//go:build servers

package servers

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/parallax-sec/parallax/test/rig"
)

// Events dated in the past and in the future, by whoever has a wrong clock or wants to do harm, are judged like others, keep no other
// back, and come once, also when all of them come again after the program was killed.
func TestWrongDates(t *testing.T) {
	s := rig.NewStation(t, keep)
	now := time.Now().Truncate(time.Second)
	var log []rig.Event
	for i, at := range []time.Time{
		now, now.Add(time.Hour), now.Add(-time.Hour), now.AddDate(100, 0, 0), now.AddDate(-50, 0, 0), now.Add(-20 * time.Minute),
		time.Unix(0, 0), time.Unix(1, 0), time.Date(2261, 1, 1, 0, 0, 0, 0, time.UTC), now,
		time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), // these two cannot be
	} {
		log = append(log, rig.Execs(100*i, 30, at, time.Millisecond)...)
	}
	want := rig.Replay(t, s.Program, log)
	if cannotBe := 2 * 30; len(want) != len(log)-cannotBe {
		t.Errorf("a replay gives %d alerts of %d events, of which %d cannot be", len(want), len(log), cannotBe)
	}
	sender := s.Sender(t)
	rnd := rand.New(rand.NewPCG(uint64(now.UnixNano()), 0))
	for round := range 3 {
		p := s.Start(t).MustBeReady(t)
		sender.SendAll(within(t, 20*time.Second), t, rig.Mix(rnd, log, 40, 30*time.Second))
		until(t, 10*time.Second, "all alerts", func() bool { return rig.Count(t, s.Alerts) >= len(want) })
		if round == 2 {
			p.MustStop(t)
		} else {
			p.Kill()
		}
	}
	s.Check(t, log)
}
