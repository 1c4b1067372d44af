package auditlog

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/parallax-sec/parallax/event"
)

// WriteText writes the report for people.
func (r *Report) WriteText(w io.Writer) error {
	t := &textWriter{}
	t.head(r)
	if r.Events > 0 {
		t.counts("Came in", r.CameIn, r.Events)
		t.counts("Levels", r.Levels, r.Events)
		t.counts("Stages", r.Stages, r.Events)
		t.counts("Verbs", r.Verbs, r.Events)
		t.missing(r)
		t.rules(r)
	}
	_, err := io.WriteString(w, t.b.String())
	return err
}

type textWriter struct{ b strings.Builder }

// line writes one line. What stands in the log is escaped.
func (t *textWriter) line(format string, args ...any) {
	fmt.Fprintln(&t.b, event.Escape(fmt.Sprintf(format, args...)))
}

func (t *textWriter) title(s string) { t.b.WriteString("\n" + s + "\n") }

func (t *textWriter) head(r *Report) {
	if r.Events == 0 {
		t.line("There is no audit event in this log.")
	} else {
		t.line("%d events from %s to %s.", r.Events, r.First, r.Last)
	}
	if r.BadLines > 0 {
		t.line("Could not be read: %d (parallax replay tells which and why).", r.BadLines)
	}
	for _, k := range slices.Sorted(maps.Keys(r.LeftOut)) {
		t.line("Left out: %d, %s.", r.LeftOut[k], k)
	}
	if r.Truncated > 0 {
		t.line("Without bodies because of their size: %d (%s).", r.Truncated, percent(r.Truncated, r.Events))
	}
}

// counts writes how often each name comes, the most frequent first.
func (t *textWriter) counts(title string, of map[string]uint64, all uint64) {
	t.title(title)
	names := slices.SortedFunc(maps.Keys(of), func(a, b string) int {
		return cmp.Or(cmp.Compare(of[b], of[a]), strings.Compare(a, b))
	})
	for _, n := range names {
		name := n
		if name == "" {
			name = "(not told)"
		}
		t.line("  %10d %6s  %s", of[n], percent(of[n], all), name)
	}
}

func percent(n, all uint64) string {
	switch p := 100 * float64(n) / float64(all); {
	case p == 100 || p >= 10:
		return fmt.Sprintf("%.0f %%", p)
	case p < 0.1:
		return "<0.1 %"
	default:
		return fmt.Sprintf("%.1f %%", p)
	}
}

func (t *textWriter) missing(r *Report) {
	t.title("What this log does not tell")
	for _, m := range r.Missing {
		t.line("  - %s", m)
	}
	if len(r.Missing) == 0 {
		t.line("  nothing that is known to be missing")
	}
}

func (t *textWriter) rules(r *Report) {
	t.title(fmt.Sprintf("Rules that are blind on this log (of %d on audit events)", r.Judged))
	for _, b := range r.Rules {
		how := "blind"
		if b.Partly {
			how = "in part"
		}
		t.line("  %-4s %-7s %s: misses %s", b.ID, how, b.Name, strings.Join(b.Missing, "; "))
	}
	if len(r.Rules) == 0 {
		t.line("  none")
	}
	if len(r.Unseen) > 0 {
		var ids []string
		for _, u := range r.Unseen {
			ids = append(ids, cmp.Or(u.ID, u.Name))
		}
		t.line("  The log has no request that these could be about, so that it does not show whether they see: %s", strings.Join(ids, ", "))
	}
}
