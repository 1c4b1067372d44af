package program

import (
	"encoding/binary"

	"github.com/parallax-sec/parallax/event"
)

// atom is one check of a slot's value, put in terms of marks: the constants and patterns that were found in the value. It is
// answered without looking at the value again.
type atom struct {
	kind   atomKind
	marks  []int32 // sorted and distinct for atomIn; for atomCounted one for each constant
	mod    Mod     // atomCounted
	negate bool    // atomAny, atomSome, atomCounted: count the marks that are not there
}

type atomKind uint8

const (
	atomExists     atomKind = iota // there is a value
	atomAny                        // a text with the only mark: =, contains, startswith and the like; negated, !=
	atomSome                       // atomAny for a list of which one text has to fit: one has the mark; negated, one is another constant or none
	atomCounted                    // a text with as many of the marks as mod wants
	atomIn                         // all of a text or list is among the marks
	atomIntersects                 // some of a text or list is
	atomMatched                    // the mark of a comparison that was made on the value as a whole
)

// signature is all that the conditions can tell about a value: values with the same signature are of one class.
type signature struct {
	kind   event.Kind
	other  bool // the text, or an element of the list, is none of the constants
	consts int  // how many of the marks are constants
	marks  hitSet
}

func (a *atom) holds(s *signature) bool {
	switch a.kind {
	case atomExists:
		return s.kind != event.Missing
	case atomAny:
		return s.kind == event.KindText && s.marks.has(a.marks[0]) != a.negate
	case atomSome:
		return a.textual(s) && a.some(s)
	case atomCounted:
		return s.kind == event.KindText && enough(a.mod, a.count(s), len(a.marks))
	case atomIn:
		return a.textual(s) && !s.other && a.count(s) == s.consts
	case atomIntersects:
		return a.textual(s) && a.count(s) > 0
	case atomMatched:
		return s.marks.has(a.marks[0])
	}
	return false
}

func (a *atom) some(s *signature) bool {
	if !a.negate {
		return s.marks.has(a.marks[0])
	}
	return s.other || s.consts > a.found(s)
}

// found is 1 where the only mark is there, else 0.
func (a *atom) found(s *signature) int {
	if s.marks.has(a.marks[0]) {
		return 1
	}
	return 0
}

func (a *atom) textual(s *signature) bool {
	return s.kind == event.KindText || s.kind == event.KindList
}

// count says how many of a's marks are there, or are not where a is negated.
func (a *atom) count(s *signature) (n int) {
	for _, m := range a.marks {
		if s.marks.has(m) != a.negate {
			n++
		}
	}
	return n
}

// tree is a part of a condition that looks at one slot only.
type tree struct {
	kind NodeKind
	kids []*tree
	atom *atom // Check
}

func (t *tree) holds(s *signature) bool {
	switch t.kind {
	case And, Or:
		for _, k := range t.kids {
			if k.holds(s) == (t.kind == Or) {
				return t.kind == Or
			}
		}
		return t.kind == And
	case Not:
		return !t.kids[0].holds(s)
	case Check:
		return t.atom.holds(s)
	}
	return false
}

// eachMark calls f with every mark that the answer of t may depend on.
func (t *tree) eachMark(f func(int32)) {
	if t.atom != nil {
		for _, m := range t.atom.marks {
			f(m)
		}
	}
	for _, k := range t.kids {
		k.eachMark(f)
	}
}

// encode appends bytes that are equal for equal trees only.
func (t *tree) encode(b []byte) []byte {
	b = append(b, byte(t.kind))
	if a := t.atom; a != nil {
		b = append(b, byte(a.kind), byte(a.mod), boolByte(a.negate))
		b = binary.AppendUvarint(b, uint64(len(a.marks)))
		for _, m := range a.marks {
			b = binary.AppendUvarint(b, uint64(m))
		}
	}
	b = binary.AppendUvarint(b, uint64(len(t.kids)))
	for _, k := range t.kids {
		b = k.encode(b)
	}
	return b
}
