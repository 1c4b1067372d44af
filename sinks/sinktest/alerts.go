package sinktest

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/parallax-sec/parallax/event"
)

// Poison is the name of a rule.
const Poison = "poison"

// Alerts returns n alerts with the ids that content ids look like. Their documents have about 1 KB.
func Alerts(n int) []*event.Alert {
	severities := []int{event.SeverityLow, event.SeverityMedium, event.SeverityHigh, event.SeverityCritical}
	out := make([]*event.Alert, n)
	for i := range out {
		id := event.AlertID("R01", nil, fmt.Sprint(i))
		out[i] = &event.Alert{
			ID: id, TimeNs: 1795168800123456789 + int64(i)*1e6, Severity: severities[i%len(severities)], Status: event.StatusConfirmed,
			Confidence: event.ConfidenceExact, Message: "Exec into dev/web-" + fmt.Sprint(i), Reason: "alice ran sh in dev/web", Anchors: []string{id},
			Rule: &event.Rule{ID: "R01", Name: "Exec into a pod", Description: "Somebody started a program in a pod.", Tags: []string{"exec"}},
			Details: &event.Details{
				Source: event.SourceAudit, TimeNs: 1795168800123456789 + int64(i)*1e6, EventID: id, Action: "exec", Outcome: "success",
				User: "alice", SourceIP: "10.0.0.1", Cluster: "prod", Namespace: "dev", Resource: "pods", Subres: "exec", Name: "web",
				Container: "app", Command: []string{"sh", "-c", "id"}, Audit: &event.Audit{AuditID: "a-1", Stage: "ResponseStarted", Verb: "get"},
			},
		}
	}
	return out
}

// Bad returns a, by the rule named Poison.
func Bad(a *event.Alert) *event.Alert {
	bad := *a
	rule := *a.Rule
	rule.Name = Poison
	bad.Rule = &rule
	return &bad
}

// Large returns a with texts and lists as long as they may be: its document has more than 50 KB.
func Large(a *event.Alert) *event.Alert {
	large, d, rule := *a, *a.Details, *a.Rule
	text := strings.Repeat("x", event.MaxTextBytes)
	rule.Description = text
	d.User, d.Impersonated, d.UserAgent, d.SourceIP, d.Name = text, text, text, text, text
	d.Groups = []string{text, text, text}
	d.Command = d.Groups
	large.Message, large.Reason, large.Rule, large.Details = text, text, &rule, &d
	return &large
}

// Name is how an alert is called that arrived: "id.revision".
func Name(id string, revision int) string { return fmt.Sprintf("%s.%d", id, revision) }

func names(alerts []*event.Alert) []string {
	out := make([]string, len(alerts))
	for i, a := range alerts {
		out[i] = Name(a.ID, a.Revision)
	}
	return out
}

// Queue is a queue in memory. It implements sinks.Queue.
type Queue struct {
	alerts []*event.Alert
	at     int
	done   map[*event.Alert]bool
	dead   []string
}

// NewQueue returns a queue that ends behind alerts.
func NewQueue(alerts []*event.Alert) *Queue {
	return &Queue{alerts: alerts, done: map[*event.Alert]bool{}}
}

// Next implements sinks.Queue.
func (q *Queue) Next(_ context.Context, most int) ([]*event.Alert, error) {
	var out []*event.Alert
	for ; q.at < len(q.alerts) && len(out) < most; q.at++ {
		if a := q.alerts[q.at]; !q.done[a] {
			out = append(out, a)
		}
	}
	if out == nil {
		return nil, io.EOF
	}
	return out, nil
}

// Done implements sinks.Queue.
func (q *Queue) Done(_ context.Context, alerts []*event.Alert) error {
	for _, a := range alerts {
		q.done[a] = true
	}
	return nil
}

// Dead implements sinks.Queue.
func (q *Queue) Dead(_ context.Context, a *event.Alert, _ error) error {
	q.dead = append(q.dead, Name(a.ID, a.Revision))
	return nil
}

// Again gives out what is not done, as after a restart, and all where everything is asked for.
func (q *Queue) Again(everything bool) {
	if everything {
		clear(q.done)
	}
	q.at = 0
}
