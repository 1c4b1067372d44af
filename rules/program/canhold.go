package program

import "github.com/parallax-sec/parallax/event"

// CanHold says whether n can hold for an event in which f has one of these values, or none, whatever other fields are.
func CanHold(n *Node, f *event.Field, values []string) bool {
	var v event.Value
	if holds, _ := outcomes(n, f, &v); holds {
		return true
	}
	for _, s := range values {
		v.SetText(s)
		if holds, _ := outcomes(n, f, &v); holds {
			return true
		}
	}
	return false
}

// outcomes says whether n can hold, and whether it can fail to, where f has the value v.
func outcomes(n *Node, f *event.Field, v *event.Value) (holds, fails bool) {
	switch n.Kind {
	case And, Or:
		holds, fails = n.Kind == And, n.Kind == Or
		for _, k := range n.Kids {
			h, s := outcomes(k, f, v)
			if n.Kind == And {
				holds, fails = holds && h, fails || s
			} else {
				holds, fails = holds || h, fails && s
			}
		}
		return holds, fails
	case Not:
		fails, holds = outcomes(n.Kids[0], f, v)
		return holds, fails
	case Check:
		return checkOutcomes(n.Test, f, v)
	}
	return false, true
}

// checkOutcomes is outcomes of a comparison; one of another field, or with another field, can go either way.
func checkOutcomes(t *Test, f *event.Field, v *event.Value) (holds, fails bool) {
	left, ok := t.Left.(*FieldTerm)
	if !ok || left.Field != f || left.Arg.Has || t.Right.Term != nil {
		return true, true
	}
	m, err := newMatcher(t)
	if err != nil {
		return true, true
	}
	holds = m.match(v)
	return holds, !holds
}
