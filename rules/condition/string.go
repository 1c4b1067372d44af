package condition

import "strings"

// String joins the kids by "and".
func (e *And) String() string {
	return joinKids(e.Kids, " and ", func(k Expr) bool { return isChain(k) })
}

// String joins the kids by "or".
func (e *Or) String() string {
	return joinKids(e.Kids, " or ", func(k Expr) bool { _, or := k.(*Or); return or })
}

// String puts "not" before the kid.
func (e *Not) String() string {
	_, not := e.Kid.(*Not)
	return "not " + parens(e.Kid, not || isChain(e.Kid))
}

// String is the macro's name.
func (e *Macro) String() string { return e.Name }

// String is left side, operator, modifier and right side, with single blanks.
func (e *Check) String() string {
	var b strings.Builder
	writeOperand(&b, e.Left)
	b.WriteString(" " + string(e.Op))
	if e.Mod != ModNone {
		b.WriteString(" " + string(e.Mod))
	}
	switch r := e.Right.(type) {
	case nil:
	case *Field:
		b.WriteString(" val(" + r.String() + ")")
	case *List:
		b.WriteString(" ")
		writeList(&b, r, writeConstant)
	case *Text:
		b.WriteString(" ")
		writeConstant(&b, r)
	default:
		b.WriteString(" ")
		writeOperand(&b, r)
	}
	return b.String()
}

// String is the field as it would be written in a condition.
func (o *Field) String() string {
	if !o.HasArg {
		return o.Name
	}
	return o.Name + bracket(o.Arg)
}

// String is the transformer as it would be written in a condition.
func (o *Call) String() string {
	var b strings.Builder
	writeOperand(&b, o)
	return b.String()
}

func isChain(e Expr) bool {
	switch e.(type) {
	case *And, *Or:
		return true
	}
	return false
}

func parens(e Expr, need bool) string {
	if need {
		return "(" + e.String() + ")"
	}
	return e.String()
}

func joinKids(kids []Expr, sep string, need func(Expr) bool) string {
	parts := make([]string, len(kids))
	for i, k := range kids {
		parts[i] = parens(k, need(k))
	}
	return strings.Join(parts, sep)
}

// writeOperand writes a left side or an argument, where constants are always quoted.
func writeOperand(b *strings.Builder, o Operand) {
	switch o := o.(type) {
	case *Field:
		b.WriteString(o.String())
	case *Text:
		b.WriteString(Quote(o.Value))
	case *List:
		writeList(b, o, writeOperand)
	case *Call:
		b.WriteString(o.Fn)
		writeList(b, &List{Items: o.Args}, writeOperand)
		if o.HasOpt {
			b.WriteString(bracket(o.Opt))
		}
	}
}

func writeList(b *strings.Builder, l *List, item func(*strings.Builder, Operand)) {
	b.WriteByte('(')
	for i, o := range l.Items {
		if i > 0 {
			b.WriteString(", ")
		}
		item(b, o)
	}
	b.WriteByte(')')
}

// writeConstant writes a constant of a right side, with quotes only where it needs them.
func writeConstant(b *strings.Builder, o Operand) {
	t, ok := o.(*Text)
	switch {
	case !ok:
		writeOperand(b, o)
	case IsBare(t.Value):
		b.WriteString(t.Value)
	default:
		b.WriteString(Quote(t.Value))
	}
}

func bracket(arg string) string {
	if arg != "" && span(arg, 0, isBareArg) == len(arg) {
		return "[" + arg + "]"
	}
	return "[" + Quote(arg) + "]"
}

// Quote returns text in double quotes, with the escapes that Parse undoes.
func Quote(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(text) {
		switch c := text[i]; {
		case c == '\\' && i == len(text)-1:
			b.WriteString(`\ `) // a quote after a backslash would not end the string
		case c == '\\' || c == '"':
			b.WriteByte('\\')
			b.WriteByte(c)
		case strings.IndexByte("\b\f\n\r\t", c) >= 0:
			b.WriteByte('\\')
			b.WriteByte("bfnrt"[strings.IndexByte("\b\f\n\r\t", c)])
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
