package pipeline

import (
	"slices"

	"github.com/parallax-sec/parallax/event"
)

// Filter says which alerts go to the sink. It cuts what comes out, never what rules and detector see. The zero Filter
// keeps all.
type Filter struct {
	SinceNs, UntilNs int64    // time of the anchor: from the first, up to and without the second; 0 is no bound
	Rules            []string // ids or names; empty is any
	MinSeverity      int
}

// Keep says whether a goes to the sink.
func (f *Filter) Keep(a *event.Alert) bool {
	return (f.SinceNs == 0 || a.TimeNs >= f.SinceNs) && (f.UntilNs == 0 || a.TimeNs < f.UntilNs) &&
		a.Severity >= f.MinSeverity &&
		(len(f.Rules) == 0 || slices.Contains(f.Rules, a.Rule.ID) || slices.Contains(f.Rules, a.Rule.Name))
}
