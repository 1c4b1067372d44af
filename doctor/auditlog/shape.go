package auditlog

import (
	"slices"

	"github.com/parallax-sec/parallax/rules/condition"
)

// anyText stands for any text, or none, in a shape.
const anyText = "*"

// mayBe says whether a condition can hold for a request of a shape.
func mayBe(cond condition.Expr, sh shape) bool {
	return condition.Holds(cond, func(c *condition.Check) condition.Answer { return sh.holds(c) }) != condition.No
}

// holds answers comparisons that the shape decides.
func (sh *shape) holds(c *condition.Check) condition.Answer {
	f, ok := c.Left.(*condition.Field)
	if !ok || c.Mod != condition.ModNone || f.HasArg {
		return condition.Perhaps
	}
	values, known := sh.values(f.Name)
	if !known {
		return condition.Perhaps
	}
	return compare(c, values)
}

// compare answers a comparison of a field that has one of values; noValue among them says that it may be missing.
func compare(c *condition.Check, values []string) condition.Answer {
	if len(values) == 0 {
		return condition.No
	}
	texts := condition.Texts(c.Right)
	switch c.Op {
	case condition.OpExists:
		return portion(values, func(string) bool { return true })
	case condition.OpEq, condition.OpIn:
		return portion(values, func(v string) bool { return slices.Contains(texts, v) })
	case condition.OpNe:
		return portion(values, func(v string) bool { return !slices.Contains(texts, v) })
	}
	return condition.Perhaps
}

// noValue stands for a field that is missing: every comparison with it is false.
const noValue = ""

// portion is the answer where of all possible values those for which f holds answer yes.
func portion(values []string, f func(string) bool) condition.Answer {
	n := 0
	for _, v := range values {
		if v != noValue && f(v) {
			n++
		}
	}
	switch n {
	case 0:
		return condition.No
	case len(values):
		return condition.Yes
	}
	return condition.Perhaps
}

// values are those that a field can have for the shape, none where it is missing; known is false where the shape does not tell.
func (sh *shape) values(field string) (values []string, known bool) {
	switch field {
	case "audit.verb", "ka.verb":
		return one(sh.verb)
	case "audit.group":
		return one(sh.group)
	case "audit.resource", "ka.target.resource":
		return one(sh.resource)
	case "audit.subresource", "ka.target.subresource":
		return one(sh.subresource)
	case "audit.act":
		return sh.acts()
	case "audit.read":
		return sh.reads()
	}
	return nil, false
}

func one(s string) (values []string, known bool) {
	switch s {
	case anyText:
		return nil, false
	case "":
		return nil, true
	}
	return []string{s}, true
}

// connecting are the subresources that audit.act is named after.
var connecting = []string{"exec", "attach", "portforward", "proxy"}

// acts are the values that audit.act can have.
func (sh *shape) acts() (values []string, known bool) {
	if slices.Contains(connecting, sh.subresource) {
		return []string{sh.subresource}, true
	}
	var acts []string
	switch sh.verb {
	case "patch", "update":
		acts = []string{"create", "modify"}
	case "delete", "deletecollection":
		acts = []string{"delete"}
	case "get", "list", "watch":
		acts = []string{"read"}
	default:
		acts, _ = one(sh.verb)
	}
	if sh.subresource == anyText {
		acts = append(acts, connecting...)
	}
	return acts, true
}

// reads are the values that audit.read can have.
func (sh *shape) reads() (values []string, known bool) {
	if acts, _ := sh.acts(); !slices.Contains(acts, "read") {
		return nil, true
	}
	reads := []string{sh.verb}
	if sh.verb == "get" {
		reads = []string{"one", "list"}
	}
	if sh.subresource == anyText {
		reads = append(reads, noValue)
	}
	return reads, true
}
