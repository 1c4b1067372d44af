package detector

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/parallax-sec/parallax/event"
)

const (
	sec     = int64(time.Second)
	century = 100 * 365 * 24 * 3600 * sec
)

// hear tells of a batch of seconds and returns the watermark before it, in seconds; never is that of what is not known.
func hear(w *watermarks, origin string, kind event.BatchKind, newest, received int64) int64 {
	_, before := w.news(origin, kind, newest*sec, received*sec)
	if before == math.MinInt64 {
		return never
	}
	return before / sec
}

const never = math.MinInt64 / sec

func TestWatermarks(t *testing.T) {
	cfg := DefaultWatermarkConfig()
	cfg.Tailed = func(origin string) bool { return origin == "audit/c/file" }
	w := newWatermarks(cfg)
	f := func(origin string, kind event.BatchKind, newest, received, want int64) {
		t.Helper()
		if got := hear(&w, origin, kind, newest, received); got != want {
			t.Errorf("%s at %d: %d, want %d", origin, received, got, want)
		}
	}
	f("audit/c/api", event.BatchAudit, 1000, 1001, never)
	f("audit/c/api", event.BatchAudit, 1000, 1001, 970)  // 30 s before the newest
	f("audit/c/api", event.BatchAudit, 1010, 1021, 990)  // and 20 s have passed since
	f("audit/c/api", event.BatchAudit, 900, 1021, 990)   // what is old moves nothing
	f("audit/c/api", event.BatchAudit, 0, 1621, 1590)    // nothing for ten minutes
	f("audit/c/api", event.BatchAudit, 5000, 1622, 1591) // newer than its receipt
	f("audit/c/api", event.BatchAudit, 0, 1622, 1622)    // which no watermark is

	f("audit/c/file", event.BatchAudit, 1000, 1000, never)
	f("audit/c/file", event.BatchAudit, 1001, 1001, 996)

	f("node/n", event.BatchMatches, 1000, 1001, never)
	f("node/n", event.BatchMatches, 1003, 1004, 1000) // what it has read is exact, as long as it speaks
	f("node/n", event.BatchMatches, 0, 1014, 1008)    // 5 s later it moves on by itself
	f("node/n", event.BatchMatches, 0, 1014, 1008)

	f("falco/f", event.BatchFalco, 1000, 1000, never) // what another program says moves nothing
	f("falco/f", event.BatchFalco, 1000, 2000, never)
}

// The clock of receipt jumps: forward, what comes is late until it jumps back, and then nothing is left of it.
func TestWatermarksSurviveJumps(t *testing.T) {
	for _, kind := range []event.BatchKind{event.BatchAudit, event.BatchMatches} {
		w := newWatermarks(DefaultWatermarkConfig())
		hear(&w, "s", kind, 1000, 1000)
		far := 1000 + century/sec
		if got := hear(&w, "s", kind, 1001, far); got > far || got < far-100 {
			t.Errorf("a century later: %d", got)
		}
		if got := hear(&w, "s", kind, 1002, 1002); got != 1002 {
			t.Errorf("back again: %d", got) // as far as it may be, and not a century ahead
		}
		if got := hear(&w, "s", kind, 1100, 1100); got > 1100 || got < 1002 {
			t.Errorf("going on: %d", got)
		}
		if got := hear(&w, "s", kind, 500, 500); got != 500 {
			t.Errorf("back by 600 s: %d", got)
		}
	}
}

// Numbers that nobody would send must not turn around.
func TestWatermarksOfHostileTimes(t *testing.T) {
	w := newWatermarks(DefaultWatermarkConfig())
	for _, kind := range []event.BatchKind{event.BatchAudit, event.BatchMatches} {
		origin := fmt.Sprint(kind)
		for _, newest := range []int64{math.MinInt64, math.MinInt64 + 1, math.MaxInt64, -1} {
			s, before := w.news(origin, kind, newest, 1000*sec)
			if before > 1000*sec || s.WatermarkNs > 1000*sec || newest < 0 && s.WatermarkNs > 0 && before < 0 {
				t.Errorf("kind %d, newest %d: %d, %d", kind, newest, before, s.WatermarkNs)
			}
		}
	}
}

// Of too many sources, one of whoever has most of them is forgotten: a node that invents names costs no API server its watermark.
func TestWatermarksForgetWhoHasMost(t *testing.T) {
	cfg := DefaultWatermarkConfig()
	cfg.MaxSources = 10
	w := newWatermarks(cfg)
	hear(&w, "audit/c/api", event.BatchAudit, 1, 1)
	for i := range int64(100) {
		hear(&w, fmt.Sprintf("node/%d", i), event.BatchMatches, 2+i, 2+i)
	}
	for i := range int64(9) {
		if w.sources[fmt.Sprintf("node/%d", 91+i)] == nil {
			t.Errorf("node %d was forgotten before older ones", 91+i)
		}
	}
	if len(w.sources) != 10 || w.forgotten != 91 || w.sources["audit/c/api"] == nil {
		t.Errorf("%d sources, %d forgotten", len(w.sources), w.forgotten)
	}
}
