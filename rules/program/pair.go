package program

import (
	"cmp"
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
	hits, n := 0, 0
	for r := range elements(right) {
		n++
		if textsHold(op, left.Text(), r) {
			hits++
		}
	}
	if op == PMatch {
		mod = AnyOf
	}
	if mod == NoMod && n != 1 {
		return false
	}
	return enough(mod, hits, n)
}

// membersOf is in (all elements of left are among those of right) and intersects (one is).
func membersOf(op Op, left, right *event.Value) bool {
	if left.Kind() == event.KindNumber || right.Kind() == event.KindNumber {
		return left.Kind() == right.Kind() && left.Number() == right.Number()
	}
	has := membership(left, right)
	all := op == In
	for s := range elements(left) {
		if has(s) != all {
			return !all
		}
	}
	return all
}

// membership says what is an element of right; by an index where looking through it for each element of left took long.
func membership(left, right *event.Value) func(string) bool {
	const few = 1 << 12
	if len(left.List())*len(right.List()) <= few {
		return func(s string) bool {
			for r := range elements(right) {
				if r == s {
					return true
				}
			}
			return false
		}
	}
	return newSetMatcher(In, right.List()).has
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
