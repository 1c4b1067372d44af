package falco

import "strings"

// priority is how grave Falco calls an alert; the smaller the graver.
type priority uint8

// priorityNames are Falco's, in its order (falco_common::priority_names).
var priorityNames = [...]string{"Emergency", "Alert", "Critical", "Error", "Warning", "Notice", "Informational", "Debug"}

func (p priority) String() string { return priorityNames[p] }

// parsePriority reads a priority in any case, since senders differ in it.
func parsePriority(s string) (priority, bool) {
	if strings.EqualFold(s, "info") {
		s = "informational"
	}
	for i, name := range priorityNames {
		if strings.EqualFold(s, name) {
			return priority(i), true
		}
	}
	return 0, false
}
