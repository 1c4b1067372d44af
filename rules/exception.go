package rules

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/parallax-sec/parallax/rules/condition"
)

// exceptionDef is a named exception of a rule: fields, how each is compared, and the values that are let off.
type exceptionDef struct {
	name   string
	at     place
	list   bool // fields is a list, and so is each of values
	fields []text
	comps  []text
	values [][]exceptionValue // one row for each combination; with a single field, one row of all values
}

// exceptionValue is a scalar or a list of scalars.
type exceptionValue struct {
	items []text
	list  bool
}

func (r *reader) setExceptions(d *ruleDef, n *yaml.Node, add bool) {
	if !add {
		d.exceptions = nil
	}
	if n = r.follow(n); isNull(n) {
		return
	}
	if n.Kind != yaml.SequenceNode {
		r.errorAt(r.file.at(n), d.item(), "exceptions must be a list, not "+kindName(n))
		return
	}
	for _, c := range n.Content {
		if m, ok := r.mapping(c, d.item()); ok {
			r.exception(d, m)
		}
	}
}

func (r *reader) exception(d *ruleDef, m mapping) {
	r.knownKeys(m, d.item(), []string{"name", "fields", "comps", "values"})
	if m.get("name") == nil {
		r.errorAt(r.file.at(m.node), d.item(), "an exception needs a name")
		return
	}
	name, ok := r.text(m.get("name"), d.item(), "the name of an exception")
	if !ok {
		return
	}
	i := slices.IndexFunc(d.exceptions, func(x *exceptionDef) bool { return x.name == name.s })
	if i >= 0 {
		r.addValues(d, d.exceptions[i], m)
		return
	}
	x := &exceptionDef{name: name.s, at: name.place(0)}
	if !r.exceptionFields(d, x, m) || !r.exceptionComps(d, x, m) {
		return
	}
	r.exceptionValues(d, x, m.get("values"))
	d.exceptions = append(d.exceptions, x)
}

// addValues adds to an exception that is there; its fields and comparisons stay.
func (r *reader) addValues(d *ruleDef, x *exceptionDef, m mapping) {
	for _, key := range []string{"fields", "comps"} {
		if m.get(key) != nil {
			r.errorAt(r.file.at(m.key(key)), d.item(), fmt.Sprintf("exception %q is there already: only values can be added, not %s", x.name, key))
		}
	}
	r.exceptionValues(d, x, m.get("values"))
}

func (r *reader) exceptionFields(d *ruleDef, x *exceptionDef, m mapping) bool {
	n := m.get("fields")
	if n == nil {
		r.errorAt(r.file.at(m.node), d.item(), fmt.Sprintf("exception %q needs fields", x.name))
		return false
	}
	var ok bool
	x.fields, x.list, ok = r.textOrTexts(n, d, "fields")
	if ok && len(x.fields) == 0 {
		r.errorAt(r.file.at(n), d.item(), "fields are empty")
		return false
	}
	return ok
}

// exceptionComps reads the comparisons: by default "=" for each of a list of fields, and "in" for a single field.
func (r *reader) exceptionComps(d *ruleDef, x *exceptionDef, m mapping) bool {
	n := m.get("comps")
	if n == nil {
		comp := "in"
		if x.list {
			comp = "="
		}
		for _, f := range x.fields {
			x.comps = append(x.comps, madeText(comp, f.runs[0].origin))
		}
		return true
	}
	comps, list, ok := r.textOrTexts(n, d, "comps")
	if !ok {
		return false
	}
	if list != x.list || len(comps) != len(x.fields) {
		r.errorAt(r.file.at(n), d.item(), fmt.Sprintf("exception %q: fields and comps must have equal length", x.name))
		return false
	}
	for _, c := range comps {
		ok = r.exceptionComp(d, c, list) && ok
	}
	x.comps = comps
	return ok
}

func (r *reader) exceptionComp(d *ruleDef, c text, list bool) bool {
	op, mod, modified := strings.Cut(c.s, " ")
	mod = strings.TrimSpace(mod)
	switch {
	case !slices.Contains(condition.Operators(), op):
		r.report(c.place(0), d.item(), fmt.Sprintf("there is no operator %s", op), didYouMean(op, condition.Operators()))
	case modified && !slices.Contains([]string{"oneof", "anyof", "allof"}, mod):
		r.report(c.place(0), d.item(), fmt.Sprintf("there is no modifier %s", mod), didYouMean(mod, []string{"oneof", "anyof", "allof"}))
	case !list && !modified && !isListOp(op):
		r.errorAt(c.place(0), d.item(), "with a single field the comparison must be in, pmatch, intersects, or one with oneof, anyof or allof")
	default:
		return true
	}
	return false
}

func isListOp(op string) bool { return op == "in" || op == "intersects" || op == "pmatch" }

func (r *reader) exceptionValues(d *ruleDef, x *exceptionDef, n *yaml.Node) {
	if n == nil || isNull(r.follow(n)) {
		return
	}
	if n = r.follow(n); n.Kind != yaml.SequenceNode {
		r.errorAt(r.file.at(n), d.item(), "values must be a list, not "+kindName(n))
		return
	}
	if !x.list {
		if row, ok := r.exceptionRow(d, n); ok && len(row) > 0 {
			x.values = append(x.values, row)
		}
		return
	}
	for _, c := range n.Content {
		c = r.follow(c)
		if c.Kind != yaml.SequenceNode || len(c.Content) != len(x.fields) {
			r.errorAt(r.file.at(c), d.item(), fmt.Sprintf("exception %q: each of values must be a list of %d, as fields is", x.name, len(x.fields)))
			continue
		}
		if row, ok := r.exceptionRow(d, c); ok {
			x.values = append(x.values, row)
		}
	}
}

func (r *reader) exceptionRow(d *ruleDef, n *yaml.Node) (row []exceptionValue, ok bool) {
	for _, c := range n.Content {
		c = r.follow(c)
		v := exceptionValue{list: c.Kind == yaml.SequenceNode}
		nodes := []*yaml.Node{c}
		if v.list {
			if nodes, ok = r.texts(c, d.item(), "a value"); !ok {
				return nil, false
			}
		}
		for _, n := range nodes {
			if _, ok := r.scalar(n, d.item(), "a value"); !ok {
				return nil, false
			}
			v.items = append(v.items, r.listItem(n))
		}
		row = append(row, v)
	}
	return row, true
}

// textOrTexts reads a scalar or a list of scalars, none of them empty.
func (r *reader) textOrTexts(n *yaml.Node, d *ruleDef, what string) (out []text, list, ok bool) {
	n = r.follow(n)
	nodes := []*yaml.Node{n}
	if list = n.Kind == yaml.SequenceNode; list {
		nodes = n.Content
	}
	ok = true
	for _, c := range nodes {
		t, good := r.text(c, d.item(), what)
		out, ok = append(out, t), ok && good
	}
	return out, list, ok
}

// withExceptions is the rule's condition with everything that is let off: "(condition) and not (...) and not ...".
func (d *ruleDef) withExceptions() text {
	var b textBuilder
	b.add(d.cond)
	if slices.ContainsFunc(d.exceptions, func(x *exceptionDef) bool { return len(x.values) > 0 }) {
		b = textBuilder{}
		b.add(madeText("(", d.cond.originAt(0).origin))
		b.add(d.cond)
		b.add(madeText(")", d.cond.originAt(len(d.cond.s)).origin))
	}
	for _, x := range d.exceptions {
		if len(x.values) > 0 {
			x.write(&b)
		}
	}
	return b.text()
}

// write writes " and not field op (values)", or " and not ((field op value and ...) or ...)".
func (x *exceptionDef) write(b *textBuilder) {
	o := x.fields[0].runs[0].origin
	b.add(madeText(" and not ", o))
	if !x.list {
		var all exceptionValue
		for _, row := range x.values {
			for _, v := range row {
				all.items = append(all.items, v.items...)
			}
		}
		all.list = true
		x.writeCheck(b, 0, all)
		return
	}
	open := "(("
	for _, row := range x.values {
		b.add(madeText(open, o))
		for i, v := range row {
			if i > 0 {
				b.add(madeText(" and ", o))
			}
			x.writeCheck(b, i, v)
		}
		open = ") or ("
	}
	b.add(madeText("))", o))
}

// writeCheck writes one comparison. A scalar that a list operator wants as a list may be the name of one.
func (x *exceptionDef) writeCheck(b *textBuilder, i int, v exceptionValue) {
	comp := x.comps[i]
	o := comp.runs[0].origin
	op, _, modified := strings.Cut(comp.s, " ")
	b.add(x.fields[i])
	b.add(madeText(" ", o))
	b.add(comp)
	b.add(madeText(" ", o))
	parens := v.list || (modified || isListOp(op)) && !strings.HasPrefix(v.items[0].s, "(")
	if parens {
		b.add(madeText("(", o))
	}
	for k, item := range v.items {
		if k > 0 {
			b.add(madeText(", ", o))
		}
		b.add(item)
	}
	if parens {
		b.add(madeText(")", o))
	}
}
