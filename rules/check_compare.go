package rules

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/rules/condition"
	"github.com/parallax-sec/parallax/rules/program"
)

// operators are the operators of the language and those of the program.
var operators = map[condition.Op]program.Op{
	condition.OpExists: program.Exists, condition.OpEq: program.Eq, condition.OpNe: program.Ne,
	condition.OpLt: program.Lt, condition.OpLe: program.Le, condition.OpGt: program.Gt, condition.OpGe: program.Ge,
	condition.OpContains: program.Contains, condition.OpIContains: program.IContains, condition.OpBContains: program.BContains,
	condition.OpStartsWith: program.StartsWith, condition.OpBStartsWith: program.BStartsWith, condition.OpEndsWith: program.EndsWith,
	condition.OpGlob: program.Glob, condition.OpIGlob: program.IGlob, condition.OpRegex: program.Regex,
	condition.OpIn: program.In, condition.OpIntersects: program.Intersects, condition.OpPMatch: program.PMatch,
}

var modifiers = map[condition.Mod]program.Mod{
	condition.ModNone: program.NoMod, condition.ModOneOf: program.OneOf, condition.ModAnyOf: program.AnyOf, condition.ModAllOf: program.AllOf,
}

// operatorsOf lists the operators that values of a type can be compared with.
func operatorsOf(s shape) []condition.Op {
	sets := []condition.Op{condition.OpExists, condition.OpIn, condition.OpIntersects}
	if s.list {
		return sets
	}
	equal := append(sets, condition.OpEq, condition.OpNe)
	switch s.typ {
	case event.Number, event.Int:
		return append(equal, condition.OpLt, condition.OpLe, condition.OpGt, condition.OpGe)
	case event.Bytes:
		return append(equal, condition.OpContains, condition.OpStartsWith, condition.OpEndsWith, condition.OpBContains, condition.OpBStartsWith)
	case event.Text:
		return append(equal, condition.OpLt, condition.OpLe, condition.OpGt, condition.OpGe, condition.OpContains, condition.OpIContains,
			condition.OpStartsWith, condition.OpEndsWith, condition.OpGlob, condition.OpIGlob, condition.OpRegex, condition.OpPMatch)
	}
	return equal
}

// comparison checks a comparison; where something is wrong with it the node never holds.
func (w *walker) comparison(c *condition.Check) *program.Node {
	never := &program.Node{Kind: program.Never}
	left, s := w.term(c.Left)
	if left == nil {
		w.term(c.Right)
		return never
	}
	if !slices.Contains(operatorsOf(s), c.Op) {
		w.errorAt(c.OpAt, fmt.Sprintf("%s cannot be compared by %s", s, c.Op), "it can by "+orList(opNames(operatorsOf(s))))
		return never
	}
	if s.list && c.Mod != condition.ModNone {
		w.errorAt(c.OpAt, fmt.Sprintf("a list cannot be compared with %s", c.Mod), "use in or intersects")
		return never
	}
	t := &program.Test{Left: left, Op: operators[c.Op], Mod: modifiers[c.Mod]}
	empty, ok := w.right(t, c, s)
	if !ok || empty {
		return never
	}
	if err := t.Validate(); err != nil {
		w.errorAt(c.Right.Pos(), err.Error(), "")
		return never
	}
	return &program.Node{Kind: program.Check, Test: t}
}

func opNames(ops []condition.Op) []string {
	var out []string
	for _, op := range ops {
		out = append(out, string(op))
	}
	return out
}

// right checks the right side. An empty list of which one must fit can never fit.
func (w *walker) right(t *program.Test, c *condition.Check, s shape) (empty, ok bool) {
	switch r := c.Right.(type) {
	case nil:
		return false, true
	case *condition.Field, *condition.Call:
		return false, w.rightTerm(t, c, s)
	case *condition.Text:
		return false, w.constant(t, c, s, r)
	case *condition.List:
		ok = true
		for _, i := range r.Items {
			text, _ := i.(*condition.Text)
			ok = w.constant(t, c, s, text) && ok
		}
		return len(r.Items) == 0 && c.Mod != condition.ModAllOf, ok
	}
	return false, false
}

func (w *walker) rightTerm(t *program.Test, c *condition.Check, left shape) bool {
	term, right := w.term(c.Right)
	if term == nil {
		return false
	}
	switch {
	case right.list && !slices.Contains([]condition.Op{condition.OpIn, condition.OpIntersects, condition.OpPMatch}, c.Op):
		w.errorAt(c.Right.Pos(), fmt.Sprintf("a list cannot stand on the right of %s", c.Op), "use in or intersects")
		return false
	case classOf(left.typ) != classOf(right.typ):
		w.errorAt(c.Right.Pos(), fmt.Sprintf("a %s cannot be compared with a %s", left.typ, right.typ), "")
		return false
	}
	t.Right.Term = term
	return true
}

// classOf puts types together whose values can be compared with each other.
func classOf(t event.Type) event.Type {
	switch t {
	case event.Bytes:
		return event.Text
	case event.Net:
		return event.IP
	}
	return t
}

// constant adds a constant to the right side.
func (w *walker) constant(t *program.Test, c *condition.Check, s shape, k *condition.Text) bool {
	w.warnNA(c, k)
	value := k.Value
	var err error
	switch {
	case s.typ == event.Number || s.typ == event.Int:
		var n uint64
		n, err = number(value, s.typ == event.Int)
		t.Right.Numbers = append(t.Right.Numbers, n)
	case s.typ == event.IP || s.typ == event.Net:
		var p netip.Prefix
		p, err = network(value)
		t.Right.Nets = append(t.Right.Nets, p)
	case s.typ == event.Bool && value != "true" && value != "false":
		err = fmt.Errorf("expected true or false, found %q", value)
	case c.Op == condition.OpBContains || c.Op == condition.OpBStartsWith:
		var b []byte
		if b, err = hex.DecodeString(value); err != nil {
			err = fmt.Errorf("expected bytes as pairs of hexadecimal digits, found %q", value)
		}
		value = string(b)
	}
	if err != nil {
		w.errorAt(k.At, err.Error(), "")
		return false
	}
	w.warnValues(t, c, k)
	t.Right.Texts = append(t.Right.Texts, value)
	return true
}

// number reads a whole number: decimal, or hexadecimal after 0x.
func number(s string, signed bool) (uint64, error) {
	digits, base := s, 10
	if len(s) > 2 && (s[:2] == "0x" || s[:2] == "0X") {
		digits, base = s[2:], 16
	}
	if signed {
		n, err := strconv.ParseInt(digits, base, 64)
		if err != nil {
			return 0, fmt.Errorf("expected a whole number, found %q", s)
		}
		return event.IntNumber(n), nil
	}
	n, err := strconv.ParseUint(digits, base, 64)
	if err != nil {
		return 0, fmt.Errorf("expected a whole number that is not negative, found %q", s)
	}
	return n, nil
}

// network reads an address or a network in CIDR notation.
func network(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		a = a.Unmap().WithZone("")
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	if p, err := netip.ParsePrefix(s); err == nil {
		return p.Masked(), nil
	}
	return netip.Prefix{}, fmt.Errorf("expected an address or a network such as 10.0.0.0/8, found %q", s)
}

// warnNA warns of comparisons with what outputs print for a missing value: conditions never see it.
func (w *walker) warnNA(c *condition.Check, k *condition.Text) {
	if k.Value == "<NA>" && w.source == event.SourceAudit {
		w.warnAt(k.At, "a missing value is not the text <NA>: every comparison with it is false", "use exists, or not ... exists")
	}
}

// warnValues warns of a constant that the field can never have.
func (w *walker) warnValues(t *program.Test, c *condition.Check, k *condition.Text) {
	f, ok := t.Left.(*program.FieldTerm)
	if !ok || len(f.Field.Values) == 0 || slices.Contains(f.Field.Values, k.Value) {
		return
	}
	if slices.Contains([]program.Op{program.Eq, program.Ne, program.In, program.Intersects}, t.Op) {
		hint := didYouMean(k.Value, f.Field.Values)
		if hint == "" {
			hint = "its values are " + strings.Join(f.Field.Values, ", ")
		}
		w.warnAt(k.At, fmt.Sprintf("%s is never %q", f.Field.Name, k.Value), hint)
	}
}
