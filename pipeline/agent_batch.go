package pipeline

import (
	"fmt"
	"strings"

	"github.com/parallax-sec/parallax/event"
)

// nodeOrigin is how the origin of what a node sends begins; the name of the node follows.
const nodeOrigin = "node/"

// maxFactBytes bounds the data of a fact, and maxFactKeyBytes its key.
const (
	maxFactBytes    = 32 << 10
	maxFactKeyBytes = 512
)

// matches reads what an agent sent. An agent is believed about its own node and about nothing else: whoever has one node must be
// able neither to speak for another one nor to give out the id of an alert that audit events will come to.
func (w *streamWorker) matches(b *event.Batch, out *Result) {
	head, matches, facts, err := event.ParseMatches(b.Data)
	if err == nil && nodeOrigin+head.Node != b.Origin {
		err = fmt.Errorf("a batch of node %q", event.Clip(head.Node, 256))
	}
	if err != nil {
		out.fault(event.Fault{Origin: b.Origin, Reason: err.Error(), Data: clippedData(b.Data)})
		return
	}
	out.Head = head
	for i := range matches {
		m := &matches[i]
		if reason := w.refuse(m, head.Node); reason != "" {
			out.fault(event.Fault{Origin: b.Origin, Reason: reason, Data: clippedData(event.AppendMatches(nil, head, matches[i:i+1], nil))})
			continue
		}
		tidy(m)
		out.Matches = append(out.Matches, *m)
		out.Saw(m.Details.TimeNs)
	}
	for i := range facts {
		if reason := refuseFact(&facts[i], head.Node); reason != "" {
			out.fault(event.Fault{Origin: b.Origin, Reason: reason, Data: clippedData(event.AppendMatches(nil, head, nil, facts[i:i+1]))})
			continue
		}
		out.Facts = append(out.Facts, facts[i])
	}
}

// refuse says why a match that a node sent is not taken; empty where it is.
func (w *streamWorker) refuse(m *event.Match, node string) string {
	d := m.Details
	switch {
	case d.Source != event.SourceKernel || d.Kernel == nil || d.Audit != nil || d.Falco != nil || d.RequestID != "":
		return "a match of something else than a kernel event"
	case d.Kernel.Node != node:
		return fmt.Sprintf("an event of node %q", event.Clip(d.Kernel.Node, 256))
	case !isContentID(d.EventID):
		return "an event without an id"
	case m.Rule == nil:
		return w.refusePlain()
	}
	return w.refuseRule(m)
}

func (w *streamWorker) refusePlain() string {
	if !w.plain {
		return "an event that no rule asked for"
	}
	return ""
}

func (w *streamWorker) refuseRule(m *event.Match) string {
	source, known := w.set.SourceOf(m.Rule.Key())
	switch {
	case m.Rule.Key() == "":
		return "a match of a rule without a name"
	case known && source != event.SourceKernel:
		return "a match of rule " + event.Clip(m.Rule.Key(), 256) + ", which is not about kernel events"
	case !isSeverity(m.Severity):
		return fmt.Sprintf("a match of severity %d", m.Severity)
	}
	return ""
}

// isSeverity says whether n is one of the four severities.
func isSeverity(n int) bool {
	nearest, _ := event.ParseSeverity(event.SeverityName(n))
	return n == nearest
}

// isContentID says whether s looks like the content id of an event.
func isContentID(s string) bool {
	return len(s) == event.ContentIDLen && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz234567") == ""
}

// refuseFact says why a fact that a node sent is not taken; empty where it is.
func refuseFact(f *event.Fact, node string) string {
	switch {
	case len(f.Data) > maxFactBytes || len(f.Key) > maxFactKeyBytes:
		return fmt.Sprintf("a fact of %d bytes", len(f.Key)+len(f.Data))
	case f.Kind == event.FactNode && f.Key == node:
		return ""
	case f.Kind == event.FactContainer || f.Kind == event.FactSession:
		if id, ours := strings.CutPrefix(f.Key, node+"/"); ours && id != "" {
			return ""
		}
	}
	return fmt.Sprintf("a fact of kind %q about %q", event.Clip(f.Kind, 64), event.Clip(f.Key, 256))
}
