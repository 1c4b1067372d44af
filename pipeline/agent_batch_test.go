package pipeline

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parallax-sec/parallax/event"
)

// workAt has a worker look at what a node sent.
func workAt(b *event.Batch, plain bool) *Result {
	sets := NewRuleSets(testSet("one"))
	nothing := func() Decoder { return fakeDecoder{} }
	var out Result
	out.reset(false, b.ReceivedNs)
	StreamWorkers{Audit: nothing, Falco: nothing, Rules: sets, Plain: plain}.New().Work(b, &out)
	return &out
}

func sent(matches []event.Match, facts ...event.Fact) *event.Batch {
	return &event.Batch{Kind: event.BatchMatches, Origin: "node/n", Data: event.AppendMatches(nil, event.Head{Node: "n", Seq: 1}, matches, facts)}
}

// goodMatch is a match that a node may send.
func goodMatch() event.Match {
	return event.Match{Rule: &event.Rule{ID: "K"}, Severity: 99, Output: "o", Message: "m", Details: &event.Details{
		Source: event.SourceKernel, TimeNs: 5, EventID: contentID("e"), Kernel: &event.Kernel{Node: "n"},
	}}
}

// A node speaks for itself, and about what its kernel saw.
func TestAgentIsBelievedAboutItsNodeOnly(t *testing.T) {
	f := func(want string, change func(*event.Match)) {
		t.Helper()
		m := goodMatch()
		change(&m)
		out := workAt(sent([]event.Match{goodMatch(), m}), false)
		if len(out.Matches) == 0 || out.Matches[0].Rule.ID != "K" {
			t.Error("the good match is gone, too")
		}
		got := ""
		for _, f := range out.Faults {
			got += f.Reason
			if _, again, _, err := event.ParseMatches(f.Data); err != nil || len(again) != 1 {
				t.Errorf("what is quarantined cannot be read: %v", err)
			}
		}
		if got != want || len(out.Matches)+len(out.Faults) != 2 {
			t.Errorf("%q, want %q", got, want)
		}
	}
	f("", func(*event.Match) {})
	f("a match of something else than a kernel event", func(m *event.Match) { m.Details.Source = event.SourceAudit })
	f("a match of something else than a kernel event", func(m *event.Match) { m.Details.Source = event.NumSources })
	f("a match of something else than a kernel event", func(m *event.Match) { m.Details.Kernel = nil })
	f("a match of something else than a kernel event", func(m *event.Match) { m.Details.Audit = &event.Audit{} })
	f("a match of something else than a kernel event", func(m *event.Match) { m.Details.Falco = &event.Falco{} })
	f("a match of something else than a kernel event", func(m *event.Match) { m.Details.RequestID = contentID("of an audit event") })
	f(`an event of node "m"`, func(m *event.Match) { m.Details.Kernel.Node = "m" })
	f("an event without an id", func(m *event.Match) { m.Details.EventID = "" })
	f("an event without an id", func(m *event.Match) { m.Details.EventID = strings.Repeat("A", 26) })
	f("an event that no rule asked for", func(m *event.Match) { m.Rule = nil })
	f("a match of a rule without a name", func(m *event.Match) { m.Rule = &event.Rule{} })
	f("a match of rule R1, which is not about kernel events", func(m *event.Match) { m.Rule = &event.Rule{ID: "R1"} })
	f("a match of rule R1, which is not about kernel events", func(m *event.Match) { m.Rule = &event.Rule{Name: "R1"} })
	f("a match of severity 100", func(m *event.Match) { m.Severity = 100 })
	f("a match of severity 0", func(m *event.Match) { m.Severity = 0 })
}

func TestAgentSendsPlainEventsWhereTheyAreAskedFor(t *testing.T) {
	m := goodMatch()
	m.Rule, m.Severity = nil, 0
	if out := workAt(sent([]event.Match{m}), true); len(out.Matches) != 1 || len(out.Faults) != 0 || out.Events != 1 {
		t.Errorf("%+v", out)
	}
}

// Texts that an agent would have masked and cut are masked and cut here.
func TestAgentTextsAreTidied(t *testing.T) {
	m := goodMatch()
	m.Output, m.Details.Image = "curl --password=hunter2", strings.Repeat("x", 1<<20)
	m.Details.Kernel.SID = m.Details.Image
	out := workAt(sent([]event.Match{m}), false)
	if got := out.Matches[0]; strings.Contains(got.Output, "hunter2") || len(got.Details.Image) > event.MaxTextBytes || len(got.Details.Kernel.SID) > event.MaxTextBytes {
		t.Errorf("%q, %d bytes", got.Output, len(got.Details.Image))
	}
}

func TestAgentBatchOfAnotherNode(t *testing.T) {
	b := sent([]event.Match{goodMatch()})
	b.Origin = "node/m"
	out := workAt(b, false)
	want := []event.Fault{{Origin: "node/m", Reason: `a batch of node "n"`, Data: b.Data}}
	if diff := cmp.Diff(want, out.Faults); diff != "" || len(out.Matches) != 0 {
		t.Error(diff)
	}
	b = &event.Batch{Kind: event.BatchMatches, Origin: "node/n", Data: []byte(strings.Repeat("x", 1<<20))}
	if out := workAt(b, false); len(out.Faults) != 1 || len(out.Faults[0].Data) != maxFaultData {
		t.Errorf("%+v", out.Faults)
	}
	b = &event.Batch{Kind: event.BatchKernel, Origin: "node/n", Data: []byte("x")}
	if out := workAt(b, false); len(out.Faults) != 1 {
		t.Errorf("%+v", out.Faults)
	}
}

func TestAgentFacts(t *testing.T) {
	f := func(kind, key string, taken bool) {
		t.Helper()
		out := workAt(sent(nil, event.Fact{Kind: kind, Key: key, Data: []byte("{}")}), false)
		if len(out.Facts) == 1 != taken || len(out.Faults) == 1 == taken {
			t.Errorf("%s %s: %v, %v", kind, key, out.Facts, out.Faults)
		}
	}
	f(event.FactNode, "n", true)
	f(event.FactNode, "m", false)
	f(event.FactNode, "n/x", false)
	f(event.FactContainer, "n/c", true)
	f(event.FactContainer, "n/", false)
	f(event.FactContainer, "n", false)
	f(event.FactContainer, "m/c", false)
	f(event.FactContainer, "nn/c", false)
	f(event.FactSession, "n/s", true)
	f("grant", "n/s", false)
	f(event.FactContainer, "n/"+strings.Repeat("c", maxFactKeyBytes), false)
	out := workAt(sent(nil, event.Fact{Kind: event.FactNode, Key: "n", Data: make([]byte, maxFactBytes+1)}), false)
	if len(out.Facts) != 0 || out.Faults[0].Reason != "a fact of 32770 bytes" {
		t.Errorf("%v", out.Faults)
	}
}

// Whatever a node sends gives matches or faults, and nothing else happens.
func FuzzAgentBatch(f *testing.F) {
	f.Add(sent([]event.Match{goodMatch()}, event.Fact{Kind: event.FactNode, Key: "n", Data: []byte(`{"records":1,"lost":{"a":2}}`)}).Data)
	f.Add(sent(nil, event.Fact{Kind: event.FactContainer, Key: "n/c", Data: []byte(`{}`)}).Data)
	f.Fuzz(func(t *testing.T, data []byte) {
		w := newWorld(event.Batch{Kind: event.BatchMatches, Origin: "node/n", Data: data}, event.Batch{Kind: event.BatchMatches, Origin: "node/n", Data: data})
		if _, err := w.start(DefaultStreamConfig()).Run(t.Context()); err != nil || w.checkpoint.Seq != 2 {
			t.Error(err)
		}
	})
}
