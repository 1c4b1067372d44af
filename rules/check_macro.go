package rules

import (
	"fmt"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/rules/condition"
)

// maxMacroDepth bounds how deep macros name macros.
const maxMacroDepth = 100

// parsedMacro is a macro with lists put in, before names are looked up.
type parsedMacro struct {
	text  text
	expr  condition.Expr // nil where it does not parse, or names macros in a loop
	state macroState
}

type macroState uint8

const (
	macroNew macroState = iota
	macroOpen
	macroDone
)

func (d *macroDef) item() string { return fmt.Sprintf("macro %q", d.name) }

// parseMacros parses all macros and checks which others they name: whether a rule uses them or not, as Falco does.
func (ck *checker) parseMacros(space *namespace) {
	for _, m := range space.macros {
		ck.parseMacro(m)
	}
	for _, m := range space.macros {
		ck.resolveMacro(m, space, 0)
	}
}

func (ck *checker) parseMacro(m *macroDef) {
	w := ck.walker(m.cond, 0, m.item())
	e := w.parse()
	ck.parsed[m] = &parsedMacro{text: w.text, expr: e}
	for _, d := range w.out.found {
		ck.add(d)
	}
}

// resolveMacro checks the macros that m names: they must be defined before, and there must be no loop.
func (ck *checker) resolveMacro(m *macroDef, space *namespace, depth int) {
	p := ck.parsed[m]
	if p.state != macroNew || p.expr == nil {
		return
	}
	p.state = macroOpen
	w := ck.walker(p.text, 0, m.item())
	condition.Walk(p.expr, func(e condition.Expr) {
		if e, ok := e.(*condition.Macro); ok {
			w.macroInMacro(e, m, space, depth)
		}
	})
	for _, d := range w.out.found {
		ck.add(d)
	}
	if p.state = macroDone; w.out.found.HasErrors() {
		p.expr = nil
	}
}

func (w *walker) macroInMacro(e *condition.Macro, m *macroDef, space *namespace, depth int) {
	inner := space.macro[e.Name]
	switch {
	case inner == nil:
		w.undefinedMacro(e, space)
	case w.parsed[inner].state == macroOpen:
		w.errorAt(e.At, fmt.Sprintf("the macro %s names itself, through others or not", e.Name), "")
	case inner.first >= m.visible:
		line, _ := inner.at.lineColumn()
		w.errorAt(e.At, fmt.Sprintf("undefined macro %s: a macro can name only those defined before it, this one is defined at %s:%d", e.Name, inner.at.file.name, line), "")
	case depth >= maxMacroDepth:
		w.errorAt(e.At, fmt.Sprintf("macros name macros more than %d deep", maxMacroDepth), "")
	default:
		w.resolveMacro(inner, space, depth+1)
	}
}

// checkedMacro checks a macro for rules of a source, once. The node of a macro that has errors is nil.
func (ck *checker) checkedMacro(m *macroDef, source event.Source) *checked {
	key := macroUse{m, source}
	if out := ck.done[key]; out != nil {
		return out
	}
	p := ck.parsed[m]
	w := ck.walker(p.text, source, m.item())
	ck.done[key] = w.out
	if p.expr != nil {
		w.check(p.expr)
	}
	return w.out
}
