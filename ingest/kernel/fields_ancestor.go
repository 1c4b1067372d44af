package kernel

import (
	"strconv"

	"github.com/parallax-sec/parallax/event"
)

// ancestorFields are fields that have one value with a number in brackets, and without one a value for each ancestor, of which
// one has to fit whatever the comparison.
func ancestorFields() []event.Field {
	const nth = " With [n] the ancestor n steps up, 1 being the parent; without, any of them."
	each := func(name string, t event.Type, g func(*Event, *Process, *event.Value), doc string) event.Field {
		f := rowArg(name, t, event.ArgIndex, func(e *Event, a *event.Arg, v *event.Value) {
			if a.Has {
				if p := e.ancestor(a.Index); p != nil {
					g(e, p, v)
				}
				return
			}
			e.eachAncestor(v, g)
		}, doc+nth)
		f.Any = true
		return f
	}
	text := func(f func(*Process) string) func(*Event, *Process, *event.Value) {
		return func(_ *Event, p *Process, v *event.Value) { setFilled(v, f(p)) }
	}
	made := func(f func(*Process, []byte) []byte) func(*Event, *Process, *event.Value) {
		return func(e *Event, p *Process, v *event.Value) { v.SetText(e.texts.end(f(p, e.texts.begin()))) }
	}
	return []event.Field{
		each("proc.apid", event.Int, func(_ *Event, p *Process, v *event.Value) { v.SetInt(int64(p.PID)) }, "Process id of an ancestor."),
		each("proc.aname", event.Text, text(nameOf), "Name of an ancestor."),
		each("proc.aexe", event.Text, text(argv0), "First argument of an ancestor."),
		each("proc.aexepath", event.Text, text(exePathOf), "Path of an ancestor's executable."),
		each("proc.acmdline", event.Text, made(appendCmdline), "Name and arguments of an ancestor."),
		each("proc.aargs", event.Text, made(func(p *Process, dst []byte) []byte { return appendArgs(dst, p.Args) }), "Arguments of an ancestor without the first."),
		blankArg("proc.aenv", event.Text, event.ArgAny, noEnv, "The environment of an ancestor, or one variable of any of them."),
	}
}

// eachAncestor makes v the list of what g gives of each ancestor; numbers are texts in a list.
func (e *Event) eachAncestor(v *event.Value, g func(*Event, *Process, *event.Value)) {
	one := &e.one
	e.ancestors(func(p *Process) bool {
		one.Clear()
		switch g(e, p, one); one.Kind() {
		case event.KindText:
			v.Append(one.Text())
		case event.KindNumber:
			v.Append(e.texts.end(strconv.AppendInt(e.texts.begin(), one.Int(), 10)))
		}
		return true
	})
}
