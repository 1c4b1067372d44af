package sinktest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/sinks"
)

// failing waits until the delivery has failed a few times.
func failing(t *testing.T, failed func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !failed(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("nothing fails")
		}
	}
}

// An outage costs time and no alert.
func testDown(t *testing.T, r *Rig) {
	alerts := Alerts(120)
	s := open(t, r)
	deliver(t, NewQueue(alerts[:20]), s)
	r.outage(t, func(mend func()) {
		q := NewQueue(alerts[20:])
		d, wait := start(t, q, s)
		failing(t, func() bool {
			return d.Stats().Retried > 100 && !d.Stats().FailingSince.IsZero() && d.Stats().LastError != ""
		})
		mend()
		wait()
		if stats := d.Stats(); stats.Created+stats.Duplicate != 100 || stats.Dead+uint64(len(q.dead)) != 0 || !stats.FailingSince.IsZero() {
			t.Errorf("%+v", stats)
		}
	})
	r.allArrived(t, alerts)
}

// outage runs f while there is nothing behind the sink.
func (r *Rig) outage(t *testing.T, f func(mend func())) {
	t.Helper()
	mended := false
	mend := r.Down()
	once := func() {
		if !mended {
			mended = true
			mend()
		}
	}
	defer once()
	f(once)
}

// A sink that can be opened without its server says at the first Write that there is none.
func testDownAtStart(t *testing.T, r *Rig) {
	alerts := Alerts(20)
	r.outage(t, func(mend func()) {
		if r.Hang == nil { // files are opened at the start
			mend()
		}
		s := open(t, r)
		d, wait := start(t, NewQueue(alerts), s)
		if r.Hang != nil {
			failing(t, func() bool { return d.Stats().Retried > 0 })
		}
		mend()
		wait()
	})
	r.allArrived(t, alerts)
}

func testFlaky(t *testing.T, r *Rig) {
	alerts := Alerts(200)
	s := open(t, r)
	q := NewQueue(alerts)
	mend := r.Flaky()
	d, wait := start(t, q, s)
	failing(t, func() bool { return d.Stats().Retried > 0 })
	mend()
	wait()
	if stats := d.Stats(); stats.Created+stats.Duplicate != 200 || stats.Dead != 0 || stats.Retried == 0 {
		t.Errorf("%+v", stats)
	}
	r.allArrived(t, alerts)
}

func testTimeout(t *testing.T, r *Rig) {
	alerts := Alerts(60)
	s := open(t, r)
	deliver(t, NewQueue(alerts[:1]), s)
	mend := r.Hang()
	d, wait := start(t, NewQueue(alerts[1:]), s)
	failing(t, func() bool { return d.Stats().Retried > 0 })
	mend()
	wait()
	r.allArrived(t, alerts)
}

// A Write that hangs ends with its context.
func testCancel(t *testing.T, r *Rig) {
	s := open(t, r)
	deliver(t, NewQueue(Alerts(1)), s)
	mend := r.Hang()
	defer mend()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	if err := s.Write(ctx, Alerts(3)[1:]); err == nil {
		t.Error("written to what takes nothing")
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}

// A delivery that is told to stop ends within its time; the next one brings the rest.
func testStop(t *testing.T, r *Rig) {
	alerts := Alerts(90)
	s := open(t, r)
	q := NewQueue(alerts)
	deliver(t, NewQueue(alerts[:10]), s)
	mend := r.Hang()
	d, err := sinks.NewDelivery(config(), q, s)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := d.Run(ctx); err == nil || len(q.done) != 0 {
		t.Errorf("stopped with %v, %d done", err, len(q.done))
	}
	if late := time.Since(deadline(ctx)); late > 5*time.Second {
		t.Errorf("stopped %v late", late)
	}
	mend()
	q.Again(false)
	deliver(t, q, s)
	r.allArrived(t, alerts)
}

func deadline(ctx context.Context) time.Time {
	end, _ := ctx.Deadline()
	return end
}

// What the server asks for is kept to.
func testBusy(t *testing.T, r *Rig) {
	t.Parallel()
	alerts := Alerts(5)
	s := open(t, r)
	mend := r.Busy()
	defer mend()
	began := time.Now()
	stats := deliver(t, NewQueue(alerts), s)
	if took := time.Since(began); took < 900*time.Millisecond || stats.Requests > 5 {
		t.Errorf("asked %d times in %v", stats.Requests, took)
	}
	r.arrived(t, alerts)
}

func testPoison(t *testing.T, r *Rig) {
	alerts := Alerts(60)
	given := slices.Clone(alerts)
	for _, i := range []int{0, 17, 59} {
		given[i] = Bad(given[i])
	}
	r.refuses(t, r.Poison, given, []int{0, 17, 59})
}

// An alert that the server breaks down over keeps no other one back, and is no dead letter as long as that may be mended.
func testBreaks(t *testing.T, r *Rig) {
	alerts := Alerts(60)
	given := slices.Clone(alerts)
	bad := []int{0, 17, 18, 59}
	for _, i := range bad {
		given[i] = Bad(given[i])
	}
	s := open(t, r)
	mend := r.Breaks()
	q := NewQueue(given)
	d, wait := start(t, q, s)
	failing(t, func() bool { return d.Stats().Created == 56 })
	if n := len(unique(r.Got(t))); n != 56 {
		t.Errorf("%d of 56 arrived", n)
	}
	mend()
	wait()
	if stats := d.Stats(); stats.Created != 60 || stats.Dead != 0 || stats.Suspects != 0 || len(q.done) != 60 {
		t.Errorf("%+v, %d done", stats, len(q.done))
	}
	if n := len(unique(r.Got(t))); n != 60 {
		t.Errorf("%d of 60 arrived", n)
	}
}

func testTooLarge(t *testing.T, r *Rig) {
	given := Alerts(60)
	given[30] = Large(given[30])
	r.refuses(t, r.Small, given, []int{30})
}

// refuses checks that of the alerts that are given those with the indexes are put aside, and all others arrive.
func (r *Rig) refuses(t *testing.T, trouble func() func(), given []*event.Alert, refused []int) {
	t.Helper()
	s := open(t, r)
	defer trouble()()
	q := NewQueue(given)
	stats := deliver(t, q, s)
	var good, bad []*event.Alert
	for i, a := range given {
		if slices.Contains(refused, i) {
			bad = append(bad, a)
		} else {
			good = append(good, a)
		}
	}
	r.arrived(t, good)
	if diff := cmp.Diff(names(bad), q.dead); diff != "" || stats.Dead != uint64(len(bad)) {
		t.Errorf("%+v, put aside:\n%s", stats, diff)
	}
}
