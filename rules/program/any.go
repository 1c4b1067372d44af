package program

import (
	"strconv"

	"github.com/parallax-sec/parallax/event"
)

// isAny says whether t may have a list of values of which one has to fit, whatever the comparison: a field with event.Field.Any that is
// given no argument, or a transformer of one.
func isAny(t Term) bool {
	switch t := t.(type) {
	case *FieldTerm:
		return t.Field.Any && !t.Arg.Has
	case *CallTerm:
		switch t.Fn {
		case "tolower", "toupper", "b64", "basename":
			return isAny(t.Args[0])
		}
	}
	return false
}

// anyMatcher makes m, which compares one value, hold for a list where it holds for an element.
func anyMatcher(m matcher) matcher {
	switch m := m.(type) {
	case scalar:
		return anyText(m)
	case *counted:
		return anyText{m}
	case network:
		return anyText{m}
	case number:
		return anyNumber{m}
	case *set:
		return &set{members: m.members}
	}
	return m
}

// anyText holds for a text, or a list with a text, that m holds for.
type anyText struct{ m textMatcher }

func (a anyText) match(v *event.Value) bool {
	if v.Kind() == event.KindText {
		return a.m.matchText(v.Text())
	}
	for _, s := range v.List() {
		if a.m.matchText(s) {
			return true
		}
	}
	return false
}

// anyNumber holds for a number, or a list with the decimal text of one, that m holds for.
type anyNumber struct{ m number }

func (a anyNumber) match(v *event.Value) bool {
	if v.Kind() == event.KindNumber {
		return a.m.matchNumber(v.Number())
	}
	for _, s := range v.List() {
		if n, err := strconv.ParseInt(s, 10, 64); err == nil && a.m.matchNumber(event.IntNumber(n)) {
			return true
		}
	}
	return false
}

// between is a comparison of two values of one event. A side that is any is a list of which one has to fit.
type between struct {
	op                Op
	mod               Mod
	anyLeft, anyRight bool
}

func newBetween(t *Test) between {
	return between{t.Op, t.Mod, isAny(t.Left), isAny(t.Right.Term)}
}

func (b between) holds(left, right *event.Value) bool {
	mod := b.mod
	if b.anyRight && mod == NoMod && right.Kind() == event.KindList {
		mod = AnyOf
	}
	if !b.anyLeft || left.Kind() != event.KindList {
		return holdsBetween(b.op, mod, left, right)
	}
	var one event.Value
	for _, s := range left.List() {
		one.SetText(s)
		if right.Kind() == event.KindNumber {
			if n, err := strconv.ParseInt(s, 10, 64); err == nil {
				one.SetInt(n)
			}
		}
		if holdsBetween(b.op, mod, &one, right) {
			return true
		}
	}
	return false
}
