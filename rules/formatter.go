package rules

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/event/scrub"
	"github.com/parallax-sec/parallax/rules/program"
)

// formatter fills in templates. It keeps memory from one to the next, and belongs to one goroutine.
type formatter struct {
	terms program.TermReader
	value event.Value
	text  []byte
}

// match is output and title of r for an event, in one piece of memory; fields of a scope are those of the element elem.
func (f *formatter) match(r *Rule, e event.Event, elem int) (output, title string) {
	f.text = f.append(f.text[:0], r.Output, e, elem)
	n := len(f.text)
	f.text = f.append(f.text, r.Title, e, elem)
	both := string(f.text)
	return both[:n], both[n:]
}

// append appends what t makes of an event to dst. Values are escaped (event.AppendEscaped), a missing one is <NA>, and a list is
// "(a,b)". What is added has at most event.MaxTextBytes, as all texts of an alert.
func (f *formatter) append(dst []byte, t *Template, e event.Event, elem int) []byte {
	start := len(dst)
	for i := range t.parts {
		p := &t.parts[i]
		if p.term == nil {
			dst = append(dst, p.literal...)
		} else {
			f.terms.Read(p.term, e, elem, &f.value)
			p.mask(&f.value)
			dst = p.appendValue(dst, &f.value)
		}
		if len(dst)-start > event.MaxTextBytes {
			return cutOutput(dst, start+event.MaxTextBytes)
		}
	}
	return dst
}

// mask blanks out what is secret in a piece of an API object.
func (p *part) mask(v *event.Value) {
	if f := rawField(p.term); f != nil && v.Kind() == event.KindText {
		v.SetText(scrub.Body(f.Field.Raw+f.Arg.Text, v.Text()))
	}
}

// rawField finds the field in t whose values are pieces of API objects, nil if there is none.
func rawField(t program.Term) *program.FieldTerm {
	switch t := t.(type) {
	case *program.FieldTerm:
		if t.Field.Raw != "" {
			return t
		}
	case *program.CallTerm:
		for _, arg := range t.Args {
			if f := rawField(arg); f != nil {
				return f
			}
		}
	}
	return nil
}

// cutOutput cuts between characters and escapes and says so.
func cutOutput(dst []byte, end int) []byte {
	const mark = "..."
	return append(dst[:event.EscapedEnd(string(dst), end-len(mark))], mark...)
}

func (p *part) appendValue(dst []byte, v *event.Value) []byte {
	switch {
	case p.width > 0:
		before, _ := splitAt(p.valueText(v), p.width)
		dst = event.AppendEscaped(dst, before)
		return append(dst, strings.Repeat(" ", p.width-utf8.RuneCountInString(before))...)
	case v.Kind() == event.KindList:
		return appendList(dst, v.List(), event.AppendEscaped)
	case v.Kind() == event.KindNumber:
		return p.appendNumber(dst, v)
	}
	return event.AppendEscaped(dst, event.Clip(p.valueText(v), event.MaxTextBytes))
}

// valueText is a value as outputs print it.
func (p *part) valueText(v *event.Value) string {
	switch v.Kind() {
	case event.KindText:
		return v.Text()
	case event.KindNumber:
		return string(p.appendNumber(nil, v))
	case event.KindList:
		return string(appendList(nil, v.List(), func(dst []byte, s string) []byte { return append(dst, s...) }))
	}
	return "<NA>"
}

func (p *part) appendNumber(dst []byte, v *event.Value) []byte {
	if f, ok := p.term.(*program.FieldTerm); ok && f.Field.Type == event.Int {
		return strconv.AppendInt(dst, v.Int(), 10)
	}
	return strconv.AppendUint(dst, v.Number(), 10)
}

// appendList appends a list, by the function that is given; of its text, as much as Falco prints.
func appendList(dst []byte, list []string, text func(dst []byte, s string) []byte) []byte {
	room := maxListBytes
	put := func(s string) {
		s = s[:min(len(s), room)]
		room -= len(s)
		dst = text(dst, s)
	}
	for i, s := range list {
		if i == 0 {
			put("(")
		} else {
			put(",")
		}
		put(s)
		if room == 0 {
			break
		}
	}
	put(")")
	return dst
}
