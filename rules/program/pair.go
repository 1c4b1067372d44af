package program

import (
	"cmp"
	"slices"
	"strings"

	"github.com/parallax-sec/parallax/event"
)

// maxEventPattern bounds a pattern that comes out of an event: matching takes time in proportion to pattern and text. A
// longer one matches nothing.
const maxEventPattern = 1024

// holdsBetween compares two values of one event: "ka.user.name = val(ka.impuser.name)". A missing side makes it false.
// A list on the right is a list of constants.
func holdsBetween(op Op, mod Mod, left, right *event.Value) bool {
	switch {
	case left.Kind() == event.Missing || right.Kind() == event.Missing:
		return false
	case op == In || op == Intersects:
		return membersOf(op, left, right)
	case left.Kind() == event.KindNumber && right.Kind() == event.KindNumber:
		return inOrder(op, cmp.Compare(left.Number(), right.Number()))
	case left.Kind() != event.KindText || right.Kind() == event.KindNumber:
		return false
	}
	var one [1]string
	list := elements(right, &one)
	hits := 0
	for _, r := range list {
		if textsHold(op, left.Text(), r) {
			hits++
		}
	}
	if op == PMatch {
		mod = AnyOf
	}
	if mod == NoMod && len(list) != 1 {
		return false
	}
	return enough(mod, hits, len(list))
}

// membersOf is in (all elements of left are among those of right) and intersects (one is).
func membersOf(op Op, left, right *event.Value) bool {
	if left.Kind() == event.KindNumber || right.Kind() == event.KindNumber {
		return left.Kind() == right.Kind() && left.Number() == right.Number()
	}
	var one, other [1]string
	list := elements(left, &one)
	members := newMembership(list, elements(right, &other))
	all := op == In
	for _, s := range list {
		if members.has(s) != all {
			return !all
		}
	}
	return all
}

// elements are those of a list, or the one of a text, for which one is the memory.
func elements(v *event.Value, one *[1]string) []string {
	if v.Kind() == event.KindText {
		one[0] = v.Text()
		return one[:]
	}
	return v.List()
}

// membership finds texts in a list: by an index where looking through the list for each would take long.
type membership struct {
	list  []string
	index map[string]struct{} // nil where the list is looked through
}

func newMembership(wanted, list []string) membership {
	const few = 1 << 12
	if len(wanted)*len(list) <= few {
		return membership{list: list}
	}
	return membership{index: newSetMatcher(In, list).members}
}

func (m *membership) has(s string) bool {
	if m.index == nil {
		return slices.Contains(m.list, s)
	}
	_, ok := m.index[s]
	return ok
}

func textsHold(op Op, left, right string) bool {
	switch op {
	case Eq, Ne, Lt, Le, Gt, Ge:
		return inOrder(op, strings.Compare(left, right))
	case Contains, BContains:
		return strings.Contains(left, right)
	case IContains:
		return strings.Contains(lowerASCII(left), lowerASCII(right))
	case StartsWith, BStartsWith:
		return strings.HasPrefix(left, right)
	case EndsWith:
		return strings.HasSuffix(left, right)
	}
	if len(right) > maxEventPattern {
		return false
	}
	switch op {
	case Glob, IGlob:
		return newGlob(right, op == IGlob).matchText(left)
	case PMatch:
		return hasPathPrefix(left, newPathParts(right))
	}
	return false
}
