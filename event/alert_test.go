package event

import (
	"regexp"
	"slices"
	"testing"
)

func TestAlertID(t *testing.T) {
	id := AlertID("R01", nil, "anchor")
	if id != AlertID("R01", nil, "anchor") || !regexp.MustCompile(`^[a-z2-7]{26}$`).MatchString(id) {
		t.Errorf("id %q", id)
	}
	// The parts are kept apart, whatever they hold.
	seen := map[string]string{}
	for name, id := range map[string]string{
		"base": id, "rule": AlertID("R02", nil, "anchor"), "anchor": AlertID("R01", nil, "other"), "shift": AlertID("R01a", nil, "nchor"),
		"group": AlertID("R01", []string{"anchor"}, ""), "groups": AlertID("R01", []string{"an", "chor"}, ""), "none": AlertID("R01", nil, ""),
	} {
		if other, dup := seen[id]; dup {
			t.Errorf("%s and %s have the same id", name, other)
		}
		seen[id] = name
	}
}

// The id of an alert is promised to stay: documents are stored under it.
func TestAlertIDIsWhatItWas(t *testing.T) {
	if got, want := AlertID("R01", []string{"alice"}, "aaaaaaaaaaaaaaaaaaaaaaaaaa"), "zydvr734qeqzef7deyaemmh6ye"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestParseSeverity(t *testing.T) {
	f := func(name string, want int, ok bool) {
		t.Helper()
		if got, found := ParseSeverity(name); got != want || found != ok {
			t.Errorf("ParseSeverity(%q) = %d, %v", name, got, found)
		}
	}
	f("low", 21, true)
	f("Notice", 21, true)
	f("WARNING", 47, true)
	f("high", 73, true)
	f("Error", 73, true)
	f("emergency", 99, true)
	f("warn", 0, false)
	f("", 0, false)
	for _, s := range []int{SeverityLow, SeverityMedium, SeverityHigh, SeverityCritical} {
		if got, ok := ParseSeverity(SeverityName(s)); got != s || !ok {
			t.Errorf("SeverityName(%d) = %s", s, SeverityName(s))
		}
	}
}

func TestThreat(t *testing.T) {
	threat := NewThreat([]string{"T1610", "T1059.004", "T1059", "T9999", "T1611"})
	f := func(got []string, want ...string) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	f(threat.TacticIDs, "TA0002", "TA0004", "TA0005")
	f(threat.TacticNames, "Execution", "Privilege Escalation", "Defense Evasion")
	f(threat.TechniqueIDs, "T1610", "T1059", "T9999", "T1611")
	f(threat.TechniqueNames, "Deploy Container", "Command and Scripting Interpreter", "Escape to Host")
	f(threat.SubtechniqueIDs, "T1059.004")
	f(threat.SubtechniqueNames, "Unix Shell")
	f(NewThreat(nil).TacticIDs)
}

func TestTechniqueTable(t *testing.T) {
	if !slices.IsSortedFunc(attackTechniques, func(a, b technique) int {
		if a.id < b.id {
			return -1
		}
		return 1
	}) {
		t.Error("the table is not sorted by id")
	}
	for _, tech := range attackTechniques {
		isSub := len(tech.id) > len("T1234")
		if isSub != (tech.tactics == nil) {
			t.Errorf("%s: a technique has tactics, a sub-technique has none", tech.id)
		}
		if isSub && lookupTechnique(tech.id[:5]).name == "" {
			t.Errorf("%s has no parent", tech.id)
		}
	}
}
