package bus

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/parallax-sec/parallax/event"
)

// fill publishes bodies of a size until the stream is full, and returns how many there is room for.
func fill(t *testing.T, b *Bus, size int) (n int) {
	t.Helper()
	for ; ; n++ {
		body := noise(size)
		copy(body, fmt.Sprintf("%08d", n))
		_, err := b.Publish(t.Context(), Message{Kind: event.BatchAudit, Source: []string{"c", "a"}, Data: body, Dedupe: true})
		if errors.Is(err, ErrFull) {
			return n
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func trim(t *testing.T, b *Bus, cfg TrimConfig) {
	t.Helper()
	if err := b.Trim(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
}

// A full stream refuses what is new and loses nothing; what has been handled makes room, half by half, though it is young.
func TestFullStream(t *testing.T) {
	cfg := testConfig(t, t.TempDir())
	cfg.Limits.Events = 1 << 20
	b := openTest(t, cfg)
	n := fill(t, b, 10_000)
	before := streamOf(t, b, streamEvents)
	if before.Messages != uint64(n) || before.FirstSeq != 1 {
		t.Fatalf("%d stored, %+v", n, before)
	}
	keep := TrimConfig{Retention: time.Hour, AlertRetention: time.Hour}
	trim(t, b, keep) // nothing has been handled
	if s := streamOf(t, b, streamEvents); s.Messages != before.Messages {
		t.Errorf("%d messages are left", s.Messages)
	}
	keep.RebuildFrom = 21
	trim(t, b, keep) // the 20 that have been handled are not enough: all of them go, no more
	if s := streamOf(t, b, streamEvents); s.FirstSeq != 21 {
		t.Errorf("it begins at %d", s.FirstSeq)
	}
	keep.RebuildFrom = before.LastSeq
	trim(t, b, keep)
	s := streamOf(t, b, streamEvents)
	if s.Bytes > uint64(cfg.Limits.Events)*fullPercent/100 || s.Messages < before.Messages/3 {
		t.Errorf("%+v", s)
	}
	trim(t, b, keep) // now it is not almost full, and nothing is old
	if again := streamOf(t, b, streamEvents); again.FirstSeq != s.FirstSeq {
		t.Errorf("it began at %d, now at %d", s.FirstSeq, again.FirstSeq)
	}
	if fill(t, b, 10_000) == 0 {
		t.Error("there is no room")
	}
}

// What is old and handled goes, to the message; what is not handled stays however old it is.
func TestOldEventsGo(t *testing.T) {
	b := openTest(t, testConfig(t, t.TempDir()))
	for i := range 100 {
		publish(t, b, fmt.Appendf(nil, "old %d", i))
	}
	time.Sleep(100 * time.Millisecond) // the stream's times are the real ones
	middle := time.Now()
	time.Sleep(300 * time.Millisecond)
	for i := range 50 {
		publish(t, b, fmt.Appendf(nil, "new %d", i))
	}
	trim(t, b, TrimConfig{RebuildFrom: 41, Retention: 0})
	if s := streamOf(t, b, streamEvents); s.FirstSeq != 41 {
		t.Errorf("it begins at %d", s.FirstSeq)
	}
	trim(t, b, TrimConfig{RebuildFrom: 140, Retention: time.Since(middle)})
	if s := streamOf(t, b, streamEvents); s.FirstSeq != 101 {
		t.Errorf("it begins at %d", s.FirstSeq)
	}
}

// An alert goes when all sinks have taken it, and not before.
func TestAlertsWaitForAllSinks(t *testing.T) {
	b := openTest(t, testConfig(t, t.TempDir()))
	if err := b.PutAlerts(t.Context(), testAlerts(0, 10)); err != nil {
		t.Fatal(err)
	}
	cfg := TrimConfig{Sinks: []string{"fast", "slow"}}
	fast := openQueue(t, b, "fast")
	if err := fast.Done(t.Context(), take(t, fast, 10)); err != nil {
		t.Fatal(err)
	}
	trim(t, b, cfg) // slow has not begun
	slow := openQueue(t, b, "slow")
	if err := slow.Done(t.Context(), take(t, slow, 4)); err != nil {
		t.Fatal(err)
	}
	take(t, slow, 2)
	if s := streamOf(t, b, streamAlerts); s.Messages != 10 {
		t.Errorf("%d are left", s.Messages)
	}
	trim(t, b, cfg)
	if s := streamOf(t, b, streamAlerts); s.Messages != 6 {
		t.Errorf("%d are left", s.Messages)
	}
	status, err := b.Status(t.Context())
	if err != nil || len(status.Sinks) != 2 || status.Sinks[1] != (SinkStatus{Name: "slow", Waiting: 4, Held: 2, Done: 4}) {
		t.Errorf("%+v, %v", status.Sinks, err)
	}
}

// On a disk that is almost full no more events are taken; what comes of those that are there may still be stored, and what has
// been handled makes room.
func TestDiskAlmostFull(t *testing.T) {
	cfg := testConfig(t, t.TempDir())
	b := openTest(t, cfg)
	for i := range 10 {
		publish(t, b, fmt.Appendf(nil, "%d", i))
	}
	free := b.server.disk.status().Free
	b.server.disk.reserve = 2 * free
	if _, err := b.Publish(t.Context(), Message{Source: []string{"c", "a"}}); !errors.Is(err, ErrFull) {
		t.Errorf("an event: %v", err)
	}
	if err := b.PutAlerts(t.Context(), testAlerts(0, 10)); err != nil {
		t.Errorf("alerts: %v", err)
	}
	trim(t, b, TrimConfig{RebuildFrom: 8, Retention: time.Hour})
	if s := streamOf(t, b, streamEvents); s.FirstSeq != 8 {
		t.Errorf("it begins at %d", s.FirstSeq)
	}
	b.server.disk.reserve = 8 * free
	if err := b.PutAlerts(t.Context(), testAlerts(10, 20)); !errors.Is(err, ErrFull) {
		t.Errorf("alerts: %v", err)
	}
}
