package rules

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/rules/condition"
	"github.com/parallax-sec/parallax/rules/program"
)

// The bounds of a list in what a template makes, in bytes as in Falco, and of a width, in characters.
const (
	maxListBytes = 1023
	maxWidth     = 1024
)

// Template is a rule's output or title: text in which %field stands for the value of the field. It is immutable.
type Template struct {
	source string
	parts  []part
}

// part is literal text, or a term.
type part struct {
	literal string
	term    program.Term // nil where literal is meant
	width   int          // characters that the value is cut or filled to; 0 leaves it as it is
}

// String is the template as it was written.
func (t *Template) String() string { return t.source }

// template compiles the output in w.text; what is wrong goes to w.out.
func (w *walker) template() *Template {
	s := w.text.s
	out := &Template{source: s}
	i := len(s) - len(strings.TrimPrefix(s, "*")) // Falco's sign for: print even where values are missing
	for i < len(s) {
		next := strings.IndexByte(s[i:], '%')
		if next != 0 {
			end := len(s)
			if next > 0 {
				end = i + next
			}
			out.literal(s[i:end])
			i = end
			continue
		}
		n := w.placeholder(out, i)
		if n == 0 {
			return out
		}
		i += n
	}
	return out
}

func (t *Template) literal(s string) { t.parts = append(t.parts, part{literal: s}) }

// placeholder compiles what begins with the "%" at off, and says how many bytes it took; 0 where it makes no sense.
func (w *walker) placeholder(out *Template, off int) int {
	const obsolete = "%container.info"
	s := w.text.s[off:]
	if strings.HasPrefix(s, obsolete) {
		w.warnAt(off, obsolete+" is deprecated and replaced by nothing", "")
		return len(obsolete)
	}
	digits := 1
	for digits < len(s) && s[digits] >= '0' && s[digits] <= '9' {
		digits++
	}
	p := part{}
	if digits > 1 {
		var err error
		if p.width, err = strconv.Atoi(s[1:digits]); err != nil || p.width > maxWidth {
			w.errorAt(off, fmt.Sprintf("the width of a value is at most %d", maxWidth), "")
			return 0
		}
	}
	o, n := w.named(off+digits, s[digits:])
	if o == nil {
		return 0
	}
	shift(o, off+digits)
	if p.term, _ = w.term(o); p.term != nil {
		out.parts = append(out.parts, p)
	}
	return digits + n
}

// named reads the field or transformer at the beginning of s, the longest that makes sense.
func (w *walker) named(off int, s string) (condition.Operand, int) {
	if call, n, err := condition.ParseCall(s); err != nil {
		w.errorAt(off, err.Error(), "")
		return nil, 0
	} else if call != nil {
		return call, n
	}
	f, n := condition.ParseField(s)
	if f == nil {
		w.notAField(off, s)
		return nil, 0
	}
	known := w.fields[w.source][f.Name]
	if known == nil {
		return w.shorterField(off, f, n)
	}
	if known.Arg == event.ArgNone {
		f, n = &condition.Field{Name: f.Name}, len(f.Name)
	}
	return f, n
}

// shorterField drops characters from the end until the name is known: in "%proc.name_" the field is proc.name.
func (w *walker) shorterField(off int, f *condition.Field, n int) (condition.Operand, int) {
	for end := len(f.Name) - 1; end > 0; end-- {
		if w.fields[w.source][f.Name[:end]] != nil {
			w.warnAt(off+end, fmt.Sprintf("this is the field %s, and after it %q", f.Name[:end], f.Name[end:]), "")
			return &condition.Field{Name: f.Name[:end]}, end
		}
	}
	return f, n // for the message that it is not known
}

// notAField reports what stands after a "%" and is no field; off is where it begins.
func (w *walker) notAField(off int, s string) {
	if word, _, ok := strings.Cut(s, "("); ok && condition.IsIdentifier(word) {
		w.errorAt(off, "unknown transformer "+word, didYouMean(word, condition.Transformers()))
		return
	}
	w.errorAt(off-1, "a % must be followed by the name of a field", "")
}

// shift moves the positions of what was read from the middle of a text.
func shift(o condition.Operand, by int) {
	switch o := o.(type) {
	case *condition.Field:
		o.At += by
		o.ArgAt += by
	case *condition.Text:
		o.At += by
	case *condition.List:
		o.At += by
		for _, i := range o.Items {
			shift(i, by)
		}
	case *condition.Call:
		o.At += by
		for _, a := range o.Args {
			shift(a, by)
		}
	}
}
