package program

import (
	"fmt"
	"slices"
	"strings"

	"github.com/parallax-sec/parallax/event"
)

// slotBuilder collects what conditions ask about one term.
type slotBuilder struct {
	slot *slot
	any  bool // the term may have a list of values of which one has to fit

	consts   map[string]int32
	patterns map[pattern]int32
	matchers map[string]int32

	prefixes, suffixes, parts, folded automatonBuilder

	questions map[string]int // by the encoding of their trees
}

// pattern is a substring that is looked for, and where: the operator's own kind of place.
type pattern struct {
	place Op // Contains, IContains, StartsWith or EndsWith
	text  string
}

func newSlotBuilder(t Term, scope event.Scope) *slotBuilder {
	return &slotBuilder{
		slot:     &slot{term: t, scope: scope, cost: costOf(t)},
		any:      isAny(t),
		consts:   map[string]int32{},
		patterns: map[pattern]int32{}, matchers: map[string]int32{}, questions: map[string]int{},
		folded: automatonBuilder{fold: true},
	}
}

func costOf(t Term) int {
	switch t := t.(type) {
	case *FieldTerm:
		return int(t.Field.Cost)
	case *CallTerm:
		most := 0
		for _, a := range t.Args {
			most = max(most, costOf(a))
		}
		return most + 1
	}
	return 0
}

// question returns the number of a tree among the slot's questions; equal trees are one question.
func (b *slotBuilder) question(t *tree) int {
	key := string(t.encode(nil))
	n, ok := b.questions[key]
	if !ok {
		n = len(b.slot.questions)
		b.questions[key] = n
		b.slot.questions = append(b.slot.questions, question{tree: t})
	}
	return n
}

// tree turns a condition that looks at this slot only into questions about marks.
func (b *slotBuilder) tree(n *Node) (*tree, error) {
	t := &tree{kind: n.Kind}
	if n.Kind == Check {
		var err error
		t.atom, err = b.atom(n.Test)
		return t, err
	}
	for _, k := range n.Kids {
		kid, err := b.tree(k)
		if err != nil {
			return nil, err
		}
		t.kids = append(t.kids, kid)
	}
	return t, nil
}

func (b *slotBuilder) atom(t *Test) (*atom, error) {
	m, err := newMatcher(t)
	if err != nil {
		return nil, fmt.Errorf("check with %s: %w", t.Op, err)
	}
	if t.Op == Exists {
		return &atom{kind: atomExists}, nil
	}
	switch domainOf(t.Left) {
	case event.Number:
		if b.any {
			return b.matched(t, m, -1), nil
		}
		return b.numberAtom(t, m), nil
	case event.IP, event.Net:
		return b.matched(t, m, -1), nil
	}
	switch t.Op {
	case In, Intersects:
		return b.members(t), nil
	case PMatch:
		return b.matched(t, m, -1), nil
	}
	if t.Mod != NoMod && b.any {
		return b.matched(t, m, -1), nil
	}
	if t.Mod != NoMod {
		return b.countedAtom(t, m), nil
	}
	return b.textAtom(t, m), nil
}

// members is the atom of in and intersects.
func (b *slotBuilder) members(t *Test) *atom {
	a := &atom{kind: atomIntersects}
	if t.Op == In && !b.any {
		a.kind = atomIn
	}
	for _, text := range t.Right.Texts {
		a.marks = append(a.marks, b.constant(text))
	}
	slices.Sort(a.marks)
	a.marks = slices.Compact(a.marks)
	return a
}

// textAtom is the atom of a comparison with one text.
func (b *slotBuilder) textAtom(t *Test, m matcher) *atom {
	op, text := t.Op, t.Right.Texts[0]
	if op == Glob || op == IGlob {
		op, text = newGlob(text, op == IGlob).simpler(op, text)
	}
	if mark, ok := b.textMark(op, text); ok {
		a := &atom{kind: atomAny, marks: []int32{mark}, negate: op == Ne}
		if b.any {
			a.kind = atomSome
		}
		return a
	}
	return b.matched(t, m, b.required(op, text))
}

// required is a mark that every text has that op holds for, or -1: it spares most texts the trouble of a slow comparison.
func (b *slotBuilder) required(op Op, text string) int32 {
	place, part := Contains, ""
	switch op {
	case Glob, IGlob:
		g := newGlob(text, op == IGlob)
		part = g.literal()
		if g.fold {
			place = IContains
		}
	case Regex:
		part = requiredLiteral(text)
	}
	const worthwhile = 3
	if len(part) >= worthwhile {
		if mark, ok := b.textMark(place, part); ok {
			return mark
		}
	}
	return -1
}

// countedAtom is the atom of a comparison with several texts of which some number must agree.
func (b *slotBuilder) countedAtom(t *Test, m matcher) *atom {
	a := &atom{kind: atomCounted, mod: t.Mod, negate: t.Op == Ne}
	for _, text := range t.Right.Texts {
		mark, ok := b.textMark(t.Op, text)
		if !ok {
			return b.matched(t, m, -1)
		}
		a.marks = append(a.marks, mark)
	}
	return a
}

// textMark is the mark that a text has when op, or for != when =, holds between it and the constant; false where op is not
// one that an automaton can look for.
func (b *slotBuilder) textMark(op Op, text string) (int32, bool) {
	switch op {
	case Eq, Ne:
		return b.constant(text), true
	case Contains, BContains:
		return b.pattern(Contains, text, &b.parts, text)
	case IContains:
		return b.pattern(IContains, lowerASCII(text), &b.folded, text)
	case StartsWith, BStartsWith:
		return b.pattern(StartsWith, text, &b.prefixes, text)
	case EndsWith:
		return b.pattern(EndsWith, text, &b.suffixes, reversed(text))
	}
	return 0, false
}

func (b *slotBuilder) constant(text string) int32 {
	mark, ok := b.consts[text]
	if !ok {
		mark = b.newMark()
		b.consts[text] = mark
	}
	return mark
}

func (b *slotBuilder) pattern(place Op, text string, a *automatonBuilder, spelled string) (int32, bool) {
	if mark, ok := b.patterns[pattern{place, text}]; ok {
		return mark, true
	}
	if text == "" || !a.add(spelled, int32(b.slot.marks)) {
		return 0, false
	}
	b.patterns[pattern{place, text}] = int32(b.slot.marks)
	return b.newMark(), true
}

// matched is an atom whose comparison is made on the value itself.
func (b *slotBuilder) matched(t *Test, m matcher, after int32) *atom {
	key := testKey(t)
	mark, ok := b.matchers[key]
	if !ok {
		mark = b.newMark()
		b.matchers[key] = mark
		b.slot.matchers = append(b.slot.matchers, slotMatcher{m, mark, after})
	}
	return &atom{kind: atomMatched, marks: []int32{mark}}
}

func (b *slotBuilder) numberAtom(t *Test, m matcher) *atom {
	key := testKey(t)
	mark, ok := b.matchers[key]
	if !ok {
		mark = b.newMark()
		b.matchers[key] = mark
		b.slot.numbers = append(b.slot.numbers, slotMatcher{m, mark, -1})
		b.slot.cuts = append(b.slot.cuts, t.Right.Numbers...)
	}
	return &atom{kind: atomMatched, marks: []int32{mark}}
}

// testKey tells comparisons of one slot apart.
func testKey(t *Test) string {
	return fmt.Sprintf("%d %d %q %d %v", t.Op, t.Mod, t.Right.Texts, t.Right.Numbers, t.Right.Nets)
}

func (b *slotBuilder) newMark() int32 {
	b.slot.marks++
	return int32(b.slot.marks - 1)
}

// finish makes the slot, all of whose questions are known, but not yet which bits answer them.
func (b *slotBuilder) finish() *slot {
	s := b.slot
	s.consts = newConstTable(b.consts)
	s.prefixes, s.suffixes = b.prefixes.build(false), b.suffixes.build(false)
	s.parts, s.folded = b.parts.build(true), b.folded.build(true)
	slices.Sort(s.cuts)
	s.cuts = slices.Compact(s.cuts)
	s.asking = make([][]int32, s.marks)
	for i := range s.questions {
		s.questions[i].tree.eachMark(func(m int32) {
			if n := len(s.asking[m]); n == 0 || s.asking[m][n-1] != int32(i) {
				s.asking[m] = append(s.asking[m], int32(i))
			}
		})
	}
	return s
}

// termKey tells terms apart: two terms with the same key have the same value in every event.
func termKey(t Term) string {
	switch t := t.(type) {
	case *FieldTerm:
		return fmt.Sprintf("%p[%t %q]", t.Field, t.Arg.Has, t.Arg.Text)
	case *ConstTerm:
		return fmt.Sprintf("%q%t%q", t.Text, t.List == nil, t.List)
	case *CallTerm:
		var b strings.Builder
		fmt.Fprintf(&b, "%s[%q](", t.Fn, t.Opt)
		for _, a := range t.Args {
			b.WriteString(termKey(a) + ",")
		}
		return b.String() + ")"
	}
	return fmt.Sprintf("%#v", t)
}
