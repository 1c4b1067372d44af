package program

import (
	"fmt"

	"github.com/parallax-sec/parallax/event"
)

// matcher is one comparison with constants, prepared. It is immutable and may be shared by goroutines.
type matcher interface {
	// match says whether the comparison holds for v. A missing value never matches.
	match(v *event.Value) bool
}

// textMatcher is a matcher of one text; scalar makes it a matcher of values.
type textMatcher interface {
	matchText(s string) bool
}

// scalar holds for a text that m holds for. Lists and numbers never match.
type scalar struct{ m textMatcher }

func (s scalar) match(v *event.Value) bool {
	return v.Kind() == event.KindText && s.m.matchText(v.Text())
}

// Validate says why t cannot be compiled: a regular expression that does not parse, an operator that its sides cannot have.
// It lets a loader report the place of what Compile would refuse.
func (t *Test) Validate() error {
	if _, err := newReader(t.Left); err != nil {
		return err
	}
	if t.Right.Term == nil {
		_, err := newMatcher(t)
		return err
	}
	if t.Op == Regex {
		return fmt.Errorf("%s wants a constant pattern, not a field", t.Op)
	}
	_, err := newReader(t.Right.Term)
	return err
}

// newMatcher prepares a test that compares with constants.
func newMatcher(t *Test) (matcher, error) {
	if t.Op == Exists {
		return exists{}, nil
	}
	m, err := newValueMatcher(t)
	if err == nil && isAny(t.Left) {
		m = anyMatcher(m)
	}
	return m, err
}

// newValueMatcher is newMatcher without regard to values of which one has to fit.
func newValueMatcher(t *Test) (matcher, error) {
	switch domainOf(t.Left) {
	case event.Number:
		return newNumberMatcher(t)
	case event.IP, event.Net:
		return newNetMatcher(t)
	}
	if t.Op == In || t.Op == Intersects {
		return newSetMatcher(t.Op, t.Right.Texts), nil
	}
	if t.Op == PMatch {
		return scalar{newPathPrefixes(t.Right.Texts)}, nil
	}
	if t.Mod != NoMod {
		return newCounted(t)
	}
	if len(t.Right.Texts) != 1 {
		return nil, fmt.Errorf("%s wants one constant, not %d", t.Op, len(t.Right.Texts))
	}
	m, err := newTextMatcher(t.Op, t.Right.Texts[0])
	return scalar{m}, err
}

// newTextMatcher prepares the comparison of a text with one constant.
func newTextMatcher(op Op, constant string) (textMatcher, error) {
	switch op {
	case Eq, Ne:
		return equal{constant, op == Ne}, nil
	case Lt, Le, Gt, Ge:
		return ordered{op, constant}, nil
	case Contains, BContains:
		return contains{constant}, nil
	case IContains:
		return newIContains(constant), nil
	case StartsWith, BStartsWith:
		return startsWith{constant}, nil
	case EndsWith:
		return endsWith{constant}, nil
	case Glob, IGlob:
		return newGlob(constant, op == IGlob), nil
	case Regex:
		return newRegex(constant)
	}
	return nil, fmt.Errorf("%s does not compare a text with one constant", op)
}

// domainOf is the type that decides how a term is compared: Number, IP, Net, or Text for everything else.
// Elements of a list of numbers are compared as texts.
func domainOf(t Term) event.Type {
	switch t := t.(type) {
	case *FieldTerm:
		switch {
		case t.Field.Type == event.IP, t.Field.Type == event.Net:
			return t.Field.Type
		case (t.Field.Type == event.Number || t.Field.Type == event.Int) && !t.Field.List:
			return event.Number
		}
	case *CallTerm:
		if t.Fn == "len" {
			return event.Number
		}
	}
	return event.Text
}

// exists holds for every value that is not missing.
type exists struct{}

func (exists) match(v *event.Value) bool { return v.Kind() != event.Missing }
