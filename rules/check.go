package rules

import (
	"errors"
	"fmt"
	"slices"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/rules/condition"
	"github.com/parallax-sec/parallax/rules/program"
)

// maxConditionNodes bounds a condition with its macros put in: macros may name macros twice, and grow without end.
const maxConditionNodes = 100_000

// maxSetNodes bounds all conditions of a set together.
const maxSetNodes = 20 * maxConditionNodes

// checker checks definitions and makes rules of them.
type checker struct {
	*collector
	fields [event.NumSources]map[string]*event.Field
	names  [event.NumSources][]string
	parsed map[*macroDef]*parsedMacro
	done   map[macroUse]*checked
	nodes  int // of all rules so far
}

// macroUse is a macro as rules of one source see it.
type macroUse struct {
	macro  *macroDef
	source event.Source
}

// checked is what checking a condition, or a macro in it, gave. Its parts are shared by all that name the macro.
type checked struct {
	node   *program.Node
	expr   condition.Expr // with macros put in; its positions mean nothing
	nodes  int
	fields []*event.Field // each once, in the order of appearance
	macros []string
	scope  event.Scope
	found  Diagnostics
	seen   map[Diagnostic]bool // of found: macros are reached in many ways, and what is wrong in them is told once
}

func (out *checked) add(ds ...Diagnostic) {
	for _, d := range ds {
		if out.seen == nil {
			out.seen = map[Diagnostic]bool{}
		}
		if !out.seen[d] {
			out.seen[d] = true
			out.found = append(out.found, d)
		}
	}
}

// check checks everything that was collected. The set is only of use where nothing was wrong.
func (c *collector) check() *Set {
	ck := &checker{collector: c, parsed: map[*macroDef]*parsedMacro{}, done: map[macroUse]*checked{}}
	for s := range ck.fields {
		ck.fields[s] = map[string]*event.Field{}
	}
	for i := range c.env.Fields {
		f := &c.env.Fields[i]
		ck.fields[f.Source][f.Name] = f
		ck.names[f.Source] = append(ck.names[f.Source], f.Name)
	}
	for _, space := range []*namespace{c.builtin, c.user} {
		space.resolveLists()
		ck.warnNestedLists(space)
		ck.parseMacros(space)
	}
	s := &Set{}
	for _, d := range c.rules {
		if r, ok := ck.rule(d); ok {
			r.Index = len(s.rules)
			s.rules = append(s.rules, r)
		}
	}
	return s
}

func (ck *checker) warnNestedLists(space *namespace) {
	for _, l := range space.lists {
		if l.names {
			ck.warnAt(l.at, fmt.Sprintf("list %q", l.name), "lists nest deeper than two: the names of the innermost are taken as text", "name them here")
		}
	}
}

// condition checks the condition in w.text.
func (w *walker) condition() *checked {
	if e := w.parse(); e != nil {
		w.check(e)
	}
	return w.out
}

// parse puts lists into w.text and parses it; it returns nil where that gave an error.
func (w *walker) parse() condition.Expr {
	full, ok := substitute(w.text)
	if !ok {
		w.errorAt(0, fmt.Sprintf("the condition has more than %d bytes once lists are put in", maxConditionBytes), "")
		return nil
	}
	w.text = full
	e, err := condition.Parse(full.s)
	if err != nil {
		w.syntaxError(err)
		return nil
	}
	return e
}

// walker checks one tree: the condition of a rule or macro, an adjustment, or a placeholder of an output.
type walker struct {
	*checker
	text   text // that the positions in the tree are of
	source event.Source
	item   string       // what the text is in, for messages
	within *event.Scope // the only scope of which fields may be, besides the event's; nil where any may be
	out    *checked
}

func (ck *checker) walker(t text, source event.Source, item string) *walker {
	return &walker{checker: ck, text: t, source: source, item: item, out: &checked{}}
}

func (w *walker) errorAt(off int, message, hint string) {
	w.out.add(newDiagnostic(w.text.place(off), w.item, message, hint))
}

func (w *walker) warnAt(off int, message, hint string) {
	d := newDiagnostic(w.text.place(off), w.item, message, hint)
	d.Warning = true
	w.out.add(d)
}

func (w *walker) syntaxError(err error) {
	var se *condition.SyntaxError
	if !errors.As(err, &se) {
		w.errorAt(0, err.Error(), "")
		return
	}
	w.errorAt(se.Offset, se.Error(), didYouMean(se.Found, se.Expected))
}

// check checks the whole tree.
func (w *walker) check(e condition.Expr) {
	w.out.node, w.out.expr = w.expr(e)
}

func (w *walker) expr(e condition.Expr) (*program.Node, condition.Expr) {
	if w.out.nodes++; w.out.nodes == maxConditionNodes {
		w.errorAt(e.Pos(), "the condition is too large once macros are put in", "")
	}
	switch e := e.(type) {
	case *condition.And:
		nodes, kids := w.kids(e.Kids)
		return &program.Node{Kind: program.And, Kids: nodes}, &condition.And{Kids: kids}
	case *condition.Or:
		nodes, kids := w.kids(e.Kids)
		return &program.Node{Kind: program.Or, Kids: nodes}, &condition.Or{Kids: kids}
	case *condition.Not:
		node, kid := w.expr(e.Kid)
		return &program.Node{Kind: program.Not, Kids: []*program.Node{node}}, &condition.Not{Kid: kid}
	case *condition.Macro:
		return w.macro(e)
	case *condition.Check:
		return w.comparison(e), e
	}
	panic(fmt.Sprintf("rules: an expression of type %T", e))
}

func (w *walker) kids(kids []condition.Expr) (nodes []*program.Node, exprs []condition.Expr) {
	for _, k := range kids {
		n, e := w.expr(k)
		nodes, exprs = append(nodes, n), append(exprs, e)
	}
	return nodes, exprs
}

// macro puts a macro's tree where its name stands.
func (w *walker) macro(e *condition.Macro) (*program.Node, condition.Expr) {
	never := &program.Node{Kind: program.Never}
	space := w.text.originAt(e.At).space
	m := space.macro[e.Name]
	if m == nil {
		w.undefinedMacro(e, space)
		return never, e
	}
	sub := w.checkedMacro(m, w.source)
	if sub.node == nil {
		w.out.add(sub.found...)
		return never, e
	}
	w.absorb(sub, m.name, e.At)
	return sub.node, sub.expr
}

func (w *walker) undefinedMacro(e *condition.Macro, space *namespace) {
	hint := didYouMean(e.Name, sortedKeys(space.macro))
	if space.list[e.Name] != nil {
		hint = "it is a list, and lists stand in parentheses: in (" + e.Name + ")"
	}
	w.errorAt(e.At, fmt.Sprintf("undefined macro %s", e.Name), hint)
}

// absorb adds what a macro uses to what the condition that names it uses.
func (w *walker) absorb(sub *checked, name string, off int) {
	w.out.add(sub.found...)
	if w.out.nodes < maxConditionNodes && w.out.nodes+sub.nodes >= maxConditionNodes {
		w.errorAt(off, "the condition is too large once macros are put in", "")
	}
	w.out.nodes = min(w.out.nodes+sub.nodes, maxConditionNodes)
	for _, f := range sub.fields {
		w.use(f, off)
	}
	for _, m := range append([]string{name}, sub.macros...) {
		if !slices.Contains(w.out.macros, m) {
			w.out.macros = append(w.out.macros, m)
		}
	}
}

// use notes a field. A condition is judged once for each element of its scope, so that it can have only one.
func (w *walker) use(f *event.Field, off int) {
	if !slices.Contains(w.out.fields, f) {
		w.out.fields = append(w.out.fields, f)
	}
	switch {
	case f.Scope == event.ScopeEvent || f.Scope == w.out.scope && w.within == nil:
	case w.within != nil:
		if f.Scope != *w.within {
			w.errorAt(off, fmt.Sprintf("%s is of each %s, but the rule's condition is not", f.Name, f.Scope), "")
		}
	case w.out.scope == event.ScopeEvent:
		w.out.scope = f.Scope
	default:
		other := w.out.fields[slices.IndexFunc(w.out.fields, func(f *event.Field) bool { return f.Scope == w.out.scope })]
		w.errorAt(off, fmt.Sprintf("a condition can name parts of one kind only: %s is of each %s, %s of each %s",
			other.Name, other.Scope, f.Name, f.Scope), "make two rules of it")
	}
}
