package sinks

import (
	"context"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parallax-sec/parallax/event"
)

// trickle is a queue that gives one alert a minute, and keeps what is not done.
type trickle struct {
	fakeQueue
	alerts []*event.Alert
	next   int
	began  time.Time
	open   map[string]bool
}

func newTrickle(letters string) *trickle {
	return &trickle{alerts: batch(letters), began: time.Now(), open: map[string]bool{}}
}

func (q *trickle) Next(ctx context.Context, _ int) ([]*event.Alert, error) {
	if q.next == len(q.alerts) {
		return nil, io.EOF
	}
	select {
	case <-time.After(time.Until(q.began.Add(time.Duration(q.next) * time.Minute))):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	a := q.alerts[q.next]
	q.next++
	q.open[a.ID] = true
	return []*event.Alert{a}, nil
}

func (q *trickle) Done(_ context.Context, alerts []*event.Alert) error {
	for _, a := range alerts {
		delete(q.open, a.ID)
	}
	return nil
}

// breaking is a sink that breaks down over some alerts, as over all others that are with them.
func breaking(got *[]string, bad func(id string) bool) *fakeSink {
	return &fakeSink{write: func(_ context.Context, ids []string) error {
		if slices.ContainsFunc(ids, bad) {
			return errDown
		}
		*got = append(*got, ids...)
		return nil
	}}
}

// Alerts over which a server breaks down do not keep the others of their batch back.
func TestSuspectsInABatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const letters = "abcdefghijklmnopqrstuvwxyz"
		q := &fakeQueue{batches: [][]*event.Alert{batch(letters)}}
		var got []string
		s := breaking(&got, func(id string) bool { return strings.Contains("amz", id) })
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		d := delivery(t, q, s)
		err := d.Run(ctx)
		if err == nil || !strings.Contains(err.Error(), "with 3 alerts") {
			t.Error(err)
		}
		slices.Sort(got)
		if diff := cmp.Diff("bcdefghijklnopqrstuvwxy", strings.Join(got, "")); diff != "" {
			t.Error(diff)
		}
		if len(q.dead) > 0 {
			t.Errorf("%q: nobody else was taken since", q.dead)
		}
	})
}

// One that comes alone does not keep back those that come later. It is tried for some minutes, then put aside.
func TestSuspectAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newTrickle("abcdefghijklmnopqrstuvwxyz")
		var got []string
		s := breaking(&got, func(id string) bool { return id == "c" })
		d := delivery(t, q, s)
		go func() {
			time.Sleep(5*time.Minute + time.Second)
			if stats := d.Stats(); stats.Suspects != 1 || stats.Created < 3 || stats.Dead != 0 {
				t.Errorf("after 5 minutes: %+v", stats)
			}
		}()
		if err := d.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if want := "abdefghijklmnopqrstuvwxyz"; strings.Join(got, "") != want {
			t.Errorf("got %q", got)
		}
		if stats := d.Stats(); len(q.dead) != 1 || !strings.Contains(q.dead[0], "c: failed 10 times while others were taken: down") || len(q.open) > 0 ||
			stats.Created != 25 || stats.Dead != 1 || stats.Suspects != 0 {
			t.Errorf("%q, %v open, %+v", q.dead, q.open, stats)
		}
	})
}

// What failed for a while and then does not is taken, and no dead letter.
func TestSuspectIsTakenLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newTrickle("abcdefghij")
		var got []string
		mended := time.Now().Add(6 * time.Minute)
		s := breaking(&got, func(id string) bool { return id == "c" && time.Now().Before(mended) })
		d := delivery(t, q, s)
		if err := d.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		slices.Sort(got)
		if strings.Join(got, "") != "abcdefghij" || len(q.dead) > 0 || len(q.open) > 0 || d.Stats().Created != 10 {
			t.Errorf("got %q, dead %q, open %v, %+v", got, q.dead, q.open, d.Stats())
		}
	})
}

// However many there are, a bounded number is held. Nothing is lost of the others.
func TestManySuspects(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q fakeQueue
		for range 400 {
			q.batches = append(q.batches, batch("xgxxgx"))
		}
		var got []string
		s := breaking(&got, func(id string) bool { return id == "x" })
		ctx, cancel := context.WithTimeout(t.Context(), 6*time.Hour)
		defer cancel()
		d := delivery(t, &q, s)
		_ = d.Run(ctx)
		if len(got) != 800 || len(d.suspects) > maxSuspects || len(q.dead) < 1000 {
			t.Errorf("%d of 800 taken, %d suspects, %d dead", len(got), len(d.suspects), len(q.dead))
		}
	})
}

// In an outage nobody is accused.
func TestOutageOfMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q fakeQueue
		for range 3 {
			q.batches = append(q.batches, batch(strings.Repeat("x", 100)))
		}
		var got []string
		up := time.Now().Add(3 * time.Hour)
		s := breaking(&got, func(string) bool { return time.Now().Before(up) })
		d := delivery(t, &q, s)
		if err := d.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if stats := d.Stats(); len(got) != 300 || stats.Created != 300 || len(q.dead) > 0 || stats.Requests > 1000 {
			t.Errorf("%d taken, %d dead, %+v", len(got), len(q.dead), stats)
		}
	})
}

// A server that fails every other time, at random, costs time and hardly an alert.
func TestFlaky(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q fakeQueue
		for range 100 {
			q.batches = append(q.batches, batch(strings.Repeat("x", 50)))
		}
		random := rand.New(rand.NewPCG(1, 2))
		var got []string
		s := &fakeSink{}
		s.write = func(_ context.Context, ids []string) error {
			if random.IntN(2) == 0 {
				return errDown
			}
			got = append(got, ids...)
			return nil
		}
		d := delivery(t, &q, s)
		if err := d.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(got)+len(q.dead) != 5000 || len(q.dead) > 2 {
			t.Errorf("%d taken, %d dead, %+v", len(got), len(q.dead), d.Stats())
		}
	})
}
