package scenario

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/rules/program"
)

// mostItems and mostBytes bound what an explanation shows of a list and of a value.
const (
	mostItems = 6
	mostBytes = 160
)

// testText writes a check much as a rule does. Long lists are cut.
func testText(t *program.Test) string {
	words := []string{termText(t.Left), t.Op.String()}
	if t.Mod != program.NoMod {
		words = append(words, [...]string{"", "oneof", "anyof", "allof"}[t.Mod])
	}
	switch {
	case t.Op == program.Exists:
	case t.Right.Term != nil:
		words = append(words, "val("+termText(t.Right.Term)+")")
	case len(t.Right.Texts) == 1 && t.Op != program.In && t.Op != program.Intersects:
		words = append(words, constText(t.Right.Texts[0]))
	default:
		words = append(words, "("+constsText(t.Right.Texts)+")")
	}
	return strings.Join(words, " ")
}

func termText(t program.Term) string {
	switch t := t.(type) {
	case *program.FieldTerm:
		if t.Arg.Has {
			return t.Field.Name + "[" + t.Arg.Text + "]"
		}
		return t.Field.Name
	case *program.ConstTerm:
		if t.List != nil {
			return "(" + constsText(t.List) + ")"
		}
		return constText(t.Text)
	case *program.CallTerm:
		var args []string
		for _, a := range t.Args {
			args = append(args, termText(a))
		}
		text := t.Fn + "(" + strings.Join(args, ", ") + ")"
		if t.Opt != "" {
			text += "[" + t.Opt + "]"
		}
		return text
	}
	return "?"
}

func constsText(items []string) string {
	var out []string
	for i, s := range items {
		if i == mostItems {
			out = append(out, fmt.Sprintf("%d more", len(items)-i))
			break
		}
		out = append(out, constText(s))
	}
	return strings.Join(out, ", ")
}

// constText writes a constant bare where a rule could.
func constText(s string) string {
	if s == "" || strings.ContainsAny(s, "()\"' \t\r\n=,") {
		return strconv.Quote(s)
	}
	return event.Escape(s)
}

// valueText writes the value of a field.
func valueText(v *event.Value) string {
	switch v.Kind() {
	case event.KindText:
		return cut(strconv.Quote(v.Text()))
	case event.KindNumber:
		return strconv.FormatUint(v.Number(), 10)
	case event.KindList:
		return cut(fmt.Sprintf("%q", v.List()))
	}
	return "missing"
}

func cut(s string) string {
	if len(s) > mostBytes {
		s = strings.ToValidUTF8(s[:mostBytes], "") + "..."
	}
	return event.Escape(s)
}
