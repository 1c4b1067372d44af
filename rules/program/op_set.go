package program

import "github.com/parallax-sec/parallax/event"

// set is "in" and "intersects". Of a list, in wants all elements to be members, intersects one; of a text they are the same.
type set struct {
	members map[string]struct{}
	all     bool
}

func newSetMatcher(op Op, texts []string) *set {
	m := &set{members: make(map[string]struct{}, len(texts)), all: op == In}
	for _, t := range texts {
		m.members[t] = struct{}{}
	}
	return m
}

func (m *set) match(v *event.Value) bool {
	switch v.Kind() {
	case event.KindText:
		return m.has(v.Text())
	case event.KindList:
		return m.matchList(v.List())
	}
	return false
}

func (m *set) matchList(list []string) bool {
	for _, s := range list {
		if m.has(s) != m.all {
			return !m.all
		}
	}
	return m.all
}

func (m *set) has(s string) bool {
	_, ok := m.members[s]
	return ok
}
