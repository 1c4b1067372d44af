package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/rules"
)

func (a *app) rulesExplainCommand() *cobra.Command {
	f := &ruleFlags{}
	cmd := &cobra.Command{
		Use:   "explain RULE...",
		Short: "Tell what a rule looks for, why it matters, and what may be a false alarm",
		Example: `  parallax rules explain R01
  parallax rules explain --rules my-rules.yaml "Shell in a production pod"`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return a.rulesExplain(f, args) },
	}
	f.addTo(cmd)
	return cmd
}

func (a *app) rulesExplain(f *ruleFlags, names []string) error {
	set, err := a.loadRules(f)
	if err != nil {
		return err
	}
	for i, name := range names {
		r := set.Find(name)
		if r == nil {
			return usageError("%s: no rule has this id or name ('parallax rules list' has them)", event.Escape(name))
		}
		if i > 0 {
			fmt.Fprintln(a.out)
		}
		if _, err := io.WriteString(a.out, explanation(r)); err != nil {
			return err
		}
	}
	return nil
}

// explanation tells all about a rule that its reader may want to know.
func explanation(r *rules.Rule) string {
	e := &explainer{}
	e.line("%s", strings.TrimSpace(event.Escape(r.ID)+"  "+event.Escape(r.Name)))
	e.item("severity", severityOf(r)+" (priority "+r.Priority.String()+")")
	e.item("source", r.Source.String())
	e.item("status", statusText(r))
	e.item("ATT&CK", strings.Join(techniques(r.Attack), "; "))
	e.item("tags", strings.Join(r.Tags, ", "))
	e.item("defined in", fmt.Sprintf("%s, line %d", r.File, r.Line))
	e.paragraph("What it looks for", r.Desc)
	e.paragraph("Why it matters", r.Why)
	e.list("What may be a false alarm", r.FalsePositives)
	e.list("What it needs", needs(r))
	e.code("Condition", r.Condition)
	if r.Expanded != nil {
		e.code("Condition, with lists and macros put in", r.Expanded.String())
	}
	e.list("Severity changes where", adjustments(r))
	e.list("Exceptions", exceptions(r))
	e.list("Fields", fieldsOf(r))
	e.code("Output", r.Output.String())
	return e.b.String()
}

func statusText(r *rules.Rule) string {
	switch status(r) {
	case "off":
		return "disabled"
	case "blind":
		return "blind: " + r.Blind
	case "block":
		return "building block: it gives no alert of its own"
	}
	if r.RequestAnchored {
		return "on; one alert a request"
	}
	return "on; one alert an event"
}

func techniques(ids []string) []string {
	var out []string
	for _, id := range ids {
		out = append(out, strings.TrimSpace(id+" "+event.TechniqueName(id)))
	}
	return out
}

func needs(r *rules.Rule) []string {
	var out []string
	if r.Needs.Level != "" {
		out = append(out, "audit level "+r.Needs.Level+" or above")
	}
	if len(r.Needs.Stages) > 0 {
		out = append(out, "one of the stages "+strings.Join(r.Needs.Stages, ", "))
	}
	if r.Scope != event.ScopeEvent {
		out = append(out, "it is judged for each "+r.Scope.String()+" by itself")
	}
	return out
}

func adjustments(r *rules.Rule) []string {
	var out []string
	for _, adj := range r.Adjust {
		out = append(out, fmt.Sprintf("%s (%s): %s", event.SeverityName(adj.Priority.Severity()), adj.Priority, adj.If))
	}
	return out
}

func exceptions(r *rules.Rule) []string {
	var out []string
	for _, x := range r.Exceptions {
		out = append(out, fmt.Sprintf("%s: %s (%s)", x.Name, strings.Join(x.Fields, ", "), counted(uint64(x.Values), "value", "values")))
	}
	return out
}

func fieldsOf(r *rules.Rule) []string {
	var out []string
	for _, f := range r.Fields {
		out = append(out, f.Name+": "+f.Doc)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// explainer writes headings and what stands below them; what is empty is left out. All of it is escaped.
type explainer struct{ b strings.Builder }

func (e *explainer) line(format string, args ...any) { fmt.Fprintf(&e.b, format+"\n", args...) }

func (e *explainer) item(label, value string) {
	if value != "" {
		e.line("  %-11s %s", label, event.Escape(value))
	}
}

func (e *explainer) paragraph(heading, text string) {
	if text = strings.TrimSpace(text); text != "" {
		e.line("\n%s", heading)
		e.wrap("  ", "  ", text)
	}
}

func (e *explainer) list(heading string, items []string) {
	if len(items) == 0 {
		return
	}
	e.line("\n%s", heading)
	for _, item := range items {
		e.wrap("  - ", "    ", item)
	}
}

func (e *explainer) code(heading, text string) {
	if text = strings.TrimSpace(text); text == "" {
		return
	}
	e.line("\n%s", heading)
	for line := range strings.Lines(text) {
		e.wrap("  ", "    ", strings.TrimSpace(line))
	}
}

// wrap writes text in lines of at most 110 characters, where its words allow that.
func (e *explainer) wrap(first, others, text string) {
	line := first
	for word := range strings.FieldsSeq(text) {
		word = event.Escape(word)
		if line != first && line != others && len(line)+1+len(word) > 110 {
			e.line("%s", line)
			line = others
		}
		if line != first && line != others {
			line += " "
		}
		line += word
	}
	e.line("%s", line)
}
