package event

import (
	"encoding/binary"
	"strings"
)

// The severities: the numbers that Elastic's external-alert rule maps to its own four levels.
const (
	SeverityLow      = 21
	SeverityMedium   = 47
	SeverityHigh     = 73
	SeverityCritical = 99
)

// SeverityName returns the word for a severity: low, medium, high or critical.
func SeverityName(severity int) string {
	switch {
	case severity >= SeverityCritical:
		return "critical"
	case severity >= SeverityHigh:
		return "high"
	case severity >= SeverityMedium:
		return "medium"
	}
	return "low"
}

// ParseSeverity finds a severity by its own name or by that of a rule's priority, in any case: "high" and "Error" are 73.
func ParseSeverity(name string) (int, bool) {
	switch strings.ToLower(name) {
	case "low", "debug", "info", "informational", "notice":
		return SeverityLow, true
	case "medium", "warning":
		return SeverityMedium, true
	case "high", "error":
		return SeverityHigh, true
	case "critical", "alert", "emergency":
		return SeverityCritical, true
	}
	return 0, false
}

// Rule is what alerts tell of the rule behind them, and what decides their identity. It is immutable and shared.
type Rule struct {
	ID          string // R01; empty where a user's rule has none
	Name        string
	Description string
	Tags        []string
	Threat      Threat
	// Request says that alerts are anchored on the request, not on the stage of it that matched (the rule's condition
	// names audit.done): the second stage that matches is the same alert.
	Request bool
	// Silent marks a building block: its matches give no alert.
	Silent bool
	// Order is the rule's place in its set: of matches of one event, that of the first rule goes first.
	Order int
}

// Key is what identifies the rule: its id, or its name where it has none.
func (r *Rule) Key() string {
	if r.ID != "" {
		return r.ID
	}
	return r.Name
}

// Status is how far the decision about an alert has come.
type Status string

// The states of an alert's life. One that waits for nothing is born confirmed.
const (
	StatusProvisional  Status = "provisional"
	StatusConfirmed    Status = "confirmed"
	StatusRetracted    Status = "retracted"
	StatusUnverifiable Status = "unverifiable"
)

// Confidence is how sure an alert is of what it tells.
type Confidence string

// The degrees of confidence.
const (
	ConfidenceExact   Confidence = "exact"
	ConfidencePartial Confidence = "partial" // judged on a fragment of the object
)

// Alert is what a match, or several, come to. It owns its memory; Rule and Details are shared and not changed.
type Alert struct {
	ID         string // AlertID of rule and anchor
	Rule       *Rule
	TimeNs     int64 // time of the anchor, wall clock UTC; the same in every revision
	Severity   int
	Message    string // short title, escaped by the rule's formatter
	Reason     string // one sentence, escaped by the rule's formatter
	Status     Status
	Revision   int // 0 is the first
	Confidence Confidence
	Late       bool     // judged after its place in event-time order had been given out
	Anchors    []string // content ids of the events or requests that it is about
	Details    *Details // of the anchor's event
	// Plain says that it is no alert but an event that is given out as it is: Rule is the empty one, Severity 0, and ID that
	// of the event.
	Plain bool
}

// noRule is the rule of events that are given out as they are. Nobody changes it.
var noRule Rule

// PlainEvent returns what stands for an event that is given out as it is. It keeps d.
func PlainEvent(d *Details, late bool) *Alert {
	return &Alert{
		ID: d.EventID, Rule: &noRule, TimeNs: d.TimeNs, Message: Summary(d), Status: StatusConfirmed, Confidence: ConfidenceExact, Late: late,
		Anchors: []string{d.EventID}, Details: d, Plain: true,
	}
}

// AlertID is the content id of an alert: 26 characters of lower-case base32, from the SHA-256 of the rule's key, the
// values that it groups by and the anchor's id. The same input gives the same id in every run.
func AlertID(ruleKey string, groupBy []string, anchor string) string {
	buf := AppendIDPart(make([]byte, 0, 256), ruleKey)
	buf = binary.AppendUvarint(buf, uint64(len(groupBy)))
	for _, v := range groupBy {
		buf = AppendIDPart(buf, v)
	}
	var id [ContentIDLen]byte
	return string(AppendContentID(id[:0], AppendIDPart(buf, anchor)))
}
