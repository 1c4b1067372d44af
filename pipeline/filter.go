package pipeline

import (
	"slices"
	"time"

	"github.com/parallax-sec/parallax/event"
)

// Filter says which alerts go to the sink. It cuts what comes out, never what rules and detector see. The zero Filter
// keeps all. Events that are given out as they are have neither rule nor severity: only their time is asked.
type Filter struct {
	Since, Until time.Time // of the anchor: from the first, up to and without the second; the zero time is no bound
	Rules        []string  // ids or names; empty is any
	MinSeverity  int
}

// keep says whether a goes to the sink.
func (f *Filter) keep(a *event.Alert) bool {
	at := time.Unix(0, a.TimeNs)
	return (f.Since.IsZero() || !at.Before(f.Since)) && (f.Until.IsZero() || at.Before(f.Until)) &&
		(a.Plain || a.Severity >= f.MinSeverity && f.keepRule(a.Rule))
}

func (f *Filter) keepRule(r *event.Rule) bool {
	return len(f.Rules) == 0 || slices.Contains(f.Rules, r.ID) || slices.Contains(f.Rules, r.Name)
}
