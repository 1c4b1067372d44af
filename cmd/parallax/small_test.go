package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parallax-sec/parallax/detector"
	"github.com/parallax-sec/parallax/pipeline"
)

func TestParseWhen(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	f := func(in, want string) {
		t.Helper()
		got, err := parseWhen(in, now)
		if err != nil && want != "" || err == nil && got.UTC().Format(time.RFC3339Nano) != want {
			t.Errorf("parseWhen(%q) = %v, %v", in, got, err)
		}
	}
	f("2026-11-20T10:00:00Z", "2026-11-20T10:00:00Z")
	f("2026-11-20T10:00:00.5+02:00", "2026-11-20T08:00:00.5Z")
	f("2026-11-19", "2026-11-19T00:00:00Z")
	f("90m", "2026-11-20T10:30:00Z")
	f("7d", "2026-11-13T12:00:00Z")
	f("", "")
	f("-1h", "")
	f("-1d", "")
	f("99999d", "")
	f("yesterday", "")
	f("20:00", "")
}

func TestNumbers(t *testing.T) {
	f := func(got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	f(grouped(0), "0")
	f(grouped(999), "999")
	f(grouped(1234567), "1,234,567")
	f(counted(1, "match", "matches"), "1 match")
	f(counted(2000, "match", "matches"), "2,000 matches")
	f(size(0), "0 B")
	f(size(999), "999 B")
	f(size(1500), "1.50 kB")
	f(size(312e6), "312 MB")
	f(size(12.34e9), "12.3 GB")
	f(size(999.7e3), "1.00 MB")
	if perSecond(10, 0) != 0 || perSecond(10, 2*time.Second) != 5 {
		t.Error("perSecond")
	}
}

func TestProgressLine(t *testing.T) {
	f := func(p progress, want string) {
		t.Helper()
		if got := p.line(); got != want || len(got) > 79 {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
	f(progress{readBytes: 500e6, totalBytes: 2e9, events: 200_000, elapsed: 2 * time.Second},
		"[######..................]  25% 250 MB/s, 100,000 events/s, 6s left")
	f(progress{readBytes: 2e9, totalBytes: 2e9, events: 1, elapsed: time.Second}, "[########################] 100% 2.00 GB/s, 1 events/s, 0s left")
	f(progress{totalBytes: 2e9}, "[........................]   0% 0 B/s, 0 events/s")
	f(progress{readBytes: 3000, events: 3, elapsed: time.Second}, "3.00 kB read, 3.00 kB/s, 3 events/s")
}

func TestScreenKeepsLinesAboveProgress(t *testing.T) {
	var b bytes.Buffer
	s := &screen{w: &b}
	s.println("first")
	s.show("10%")
	s.println("second")
	s.show("")
	if got, want := b.String(), "first\n10%"+clearLine+"second\n10%"+clearLine; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSummary(t *testing.T) {
	s := summary{
		Report: pipeline.Report{
			Events: 12_000, FirstNs: 1795168800e9, LastNs: 1795172400e9, Faults: 2, Late: 1, Alerts: 1_101,
			BySeverity: map[int]uint64{21: 1000, 99: 101}, ByRule: map[string]uint64{"R01": 1, "My \x1brule": 100, "R20": 1000},
		},
		Stats:   detector.Stats{Silent: 9, Repeated: 1, Forgotten: 2_000},
		elapsed: 2 * time.Second, interrupted: true,
		titles: map[string]string{"R01": "Privileged container", "My \x1brule": "My \x1brule"},
	}
	var b strings.Builder
	s.print(&b)
	want := `interrupted: what follows is about the input up to there
12,000 events from 2026-11-20T10:00:00Z to 2026-11-20T11:00:00Z, read in 2.00 s: 6,000 events/s
2 bad lines, left out
1 match too late for a place in time order (marked late)
1 match gave no alert again: later stages of the same request, events read twice
2,000 alerts too long ago to be remembered: repeated, they were given out again
1,101 alerts: 101 critical, 1,000 low
    1,000  R20
      100  My \x1brule
        1  R01  Privileged container
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
	b.Reset()
	(&summary{}).print(&b)
	if diff := cmp.Diff("0 events, read in 0.00 s: 0 events/s\n0 alerts\n", b.String()); diff != "" {
		t.Error(diff)
	}
}
