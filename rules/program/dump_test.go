package program

import (
	"fmt"
	"strings"
)

// dump shows a condition in the way rules write it, about.
func dump(n *Node) string {
	switch n.Kind {
	case Check:
		t := n.Test
		right := fmt.Sprintf("%q", t.Right.Texts)
		if t.Right.Term != nil {
			right = "val(" + dumpTerm(t.Right.Term) + ")"
		}
		return fmt.Sprintf("%s %s%s %s", dumpTerm(t.Left), t.Op, [...]string{"", " oneof", " anyof", " allof"}[t.Mod], right)
	case Never:
		return "never"
	}
	var kids []string
	for _, k := range n.Kids {
		kids = append(kids, dump(k))
	}
	return [...]string{"and", "or", "not"}[n.Kind] + "(" + strings.Join(kids, ", ") + ")"
}

func dumpTerm(t Term) string {
	switch t := t.(type) {
	case *FieldTerm:
		return t.Field.Name
	case *CallTerm:
		var args []string
		for _, a := range t.Args {
			args = append(args, dumpTerm(a))
		}
		return t.Fn + "(" + strings.Join(args, ", ") + ")"
	}
	return fmt.Sprintf("%q", t.(*ConstTerm).Text)
}
