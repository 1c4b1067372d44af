package scenario

import (
	"strings"

	"golang.org/x/tools/txtar"
)

// CanUpdate says whether Updated helps: the scenario failed as it is written, not in another order of its events.
func (r *Report) CanUpdate() bool { return r.Failed() && r.Variant == asWritten }

// Updated returns the scenario file with its alerts section as it came out. Comments in that section, and what it is only about, are kept at its head.
func (r *Report) Updated() []byte {
	s := r.Scenario
	a := *s.archive
	a.Files = append([]txtar.File(nil), a.Files...)
	for i, f := range a.Files {
		if f.Name == alertsName {
			a.Files[i].Data = []byte(s.alertsText(r, string(f.Data)))
		}
	}
	return txtar.Format(&a)
}

func (s *Scenario) alertsText(r *Report, old string) string {
	var b strings.Builder
	for line := range strings.Lines(old) {
		if text := strings.TrimSpace(line); strings.HasPrefix(text, "#") || strings.HasPrefix(text, "only:") {
			b.WriteString(line)
		}
	}
	for _, a := range r.Got {
		b.WriteString(s.line(a).String() + "\n")
	}
	if len(r.Got) == 0 {
		b.WriteString("none\n")
	}
	return b.String()
}
