package sinktest

import (
	"context"
	"errors"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/sinks"
)

// Run runs the suite. rig is called once to see what it can do, and for each test.
func Run(t *testing.T, rig func(t *testing.T) *Rig) {
	what := rig(t)
	for _, one := range []struct {
		name string
		test func(*testing.T, *Rig)
		can  func(*Rig) bool
	}{
		{"order", testOrder, always},
		{"revisions", testRevisions, always},
		{"duplicate", testDuplicate, always},
		{"close", testClose, always},
		{"down", testDown, func(r *Rig) bool { return r.Down != nil }},
		{"down at the start", testDownAtStart, func(r *Rig) bool { return r.Down != nil }},
		{"partial failure", testFlaky, func(r *Rig) bool { return r.Flaky != nil }},
		{"timeout", testTimeout, func(r *Rig) bool { return r.Hang != nil }},
		{"cancel", testCancel, func(r *Rig) bool { return r.Hang != nil }},
		{"stop", testStop, func(r *Rig) bool { return r.Hang != nil }},
		{"busy", testBusy, func(r *Rig) bool { return r.Busy != nil }},
		{"poison", testPoison, func(r *Rig) bool { return r.Poison != nil }},
		{"breaks down", testBreaks, func(r *Rig) bool { return r.Breaks != nil }},
		{"too large", testTooLarge, func(r *Rig) bool { return r.Small != nil }},
	} {
		if one.can(what) {
			t.Run(one.name, func(t *testing.T) { one.test(t, rig(t)) })
		}
	}
}

func always(*Rig) bool { return true }

// config is that of a delivery for people in a hurry.
func config() sinks.Config {
	return sinks.Config{Batch: 50, Timeout: 250 * time.Millisecond, Backoff: time.Millisecond, MaxBackoff: 20 * time.Millisecond, Drain: 100 * time.Millisecond}
}

// start delivers in the background. What it returns waits for the end.
func start(t *testing.T, q *Queue, s sinks.Sink) (d *sinks.Delivery, wait func()) {
	t.Helper()
	d, err := sinks.NewDelivery(config(), q, s)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	return d, func() {
		t.Helper()
		defer cancel()
		if err := <-ended; err != nil || ctx.Err() != nil {
			t.Fatalf("%v, %+v", err, d.Stats())
		}
	}
}

// deliver delivers alerts, and returns how that went.
func deliver(t *testing.T, q *Queue, s sinks.Sink) sinks.Stats {
	t.Helper()
	d, wait := start(t, q, s)
	wait()
	return d.Stats()
}

func open(t *testing.T, r *Rig) sinks.Sink {
	t.Helper()
	s := r.Open(t)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// arrived checks that all alerts did, in their order.
func (r *Rig) arrived(t *testing.T, alerts []*event.Alert) {
	t.Helper()
	if diff := cmp.Diff(names(alerts), r.once(t)); diff != "" {
		t.Errorf("what arrived (+) is not what was given (-):\n%s", diff)
	}
}

// allArrived checks that all alerts did, in any order: after a failure some are given again, and others before them.
func (r *Rig) allArrived(t *testing.T, alerts []*event.Alert) {
	t.Helper()
	want, got := names(alerts), r.once(t)
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what arrived (+) is not what was given (-):\n%s", diff)
	}
}

// once is what arrived: as it did where the sink knows alerts again, else without those that came again.
func (r *Rig) once(t *testing.T) []string {
	t.Helper()
	if r.Dedupes {
		return r.Got(t)
	}
	return unique(r.Got(t))
}

// unique leaves out what was there before.
func unique(list []string) []string {
	seen := map[string]bool{}
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool {
		was := seen[s]
		seen[s] = true
		return was
	})
}

func testOrder(t *testing.T, r *Rig) {
	alerts := Alerts(230)
	stats := deliver(t, NewQueue(alerts), open(t, r))
	r.arrived(t, alerts)
	if stats.Created != 230 || stats.Dead != 0 || stats.Requests == 0 || !stats.FailingSince.IsZero() {
		t.Errorf("%+v", stats)
	}
}

func testRevisions(t *testing.T, r *Rig) {
	first := Alerts(3)
	alerts := slices.Clone(first)
	for i, a := range first {
		later := *a
		later.Revision = i + 1
		later.Status = event.StatusRetracted
		alerts = append(alerts, &later)
	}
	deliver(t, NewQueue(alerts), open(t, r))
	if r.FirstOnly {
		alerts = first
	}
	r.arrived(t, alerts)
}

// What is given again, to the same sink or after a restart, is there once where the sink says so.
func testDuplicate(t *testing.T, r *Rig) {
	alerts := Alerts(70)
	q := NewQueue(alerts)
	s := open(t, r)
	deliver(t, q, s)
	for range 2 {
		q.Again(true)
		stats := deliver(t, q, s)
		if r.Dedupes && (stats.Duplicate != 70 || stats.Created != 0) {
			t.Errorf("%+v", stats)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = open(t, r)
	}
	r.arrived(t, alerts)
}

// Whatever a sink holds is given up with it.
func testClose(t *testing.T, r *Rig) {
	routines, files := leftBehind(t)
	for range 3 {
		s := open(t, r)
		deliver(t, NewQueue(Alerts(3)), s)
		if err := errors.Join(s.Close(), s.Close()); err != nil {
			t.Fatal(err)
		}
		if err := s.Write(t.Context(), Alerts(1)); err == nil {
			t.Error("written to a sink that is closed")
		}
	}
	for end := time.Now().Add(5 * time.Second); ; runtime.Gosched() {
		nowRoutines, nowFiles := leftBehind(t)
		if nowRoutines <= routines && nowFiles <= files {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d goroutines and %d files, before it were %d and %d", nowRoutines, nowFiles, routines, files)
		}
	}
}

// leftBehind counts goroutines and open files. The first are those of the test when nothing is left behind.
func leftBehind(t *testing.T) (routines, files int) {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return runtime.NumGoroutine(), len(entries)
}
