package rules

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/rules/condition"
	"github.com/parallax-sec/parallax/rules/program"
)

// shape is what kind of values a term has.
type shape struct {
	typ  event.Type
	list bool
}

func (s shape) String() string {
	if s.list {
		return "a list"
	}
	return "a " + s.typ.String()
}

// isText says whether the values are texts that transformers work on.
func (s shape) isText() bool { return s.typ == event.Text || s.typ == event.Bytes }

// term checks a field, a transformer or a constant argument; it returns nil where something is wrong with it.
func (w *walker) term(o condition.Operand) (program.Term, shape) {
	switch o := o.(type) {
	case *condition.Field:
		if t := w.field(o); t != nil {
			return t, shape{t.Field.Type, t.Field.List}
		}
	case *condition.Call:
		if t, s, ok := w.call(o); ok {
			return t, s
		}
	case *condition.Text:
		return &program.ConstTerm{Text: o.Value}, shape{typ: event.Text}
	case *condition.List:
		return w.listTerm(o)
	}
	return nil, shape{}
}

// listTerm is a list in parentheses as the argument of a transformer.
func (w *walker) listTerm(l *condition.List) (program.Term, shape) {
	all, constants := &program.CallTerm{Fn: "list"}, &program.ConstTerm{List: []string{}}
	for _, i := range l.Items {
		t, s := w.term(i)
		if t == nil {
			return nil, shape{}
		}
		if s.list || !s.isText() {
			w.errorAt(i.Pos(), fmt.Sprintf("a list in parentheses can hold strings, not %s", s), "")
			return nil, shape{}
		}
		all.Args = append(all.Args, t)
		if text, ok := i.(*condition.Text); ok {
			constants.List = append(constants.List, text.Value)
		}
	}
	if len(constants.List) == len(all.Args) {
		return constants, shape{typ: event.Text, list: true}
	}
	return all, shape{typ: event.Text, list: true}
}

// field looks up a field and prepares its argument.
func (w *walker) field(o *condition.Field) *program.FieldTerm {
	f := w.fields[w.source][o.Name]
	if f == nil {
		w.unknownField(o)
		return nil
	}
	w.use(f, o.At)
	arg := event.Arg{Text: o.Arg, Has: o.HasArg, Index: -1}
	if n, err := strconv.ParseUint(o.Arg, 10, 31); err == nil && o.HasArg {
		arg.Index = int(n)
	}
	switch {
	case o.HasArg && f.Arg == event.ArgNone:
		w.errorAt(o.ArgAt, fmt.Sprintf("the field %s takes no argument", f.Name), "")
		return nil
	case !o.HasArg && f.Arg == event.ArgKey:
		w.errorAt(o.At, fmt.Sprintf("the field %s needs an argument in brackets", f.Name), "")
		return nil
	case o.HasArg && f.Arg == event.ArgIndex && arg.Index < 0:
		w.errorAt(o.ArgAt, fmt.Sprintf("the argument of %s is a number, not %q", f.Name, o.Arg), "")
		return nil
	}
	if f.Prepare != nil {
		if err := f.Prepare(&arg); err != nil {
			w.errorAt(o.ArgAt, fmt.Sprintf("the argument of %s: %v", f.Name, err), "")
			return nil
		}
	}
	return &program.FieldTerm{Field: f, Arg: arg}
}

func (w *walker) unknownField(o *condition.Field) {
	if len(w.out.found) >= maxFound {
		return
	}
	message, hint := "unknown field "+o.Name, didYouMean(o.Name, w.names[w.source])
	for s, fields := range w.fields {
		if fields[o.Name] != nil {
			message = fmt.Sprintf("unknown field %s: it belongs to the source %s, and here the source is %s", o.Name, event.Source(s), w.source)
			hint = ""
		}
	}
	d := newDiagnostic(w.text.place(o.At), w.item, message, hint)
	d.unknown = true
	w.out.add(d)
}

// call checks a transformer and its arguments.
func (w *walker) call(o *condition.Call) (program.Term, shape, bool) {
	t := &program.CallTerm{Fn: o.Fn, Opt: o.Opt}
	var shapes []shape
	for _, a := range o.Args {
		arg, s := w.term(a)
		if arg == nil {
			return nil, shape{}, false
		}
		t.Args, shapes = append(t.Args, arg), append(shapes, s)
	}
	out, wrong := callShape(o, shapes)
	if wrong != "" {
		w.errorAt(o.At, o.Fn+" "+wrong, "")
		return nil, shape{}, false
	}
	return t, out, true
}

// callShape is what a transformer makes of arguments; wrong says what is wrong with them.
func callShape(o *condition.Call, args []shape) (out shape, wrong string) {
	text := shape{typ: event.Text}
	switch o.Fn {
	case "join":
		if len(args) != 2 || args[0].list || !args[0].isText() || !args[1].list {
			return out, "takes a separator and a list"
		}
		out = text
	case "concat":
		if len(args) < 2 || slices.ContainsFunc(args, func(s shape) bool { return s.list || !s.isText() }) {
			return out, "takes two texts or more"
		}
		out = text
	case "getopt":
		if len(args) != 2 || !args[0].isText() || args[1].list || !args[1].isText() {
			return out, "takes a list of arguments and the letters of options"
		}
		out = shape{typ: event.Text, list: !o.HasOpt}
	case "len":
		if len(args) != 1 || !args[0].list && !args[0].isText() {
			return out, "takes one text or list"
		}
		out = shape{typ: event.Number}
	default:
		if len(args) != 1 || !args[0].isText() {
			return out, "takes one text, or a list of texts"
		}
		out = args[0]
	}
	if o.HasOpt && o.Fn != "getopt" {
		return out, "takes no argument in brackets"
	}
	return out, ""
}
