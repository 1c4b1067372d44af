package sinks

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parallax-sec/parallax/event"
)

// fakeSink is a sink that answers as it is told.
type fakeSink struct {
	write func(ctx context.Context, ids []string) error
	calls []string // the ids of each call, joined
	at    []time.Time
}

func (s *fakeSink) Write(ctx context.Context, alerts []*event.Alert) error {
	ids := idsOf(alerts)
	s.calls = append(s.calls, strings.Join(ids, ""))
	s.at = append(s.at, time.Now())
	return s.write(ctx, ids)
}

func (s *fakeSink) Close() error { return nil }

// fakeQueue is a queue in memory that ends behind its last batch.
type fakeQueue struct {
	batches [][]*event.Alert
	next    int
	done    int
	dead    []string
	wait    bool // behind the last batch, wait for ctx
	errs    []error
}

// fail returns the next error that the queue is to give, once.
func (q *fakeQueue) fail() error {
	if len(q.errs) == 0 {
		return nil
	}
	err := q.errs[0]
	q.errs = q.errs[1:]
	return err
}

func (q *fakeQueue) Next(ctx context.Context, most int) ([]*event.Alert, error) {
	if err := q.fail(); err != nil {
		return nil, err
	}
	if q.next == len(q.batches) {
		if q.wait {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return nil, io.EOF
	}
	q.next++
	return q.batches[q.next-1], nil
}

func (q *fakeQueue) Done(context.Context, []*event.Alert) error {
	if err := q.fail(); err != nil {
		return err
	}
	q.done++
	return nil
}

func (q *fakeQueue) Dead(_ context.Context, a *event.Alert, reason error) error {
	if err := q.fail(); err != nil {
		return err
	}
	q.dead = append(q.dead, a.ID+": "+reason.Error())
	return nil
}

func idsOf(alerts []*event.Alert) []string {
	var out []string
	for _, a := range alerts {
		out = append(out, a.ID)
	}
	return out
}

// batch returns alerts whose ids are the letters.
func batch(letters string) []*event.Alert {
	var out []*event.Alert
	for _, c := range letters {
		out = append(out, &event.Alert{ID: string(c)})
	}
	return out
}

func delivery(t *testing.T, q Queue, s Sink) *Delivery {
	t.Helper()
	d, err := NewDelivery(DefaultConfig(), q, s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

var errDown = errors.New("down")

func TestDeliverTakesAll(t *testing.T) {
	q := &fakeQueue{batches: [][]*event.Alert{batch("abc"), batch("d")}}
	s := &fakeSink{write: func(context.Context, []string) error { return nil }}
	if err := Deliver(t.Context(), DefaultConfig(), q, s); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"abc", "d"}, s.calls); diff != "" || q.done != 2 {
		t.Errorf("%d done, calls:\n%s", q.done, diff)
	}
}

// An outage costs time and no alert; the waits double and end at the maximum.
func TestOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &fakeQueue{batches: [][]*event.Alert{batch("a")}}
		up := time.Now().Add(6 * time.Hour)
		s := &fakeSink{write: func(context.Context, []string) error {
			if time.Now().Before(up) {
				return errDown
			}
			return nil
		}}
		d := delivery(t, q, s)
		go func() {
			time.Sleep(time.Hour)
			if got := d.Stats(); got.FailingSince.IsZero() || got.LastError != "down" {
				t.Errorf("in the outage: %+v", got)
			}
		}()
		if err := d.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		cfg := DefaultConfig()
		for i, wait := 1, cfg.Backoff; i < len(s.at); i, wait = i+1, min(2*wait, cfg.MaxBackoff) {
			if got := s.at[i].Sub(s.at[i-1]); got < wait/2 || got > wait {
				t.Fatalf("wait %d is %v, want %v to %v", i, got, wait/2, wait)
			}
		}
		got := d.Stats()
		if got.Created != 1 || !got.FailingSince.IsZero() || got.Requests != uint64(len(s.at)) || got.Retried != got.Requests-1 {
			t.Errorf("%+v", got)
		}
	})
}

func TestServersDelayWins(t *testing.T) {
	f := func(err error, want time.Duration) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) {
			q := &fakeQueue{batches: [][]*event.Alert{batch("ab")}}
			s := &fakeSink{}
			s.write = func(context.Context, []string) error {
				if len(s.at) == 1 {
					return err
				}
				return nil
			}
			if err := delivery(t, q, s).Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			if got := s.at[1].Sub(s.at[0]); got != want {
				t.Errorf("waited %v, want %v", got, want)
			}
		})
	}
	f(&Later{Err: errDown, After: 7 * time.Second}, 7*time.Second)
	f(Partial{&Later{errDown, time.Second}, &Later{errDown, 3 * time.Second}}, 3*time.Second)
	f(fmt.Errorf("wrapped: %w", &Later{errDown, time.Millisecond}), time.Millisecond)
	f(&Later{Err: errDown, After: 10_000 * time.Hour}, maxServerDelay)
}

func TestPartial(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &fakeQueue{batches: [][]*event.Alert{batch("abcde")}}
		s := &fakeSink{}
		s.write = func(_ context.Context, ids []string) error {
			if len(s.calls) > 1 {
				return nil
			}
			return Partial{nil, errDown, &Refused{Err: errors.New("bad")}, nil, errDown}
		}
		d := delivery(t, q, s)
		if err := d.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"abcde", "be"}, s.calls); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"c: bad"}, q.dead); diff != "" {
			t.Error(diff)
		}
		if got := d.Stats(); got.Created != 4 || got.Dead != 1 || got.Retried != 2 {
			t.Errorf("%+v", got)
		}
	})
}

func TestWrongNumberOfAnswersIsAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &fakeQueue{batches: [][]*event.Alert{batch("abc")}}
		s := &fakeSink{}
		s.write = func(context.Context, []string) error {
			if len(s.calls) > 1 {
				return nil
			}
			return Partial{nil, errDown}
		}
		d := delivery(t, q, s)
		if err := d.Run(t.Context()); err != nil || d.Stats().Created != 3 || d.Stats().Retried != 3 {
			t.Errorf("%v, %q, %+v", err, s.calls, d.Stats())
		}
	})
}

// A batch that is refused is halved until the bad alert stands alone. The others arrive, in their order, without waiting.
func TestPoisonIsIsolated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const letters = "abcdefghijklmnopqrstuvwxyz"
		q := &fakeQueue{batches: [][]*event.Alert{batch(letters)}}
		var got []string
		s := &fakeSink{write: func(_ context.Context, ids []string) error {
			if slices.Contains(ids, "k") || slices.Contains(ids, "z") {
				return &Refused{Err: errors.New("poison")}
			}
			got = append(got, ids...)
			return nil
		}}
		began := time.Now()
		if err := delivery(t, q, s).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		want := strings.ReplaceAll(strings.TrimSuffix(letters, "z"), "k", "")
		if strings.Join(got, "") != want || time.Since(began) != 0 || len(s.calls) > 25 {
			t.Errorf("got %q in %v with %d attempts", got, time.Since(began), len(s.calls))
		}
		if diff := cmp.Diff([]string{"k: poison", "z: poison"}, q.dead); diff != "" {
			t.Error(diff)
		}
	})
}

// What a server takes at once is learned, and not asked for anew with every batch.
func TestTooLargeIsLearned(t *testing.T) {
	q := &fakeQueue{}
	for range 10 {
		q.batches = append(q.batches, batch(strings.Repeat("x", 100)))
	}
	refused := 0
	s := &fakeSink{write: func(_ context.Context, ids []string) error {
		if len(ids) > 30 {
			refused++
			return &Refused{Err: errors.New("too large"), TooLarge: true}
		}
		return nil
	}}
	d := delivery(t, q, s)
	if err := d.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := d.Stats(); got.Created != 1000 || got.Dead != 0 || refused > 8 {
		t.Errorf("%d refused, %+v", refused, got)
	}
}

func TestTooLargeAlone(t *testing.T) {
	q := &fakeQueue{batches: [][]*event.Alert{batch("a")}}
	s := &fakeSink{write: func(context.Context, []string) error { return &Refused{Err: errors.New("too large"), TooLarge: true} }}
	if err := delivery(t, q, s).Run(t.Context()); err != nil || !slices.Equal(q.dead, []string{"a: too large"}) {
		t.Errorf("%v, %q", err, q.dead)
	}
}

// Errors of the queue are waited out like those of the sink: an alert is not let go of before it is put aside.
func TestQueueFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lost := errors.New("lost the bus")
		q := &fakeQueue{batches: [][]*event.Alert{batch("ab")}, errs: []error{lost, lost, nil, lost, lost, nil, nil, lost}}
		s := &fakeSink{write: func(_ context.Context, ids []string) error {
			return append(Partial{&Refused{Err: errors.New("bad")}}, make(Partial, len(ids)-1)...)
		}}
		d := delivery(t, q, s)
		if err := d.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"ab", "a", "a"}, s.calls); diff != "" || q.done != 1 || len(q.dead) != 1 {
			t.Errorf("%d done, %q dead, calls:\n%s", q.done, q.dead, diff)
		}
	})
}

// knowing is a sink that has seen everything before.
type knowing struct{ n uint64 }

func (k *knowing) Write(_ context.Context, alerts []*event.Alert) error {
	k.n += uint64(len(alerts))
	if k.n == 3 {
		return errDown
	}
	return nil
}
func (*knowing) Close() error         { return nil }
func (k *knowing) Duplicates() uint64 { return k.n }

func TestDuplicatesAreCountedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := delivery(t, &fakeQueue{batches: [][]*event.Alert{batch("abc")}}, &knowing{})
		if err := d.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := d.Stats(); got.Created != 0 || got.Duplicate != 3 {
			t.Errorf("%+v", got)
		}
	})
}

func TestMinSeverity(t *testing.T) {
	alerts := batch("abcd")
	for i, severity := range []int{event.SeverityHigh, 0, event.SeverityMedium, event.SeverityCritical} {
		alerts[i].Severity = severity
	}
	q := &fakeQueue{batches: [][]*event.Alert{alerts, batch("x")}}
	s := &fakeSink{write: func(context.Context, []string) error { return nil }}
	cfg := DefaultConfig()
	cfg.MinSeverity = event.SeverityHigh
	if err := Deliver(t.Context(), cfg, q, s); err != nil || q.done != 2 {
		t.Errorf("%v, %d done", err, q.done)
	}
	if diff := cmp.Diff([]string{"ad"}, s.calls); diff != "" {
		t.Error(diff)
	}
}

func TestStopWhenIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := Deliver(ctx, DefaultConfig(), &fakeQueue{wait: true}, &fakeSink{}); err != nil {
			t.Error(err)
		}
	})
}

// What is under way when the delivery is told to stop is given its time.
func TestStopDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &fakeQueue{batches: [][]*event.Alert{batch("ab"), batch("c")}}
		s := &fakeSink{write: func(ctx context.Context, _ []string) error {
			select {
			case <-time.After(4 * time.Second):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		q.wait = true
		d := delivery(t, q, s)
		q.batches = q.batches[:1]
		if err := d.Run(ctx); err != nil || d.Stats().Created != 2 || q.done != 1 {
			t.Errorf("%v, %+v", err, d.Stats())
		}
	})
}

// A sink that hangs is left behind after the drain, one that is down at once; either way the alerts stay in the queue.
func TestStopGivesUp(t *testing.T) {
	f := func(want time.Duration, write func(context.Context, []string) error) {
		t.Helper()
		synctest.Test(t, func(t *testing.T) {
			q := &fakeQueue{batches: [][]*event.Alert{batch("ab")}}
			s := &fakeSink{write: write}
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			began := time.Now()
			err := delivery(t, q, s).Run(ctx)
			if err == nil || !strings.Contains(err.Error(), "2 alerts") || q.done != 0 {
				t.Errorf("%v, %d done", err, q.done)
			}
			if got := time.Since(began); got != want {
				t.Errorf("ended after %v, want %v", got, want)
			}
		})
	}
	f(15*time.Second, func(ctx context.Context, _ []string) error { <-ctx.Done(); return ctx.Err() })
	f(10*time.Second, func(context.Context, []string) error { return errDown })
}

func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &fakeQueue{batches: [][]*event.Alert{batch("ab")}}
		s := &fakeSink{}
		s.write = func(ctx context.Context, _ []string) error {
			if len(s.calls) > 1 {
				return nil
			}
			<-ctx.Done()
			return ctx.Err()
		}
		d := delivery(t, q, s)
		if err := d.Run(t.Context()); err != nil || d.Stats().Created != 2 {
			t.Errorf("%v, %+v", err, d.Stats())
		}
	})
}

func TestConfig(t *testing.T) {
	f := func(want string, change func(*Config)) {
		t.Helper()
		cfg := DefaultConfig()
		change(&cfg)
		if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	f("batch", func(c *Config) { c.Batch = 0 })
	f("batch", func(c *Config) { c.Batch = maxBatch + 1 })
	f("timeout", func(c *Config) { c.Timeout = 0 })
	f("backoff", func(c *Config) { c.Backoff = 2 * c.MaxBackoff })
	f("drain", func(c *Config) { c.Drain = -1 })
}
