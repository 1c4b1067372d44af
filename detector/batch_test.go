package detector

import (
	"testing"

	"github.com/parallax-sec/parallax/event"
)

// at is a match of a rule of the test for an event at a second.
func at(rule int, seconds int64, id string) event.Match {
	m := match(rule, id, id)
	m.Details.TimeNs = seconds * sec
	return *m
}

func auditBatch(seq uint64, received, newest int64, matches ...event.Match) *Batch {
	return &Batch{Seq: seq, ReceivedNs: received * sec, Origin: "audit/c/api", NewestNs: newest * sec, Matches: matches}
}

func TestLate(t *testing.T) {
	d := New(DefaultConfig())
	d.Take(auditBatch(1, 1000, 1000, at(1, 1000, "a"), at(1, 500, "old, but the first that is heard")))
	out := d.Take(auditBatch(2, 1000, 1001, at(1, 969, "b"), at(1, 970, "c"), at(1, 1001, "d")))
	if len(out.Alerts) != 3 || !out.Alerts[0].Late || out.Alerts[1].Late || out.Alerts[2].Late {
		t.Errorf("%+v", out.Alerts)
	}
	if s := d.Sources(); len(s) != 1 || s[0].Late != 1 || s[0].Batches != 2 || s[0].Origin != "audit/c/api" || s[0].WatermarkNs != 971*sec {
		t.Errorf("%+v", s)
	}
}

// A clock that is ahead is told of and lets nothing else be late.
func TestAhead(t *testing.T) {
	d := New(DefaultConfig())
	b := auditBatch(1, 1000, 90000, at(1, 1005, "a"), at(1, 90000, "b"))
	shared := b.Matches[1]
	shared.Rule = &rules[0]
	b.Matches, b.Ahead = append(b.Matches, shared), 1
	out := d.Take(b)
	if len(out.Alerts) != 3 || len(out.Alerts[0].Details.Blind) != 0 || len(out.Alerts[1].Details.Blind) != 1 || len(out.Alerts[2].Details.Blind) != 1 {
		t.Fatalf("%+v", out.Alerts)
	}
	if out = d.Take(auditBatch(2, 1001, 1001, at(1, 1000, "c"))); !out.Alerts[0].Late {
		t.Error("the watermark is not that of the receipt") // 1000, which the clock that is ahead has reached
	}
	if s := d.Sources(); s[0].Ahead != 1 {
		t.Errorf("%+v", s)
	}
}

func TestKnownAlertsAreNotGivenOut(t *testing.T) {
	d := New(DefaultConfig())
	d.Known(event.AlertID("a Falco rule", nil, "a"))
	d.Known("plain")
	plain := func(id string) event.Match { return event.Match{Details: &event.Details{EventID: id}} }
	out := d.Take(auditBatch(1, 1000, 1000, at(1, 1000, "a"), at(1, 1000, "b"), plain("plain"), plain("plain 2"), plain("plain 2")))
	if len(out.Alerts) != 2 || out.Alerts[0].Anchors[0] != "b" || out.Alerts[1].ID != "plain 2" || !out.Alerts[1].Plain {
		t.Errorf("%+v", out.Alerts)
	}
	if s := d.Stats(); s.Repeated != 3 {
		t.Errorf("%+v", s)
	}
}

func TestBatchesOfNobody(t *testing.T) {
	d := New(DefaultConfig())
	for _, b := range []*Batch{
		{Seq: 1, ReceivedNs: 1, Kind: event.BatchControl, Origin: "ctl/rules"},
		{Seq: 2, ReceivedNs: 1, Kind: event.BatchMatches, Origin: "node/n"}, // which could not be read
		{Seq: 3, ReceivedNs: 1},
	} {
		if out := d.Take(b); len(out.Alerts)+len(out.Facts)+len(d.Sources())+len(d.nodes.byName) != 0 || d.Stats().RepeatedBatches != 0 {
			t.Errorf("%+v", out)
		}
	}
}
