package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/parallax-sec/parallax/rules/condition"
)

func (r *reader) list(m mapping) {
	name, ok := r.text(m.get("list"), "", "the name of a list")
	if !ok {
		return
	}
	item := fmt.Sprintf("list %q", name.s)
	r.knownKeys(m, item, []string{"list", "items", "append", "override"})
	if !condition.IsBare(name.s) {
		r.warnAt(name.place(0), item, "conditions cannot name this list: its name would need quotes", "")
	}
	modes, overridden := r.override(m, item, map[string][]string{"items": {"append", "replace"}})
	add := r.deprecatedAppend(m, item) || modes["items"] == "append"
	n := m.get("items")
	if n == nil {
		r.errorAt(r.file.at(m.node), item, "items are missing")
		return
	}
	nodes, ok := r.texts(n, item, "items")
	if !ok {
		return
	}
	d := r.space.list[name.s]
	if d == nil && (add || overridden) {
		r.report(name.place(0), item, "cannot add to or override a list that is not defined before", didYouMean(name.s, sortedKeys(r.space.list)))
		return
	}
	if d == nil {
		d = &listDef{}
		r.space.list[name.s] = d
		r.space.lists = append(r.space.lists, d)
	}
	r.mark(&d.def, name.s, name.place(0))
	if !add {
		d.items = nil
	}
	for _, n := range nodes {
		d.items = append(d.items, r.listItem(n))
	}
}

// listItem is an item as it is put into conditions: Falco puts quotes around those with a blank. An empty one would vanish.
func (r *reader) listItem(n *yaml.Node) text {
	o := origin{file: r.file, node: n, space: r.space}
	t := scalarText(o)
	if n.Value != "" && (!strings.Contains(n.Value, " ") || n.Value[0] == '"' || n.Value[0] == '\'') {
		return t
	}
	var b textBuilder
	b.add(madeText(`"`, o))
	b.add(t)
	b.add(madeText(`"`, o))
	return b.text()
}

func (r *reader) macro(m mapping) {
	name, ok := r.text(m.get("macro"), "", "the name of a macro")
	if !ok {
		return
	}
	item := fmt.Sprintf("macro %q", name.s)
	r.knownKeys(m, item, []string{"macro", "condition", "append", "override"})
	if !condition.IsIdentifier(name.s) {
		r.warnAt(name.place(0), item, "conditions cannot name this macro: a macro's name is letters, digits and _, a letter first", "")
	}
	modes, overridden := r.override(m, item, map[string][]string{"condition": {"append", "replace"}})
	add := r.deprecatedAppend(m, item) || modes["condition"] == "append"
	n := m.get("condition")
	if n == nil {
		r.errorAt(r.file.at(m.node), item, "condition is missing")
		return
	}
	cond, ok := r.text(n, item, "condition")
	if !ok {
		return
	}
	d := r.space.macro[name.s]
	if d == nil && (add || overridden) {
		r.report(name.place(0), item, "cannot add to or override a macro that is not defined before", didYouMean(name.s, sortedKeys(r.space.macro)))
		return
	}
	if d == nil {
		d = &macroDef{}
		r.space.macro[name.s] = d
		r.space.macros = append(r.space.macros, d)
	}
	r.mark(&d.def, name.s, name.place(0))
	if !add {
		d.cond = text{}
	}
	r.join(&d.cond, cond, item, "condition")
}

func contains(list []string, s string) bool { return slices.Contains(list, s) }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// orList is "a, b or c".
func orList(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
