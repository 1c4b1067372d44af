package bus

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parallax-sec/parallax/event"
)

func testAlerts(from, to int) (out []*event.Alert) {
	for i := from; i < to; i++ {
		out = append(out, &event.Alert{
			ID: fmt.Sprintf("alert%05d", i), Rule: &event.Rule{ID: "R01", Name: "a rule"}, Severity: event.SeverityHigh,
			Reason: "somebody did something", Status: event.StatusConfirmed, Details: &event.Details{EventID: "x", User: "alice"},
		})
	}
	return out
}

func idsOf(alerts []*event.Alert) (out []string) {
	for _, a := range alerts {
		out = append(out, a.ID)
	}
	return out
}

// take takes n alerts from a queue, in whatever portions they come.
func take(t *testing.T, q *AlertQueue, n int) (out []*event.Alert) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for len(out) < n {
		got, err := q.Next(ctx, n-len(out))
		if err != nil {
			t.Fatalf("%d of %d: %v", len(out), n, err)
		}
		out = append(out, got...)
	}
	return out
}

func openQueue(t *testing.T, b *Bus, sink string) *AlertQueue {
	t.Helper()
	q, err := b.AlertQueue(t.Context(), sink)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = q.Close() })
	return q
}

func TestEachSinkGetsAllAlerts(t *testing.T) {
	cfg := testConfig(t, t.TempDir())
	b := openTest(t, cfg)
	alerts := testAlerts(0, 20)
	for range 2 { // the second time they are there
		if err := b.PutAlerts(t.Context(), alerts); err != nil {
			t.Fatal(err)
		}
	}
	one, two := openQueue(t, b, "file"), openQueue(t, b, "other.sink")
	first, second := take(t, one, 20), take(t, two, 7)
	if diff := cmp.Diff(alerts, first); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(idsOf(alerts[:7]), idsOf(second)); diff != "" {
		t.Error(diff)
	}
	if err := errors.Join(one.Done(t.Context(), first), two.Done(t.Context(), second)); err != nil {
		t.Fatal(err)
	}
	held := take(t, two, 5)
	if err := two.Dead(t.Context(), held[0], errors.New("no such\nindex")); err != nil {
		t.Fatal(err)
	}
	_ = two.Close()
	_ = one.Close()
	closeTest(t, b)

	b = openTest(t, cfg)
	two = openQueue(t, b, "other.sink")
	again := idsOf(take(t, two, 12))
	want := map[string]bool{}
	for _, id := range idsOf(alerts[8:]) {
		want[id] = true
	}
	for _, id := range again {
		delete(want, id)
	}
	if len(want) > 0 {
		t.Errorf("%v never came again", want)
	}
	short, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if more, err := two.Next(short, 5); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v came as well, %v", idsOf(more), err)
	}
}

func TestRecentAlertIDs(t *testing.T) {
	b := openTest(t, testConfig(t, t.TempDir()))
	ids := func(limit int) (out []string) {
		err := b.RecentAlertIDs(t.Context(), limit, func(id string, revision int) { out = append(out, fmt.Sprint(id, " ", revision)) })
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	if got := ids(10); got != nil {
		t.Errorf("%v", got)
	}
	alerts := testAlerts(0, 5)
	alerts[4].Revision = 3
	if err := b.PutAlerts(t.Context(), alerts); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"alert00003 0", "alert00004 3"}, ids(2)); diff != "" {
		t.Error(diff)
	}
	if got := ids(100); len(got) != 5 {
		t.Errorf("%v", got)
	}
}

// What could not be acknowledged stays held, and is when that is tried again; also where only the answer was lost.
func TestDoneAgain(t *testing.T) {
	b := openTest(t, testConfig(t, t.TempDir()))
	if err := b.PutAlerts(t.Context(), testAlerts(0, 3)); err != nil {
		t.Fatal(err)
	}
	q := openQueue(t, b, "s")
	got := take(t, q, 3)
	gone, stop := context.WithCancel(t.Context())
	stop()
	if err := q.Done(gone, got); err == nil || len(q.held) != 3 {
		t.Errorf("%v, %d are held", err, len(q.held))
	}
	if err := q.Done(t.Context(), got); err != nil || len(q.held) != 0 {
		t.Errorf("%v, %d are held", err, len(q.held))
	}
	i, err := q.consumer.Info(t.Context())
	if err != nil || i.NumAckPending != 0 || i.AckFloor.Stream != 3 {
		t.Errorf("%+v, %v", i, err)
	}
}
