package detector

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parallax-sec/parallax/event"
)

var rules = []event.Rule{
	{ID: "R20", Name: "exec", Request: true},
	{Name: "a Falco rule"},
	{ID: "B1", Name: "building block", Silent: true},
}

func match(rule int, eventID, requestID string) *event.Match {
	return &event.Match{Rule: &rules[rule], Output: "out", Message: "title", Severity: 47, Details: &event.Details{
		TimeNs: 20, ReceivedNs: 10, EventID: eventID, RequestID: requestID,
	}}
}

func TestRequestAnchor(t *testing.T) {
	d := New(DefaultConfig())
	first := match(0, "started", "request")
	want := &event.Alert{
		ID: event.AlertID("R20", nil, "request"), Rule: &rules[0], TimeNs: 10, Severity: 47, Message: "title", Reason: "out",
		Status: event.StatusConfirmed, Confidence: event.ConfidenceExact, Anchors: []string{"request"}, Details: first.Details,
	}
	if diff := cmp.Diff(want, d.Match(first, false)); diff != "" {
		t.Error(diff)
	}
	if a := d.Match(match(0, "complete", "request"), false); a != nil {
		t.Errorf("the second stage gave %v", a)
	}
	if a := d.Match(match(0, "complete", "another request"), true); a == nil || !a.Late {
		t.Errorf("another request gave %v", a)
	}
	if diff := cmp.Diff(Stats{Repeated: 1}, d.Stats()); diff != "" {
		t.Error(diff)
	}
}

func TestEventAnchor(t *testing.T) {
	d := New(DefaultConfig())
	a := d.Match(match(1, "started", "request"), false)
	if a.TimeNs != 20 || a.Anchors[0] != "started" || a.ID != event.AlertID("a Falco rule", nil, "started") {
		t.Errorf("got %+v", a)
	}
	if d.Match(match(1, "complete", "request"), false) == nil {
		t.Error("another stage is another alert of a rule that is anchored on events")
	}
	if d.Match(match(1, "started", "request"), false) != nil {
		t.Error("the same event was alerted twice")
	}
}

func TestRequestAnchorWithoutReceivedTime(t *testing.T) {
	m := match(0, "e", "request")
	m.Details.ReceivedNs = 0
	if a := New(DefaultConfig()).Match(m, false); a.TimeNs != 20 {
		t.Errorf("time %d", a.TimeNs)
	}
}

func TestBuildingBlockIsSilent(t *testing.T) {
	d := New(DefaultConfig())
	if a := d.Match(match(2, "e", "r"), false); a != nil {
		t.Errorf("got %v", a)
	}
	if got := d.Stats(); got.Silent != 1 || got.Repeated != 0 {
		t.Errorf("stats %+v", got)
	}
}

func TestPartial(t *testing.T) {
	m := match(0, "e", "r")
	m.Details.Partial = true
	if a := New(DefaultConfig()).Match(m, false); a.Confidence != event.ConfidencePartial {
		t.Errorf("confidence %s", a.Confidence)
	}
}

func TestRecentForgetsOnlyBeyondItsBound(t *testing.T) {
	r := newRecent(100)
	id := func(i int) string { return fmt.Sprintf("%026d", i) }
	for i := range 1000 {
		if !r.add(id(i)) {
			t.Fatalf("%d was known", i)
		}
		if i >= 50 && r.add(id(i-50)) { // which makes 100 others since: 50 new ones and 50 shown again
			t.Fatalf("%d was forgotten after 100 others", i-50)
		}
		if len(r.young)+len(r.old) > 200 {
			t.Fatalf("%d ids are kept", len(r.young)+len(r.old))
		}
	}
	if r.forgotten == 0 {
		t.Error("nothing was forgotten")
	}
}

// Ten million different alerts must not take more memory than the bound says; 600,000 turn the generations over enough.
func TestMemoryStaysFlat(t *testing.T) {
	r := newRecent(DefaultConfig().MaxIDs)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := range 600_000 {
		r.add(fmt.Sprintf("%026d", i))
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 15<<20 {
		t.Errorf("%d bytes are kept", grown)
	}
	runtime.KeepAlive(r)
}
