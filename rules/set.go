package rules

import (
	"slices"
	"strings"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/rules/condition"
	"github.com/parallax-sec/parallax/rules/program"
)

// Set is checked rules in the order in which they are judged. It is immutable.
type Set struct {
	rules   []Rule
	program *program.Program
	judged  []int        // rule of each condition of the program
	told    []event.Rule // what alerts tell of each of rules
	content string       // id of what it was loaded from
}

// Rule is one checked rule. Nothing in it may be changed.
type Rule struct {
	Index          int    // in the set
	ID             string // R01; empty where the rule has none
	Name           string
	Desc           string
	Why            string
	FalsePositives []string
	Title          *Template // short; the rule's name where it has none
	Output         *Template
	Priority       Priority
	Source         event.Source
	Tags           []string
	Attack         []string // ids of ATT&CK techniques
	Needs          Needs
	Alert          bool // false: a building block, which raises no alert of its own
	Enabled        bool
	Builtin        bool // its last definition is in a built-in file

	Condition  string         // as it was written, with what was appended and with its exceptions
	Expanded   condition.Expr // with lists and macros put in
	Node       *program.Node
	Scope      event.Scope // of which the elements are judged one by one
	Fields     []*event.Field
	Macros     []string // that the condition names, directly or not
	Adjust     []Adjust
	Exceptions []Exception

	// elem judges one element; nil where the first that holds is as good as any: there are no elements, or no adjustments.
	elem *program.Condition

	// RequestAnchored says that the condition names audit.done: it is about a request, not about one of its stages.
	RequestAnchored bool
	// Blind says why the rule can never match yet: a field, or values of a field, that nothing traces. Empty where it can.
	Blind string

	File string // where it was defined last
	Line int
}

// Adjust gives a match another priority where its condition holds: for the element that the match is about, or, where the
// rule is about the whole event, for any element of the scope that the adjustment names.
type Adjust struct {
	If       string
	Priority Priority
	cond     *program.Condition
	scope    event.Scope
}

// Exception tells of what a rule lets off.
type Exception struct {
	Name   string
	Fields []string
	Comps  []string
	Values int // how many combinations are given
}

// Rules are all rules in the order in which they are judged, disabled and blind ones among them. The slice must not be changed.
func (s *Set) Rules() []Rule { return s.rules }

// Find finds a rule by its id or its name, in any case.
func (s *Set) Find(name string) *Rule {
	for _, by := range []func(*Rule) string{func(r *Rule) string { return r.ID }, func(r *Rule) string { return r.Name }} {
		for i := range s.rules {
			if strings.EqualFold(by(&s.rules[i]), name) && name != "" {
				return &s.rules[i]
			}
		}
	}
	return nil
}

// requestField is the field that makes a rule request-anchored.
const requestField = "audit.done"

// rule checks a rule. ok is false where there is none to be had: it is skipped, or something is wrong with it.
func (ck *checker) rule(d *ruleDef) (r Rule, ok bool) {
	if !d.sourceKnown {
		ck.warnAt(d.at, d.item(), "unknown source "+d.sourceName+", rule skipped", didYouMean(d.sourceName, sourceNames()))
		return r, false
	}
	found := Diagnostics{}
	r = d.rule()
	if !d.cond.empty() {
		cond := d.withExceptions()
		r.Condition = cond.s
		got := ck.walker(cond, d.source, d.item()).condition()
		found = append(found, got.found...)
		if ck.nodes += got.nodes; ck.nodes > maxSetNodes {
			found = append(found, newDiagnostic(d.at, d.item(), "the conditions of all rules together are too large", ""))
		}
		r.Expanded, r.Node, r.Scope, r.Fields, r.Macros = got.expr, got.node, got.scope, got.fields, got.macros
		r.RequestAnchored = slices.ContainsFunc(got.fields, func(f *event.Field) bool { return f.Name == requestField })
		r.Blind = blindness(got.fields, got.node)
		found = append(found, ck.unusedExceptions(d)...)
	}
	for _, a := range d.adjust {
		found = append(found, ck.adjust(&r, d, a)...)
	}
	r.Output = ck.template(d.output, d, r.Scope, &found)
	if r.Title = ck.template(d.title, d, r.Scope, &found); d.title.empty() {
		r.Title = &Template{source: d.name, parts: []part{{literal: d.name}}}
	}
	return r, ck.reportRule(d, found) && !d.broken
}

// sourceNames are the names by which rules may name their source.
func sourceNames() (out []string) {
	for s := range event.Source(event.NumSources) {
		out = append(out, s.String())
	}
	return out
}

// rule is what a definition gives without being checked.
func (d *ruleDef) rule() Rule {
	r := Rule{
		ID: d.id, Name: d.name, Desc: d.desc, Why: d.why, FalsePositives: d.falsePos, Priority: d.priority, Source: d.source, Tags: d.tags,
		Attack: d.attack, Needs: d.needs, Alert: d.alert, Enabled: d.enabled, Builtin: d.at.file.builtin, File: d.at.file.name,
	}
	r.Line, _ = d.at.lineColumn()
	for _, x := range d.exceptions {
		r.Exceptions = append(r.Exceptions, x.exported())
	}
	return r
}

func (x *exceptionDef) exported() Exception {
	out := Exception{Name: x.name}
	for i, f := range x.fields {
		out.Fields = append(out.Fields, f.s)
		out.Comps = append(out.Comps, x.comps[i].s)
	}
	for _, row := range x.values {
		if out.Values++; !x.list {
			out.Values += len(row) - 1
		}
	}
	return out
}

// blindness says which field is not traced, or has no value that the condition can hold for; "" where there is no such field.
func blindness(fields []*event.Field, cond *program.Node) string {
	for _, f := range fields {
		if f.Get == nil {
			return f.Name + ": " + f.Untraced
		}
	}
	for _, f := range fields {
		if f.Traced != nil && cond != nil && !program.CanHold(cond, f, f.Traced) {
			return f.Name + ": none of the values that the condition asks for is traced"
		}
	}
	return ""
}

// unusedExceptions checks the fields of exceptions that have no values, since they are not in the condition.
func (ck *checker) unusedExceptions(d *ruleDef) Diagnostics {
	var found Diagnostics
	for _, x := range d.exceptions {
		if len(x.values) > 0 {
			continue
		}
		for _, f := range x.fields {
			exists := f.joined(madeText("exists", f.runs[0].origin))
			found = append(found, ck.walker(exists, d.source, d.item()).condition().found...)
		}
	}
	return found
}

// adjust checks one adjustment. Where the rule's condition has a scope, it may name no other.
func (ck *checker) adjust(r *Rule, d *ruleDef, a adjustDef) Diagnostics {
	w := ck.walker(a.cond, d.source, d.item())
	if r.Scope != event.ScopeEvent {
		w.within = &r.Scope
	}
	got := w.condition()
	if got.found.HasErrors() {
		return got.found
	}
	cond, err := program.CompileCondition(got.node)
	if err != nil {
		return append(got.found, newDiagnostic(a.cond.place(0), d.item(), err.Error(), ""))
	}
	r.Adjust = append(r.Adjust, Adjust{If: a.cond.s, Priority: a.priority, cond: cond, scope: got.scope})
	return got.found
}

// template compiles an output or title; it may name fields of the scope of the rule's condition only.
func (ck *checker) template(t text, d *ruleDef, scope event.Scope, found *Diagnostics) *Template {
	if t.empty() {
		return &Template{}
	}
	w := ck.walker(t, d.source, d.item())
	w.within = &scope
	out := w.template()
	*found = append(*found, w.out.found...)
	return out
}

// reportRule reports what was found in a rule, and says whether the rule can be used. With skip-if-unknown-filter names that are
// not known are no errors: the rule is left out.
func (ck *checker) reportRule(d *ruleDef, found Diagnostics) bool {
	skip := d.skipUnknown && found.HasErrors() && !slices.ContainsFunc(found, func(d Diagnostic) bool { return !d.Warning && !d.unknown })
	for _, f := range found {
		if skip && f.unknown {
			f.Warning = true
			f.Message += ": rule skipped, as skip-if-unknown-filter asks"
		}
		ck.add(f)
	}
	return !found.HasErrors()
}
