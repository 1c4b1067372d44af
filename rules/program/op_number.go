package program

import (
	"cmp"
	"fmt"

	"github.com/parallax-sec/parallax/event"
)

// number compares an unsigned number with constants. Of several constants (in, intersects, and the modifiers), mod says how many must agree.
type number struct {
	op        Op
	mod       Mod
	constants []uint64
}

func newNumberMatcher(t *Test) (matcher, error) {
	m := number{op: t.Op, mod: t.Mod, constants: t.Right.Numbers}
	switch t.Op {
	case Eq, Ne, Lt, Le, Gt, Ge:
	case In, Intersects:
		m.op, m.mod = Eq, AnyOf
	default:
		return nil, fmt.Errorf("%s does not compare numbers", t.Op)
	}
	if len(t.Right.Numbers) != len(t.Right.Texts) {
		return nil, fmt.Errorf("%s wants numbers", t.Op)
	}
	if m.mod == NoMod && len(m.constants) != 1 {
		return nil, fmt.Errorf("%s wants one number, not %d", t.Op, len(m.constants))
	}
	return m, nil
}

func (m number) match(v *event.Value) bool {
	return v.Kind() == event.KindNumber && m.matchNumber(v.Number())
}

func (m number) matchNumber(n uint64) bool {
	hits := 0
	for _, c := range m.constants {
		if inOrder(m.op, cmp.Compare(n, c)) {
			hits++
		}
	}
	return enough(m.mod, hits, len(m.constants))
}
