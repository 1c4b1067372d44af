package rules

import "strings"

// Priority is how grave a rule is, in Falco's words; the smaller the graver.
type Priority uint8

// The priorities.
const (
	PriorityEmergency Priority = iota
	PriorityAlert
	PriorityCritical
	PriorityError
	PriorityWarning
	PriorityNotice
	PriorityInformational
	PriorityDebug
)

var priorityNames = []string{"Emergency", "Alert", "Critical", "Error", "Warning", "Notice", "Informational", "Debug"}

// String returns the name that Falco prints.
func (p Priority) String() string { return priorityNames[p] }

// Severity is the event.severity of alerts: 21, 47, 73 or 99.
func (p Priority) Severity() int {
	switch {
	case p <= PriorityCritical:
		return 99
	case p == PriorityError:
		return 73
	case p == PriorityWarning:
		return 47
	}
	return 21
}

// parsePriority reads a priority in any case; Info is Informational.
func parsePriority(s string) (Priority, bool) {
	if strings.EqualFold(s, "info") {
		return PriorityInformational, true
	}
	for i, n := range priorityNames {
		if strings.EqualFold(s, n) {
			return Priority(i), true
		}
	}
	return 0, false
}
