package program

import "github.com/parallax-sec/parallax/event"

// counted is a comparison with each of several constants: oneof, anyof, allof.
type counted struct {
	mod  Mod
	each []textMatcher
}

func newCounted(t *Test) (matcher, error) {
	m := &counted{mod: t.Mod}
	for _, text := range t.Right.Texts {
		one, err := newTextMatcher(t.Op, text)
		if err != nil {
			return nil, err
		}
		m.each = append(m.each, one)
	}
	return m, nil
}

func (m *counted) match(v *event.Value) bool {
	return v.Kind() == event.KindText && m.matchText(v.Text())
}

func (m *counted) matchText(s string) bool {
	hits := 0
	for _, one := range m.each {
		if one.matchText(s) {
			hits++
		}
	}
	return enough(m.mod, hits, len(m.each))
}

// enough says whether hits out of n constants satisfy mod. Nothing holds of no constants.
func enough(mod Mod, hits, n int) bool {
	switch mod {
	case OneOf:
		return hits == 1
	case AllOf:
		return n > 0 && hits == n
	}
	return hits > 0
}
