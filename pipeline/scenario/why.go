package scenario

import (
	"fmt"
	"strings"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/pipeline"
)

// why explains rules on the events of a scenario.
type why struct {
	l  *Loaded
	in input
}

// silent tells why a rule raised nothing: what was in its way in the event that came nearest.
func (w *why) silent(name string) string {
	var nearest verdict
	found := w.each(name, func(v verdict) {
		if nearest.what == "" || len(v.against) < len(nearest.against) {
			nearest = v
		}
	})
	switch {
	case !found:
		return fmt.Sprintf("%s: there is no such rule\n", name)
	case nearest.what == "":
		return fmt.Sprintf("%s: no event is of its source, or has a part that it judges (a container, a rule, a subject)\n", name)
	case len(nearest.against) == 0:
		return fmt.Sprintf("%s holds for line %d (%s): see the alerts that came\n", name, nearest.line, nearest.what)
	}
	return fmt.Sprintf("%s came nearest on line %d (%s), but for:\n%s", name, nearest.line, nearest.what, indented(nearest.against))
}

// raised tells by which checks a's rule held.
func (w *why) raised(a *event.Alert) string {
	text := ""
	w.each(a.Rule.Key(), func(v verdict) {
		if text == "" && len(v.against) == 0 && v.eventID == a.Details.EventID {
			text = fmt.Sprintf("%s held on line %d (%s) by:\n%s", a.Rule.Key(), v.line, v.what, indented(v.reasons))
		}
	})
	return text
}

// verdict is a rule's condition judged on one element of one event.
type verdict struct {
	line    int
	what    string
	eventID string
	against []leaf
	reasons []leaf
}

// each judges the rule on all events; it says whether there is such a rule.
func (w *why) each(name string, found func(verdict)) bool {
	rule := w.rule(name)
	if rule == nil {
		return false
	}
	switch rule.Source {
	case event.SourceKernel:
		for _, stream := range w.in.streams {
			decoder, _ := w.l.Kernel()
			explain(decoder, rule, stream, found)
		}
	case event.SourceFalco:
		explainValues(w.l.Falco, rule, w.in.falco, found)
	default:
		explainValues(w.l.Worker, rule, w.in.values, found)
	}
	return true
}

// explainValues judges the rule on the events of values; parts makes what decodes them.
func explainValues(parts func() (pipeline.Decoder, pipeline.Judge), rule *Rule, values []value, found func(verdict)) {
	if len(values) == 0 {
		return
	}
	decoder, _ := parts()
	for _, val := range values {
		explain(decoder, rule, []event.Batch{val.batch("")}, found)
	}
}

// explain judges the rule on the events of batches. Faults have been reported.
func explain(decoder pipeline.Decoder, rule *Rule, batches []event.Batch, found func(verdict)) {
	for _, b := range batches {
		decoder.Decode(&b, func(e event.Event) {
			if e.Source() == rule.Source {
				rule.judge(e, int(b.Line), found)
			}
		}, func(event.Fault) {})
	}
}

// judge explains the rule on each element of its scope.
func (r *Rule) judge(e event.Event, line int, found func(verdict)) {
	for elem := range e.Elements(r.Scope) {
		x := explainer{e, elem}
		d := e.Details(r.Scope, elem)
		found(verdict{line, describe(d, r.Scope, elem), d.EventID, x.against(r.Cond), x.reasons(r.Cond)})
	}
}

func (w *why) rule(name string) *Rule {
	for i := range w.l.Rules {
		if r := &w.l.Rules[i]; r.ID == name || r.Name == name {
			return r
		}
	}
	return nil
}

func describe(d *event.Details, scope event.Scope, elem int) string {
	if d.Source != event.SourceAudit {
		return event.Summary(d)
	}
	what := []string{d.Action, d.Resource}
	if d.Subres != "" {
		what = append(what, d.Subres)
	}
	what = append(what, d.Namespace+"/"+d.Name, "by", d.User)
	if d.Audit != nil {
		what = append(what, "at", d.Audit.Stage)
	}
	if scope != event.ScopeEvent {
		what = append(what, fmt.Sprintf("%s %d", scope, elem+1))
	}
	return event.Escape(strings.Join(what, " "))
}

func indented(leaves []leaf) string {
	var b strings.Builder
	for _, l := range leaves {
		fmt.Fprintf(&b, "    %s\n", l)
	}
	return b.String()
}
