package scenario

import (
	"fmt"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/rules/program"
)

// leaf is a check of a condition that decides, and what its field is in the event.
type leaf struct {
	test    *program.Test // nil for a part that can never hold
	negated bool
	value   string
}

// String returns the check, and the value that decided it.
func (l leaf) String() string {
	if l.test == nil {
		return "this part can never hold"
	}
	text := testText(l.test)
	if l.negated {
		text = "not " + text
	}
	return fmt.Sprintf("%s   [%s]", text, l.value)
}

// explainer tells why a condition holds, or not, for one element of one event.
type explainer struct {
	e    event.Event
	elem int
}

// against returns the least that would have to be otherwise for n to hold; nothing where it holds.
func (x explainer) against(n *program.Node) []leaf {
	switch n.Kind {
	case program.And:
		var out []leaf
		for _, k := range n.Kids {
			out = append(out, x.against(k)...)
		}
		return out
	case program.Or:
		least := x.against(n.Kids[0])
		for _, k := range n.Kids[1:] {
			if out := x.against(k); len(out) < len(least) {
				least = out
			}
		}
		return least
	case program.Not:
		return negate(x.reasons(n.Kids[0]))
	case program.Check:
		if x.holds(n) {
			return nil
		}
		return []leaf{x.leaf(n)}
	}
	return []leaf{{}}
}

// reasons returns checks that make n hold; nothing where it does not.
func (x explainer) reasons(n *program.Node) []leaf {
	switch n.Kind {
	case program.And:
		var out []leaf
		for _, k := range n.Kids {
			if !x.holds(k) {
				return nil
			}
			out = append(out, x.reasons(k)...)
		}
		return out
	case program.Or:
		for _, k := range n.Kids {
			if x.holds(k) {
				return x.reasons(k)
			}
		}
	case program.Not:
		return negate(x.against(n.Kids[0]))
	case program.Check:
		if x.holds(n) {
			return []leaf{x.leaf(n)}
		}
	}
	return nil
}

func (x explainer) holds(n *program.Node) bool {
	c, err := program.CompileCondition(n)
	return err == nil && c.Holds(x.e, x.elem)
}

func (x explainer) leaf(n *program.Node) leaf {
	var v event.Value
	program.TermValue(n.Test.Left, x.e, x.elem, &v)
	l := leaf{test: n.Test, value: valueText(&v)}
	if n.Test.Right.Term != nil {
		program.TermValue(n.Test.Right.Term, x.e, x.elem, &v)
		l.value += " against " + valueText(&v)
	}
	return l
}

func negate(leaves []leaf) []leaf {
	for i := range leaves {
		leaves[i].negated = !leaves[i].negated
	}
	return leaves
}
