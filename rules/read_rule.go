package rules

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/parallax-sec/parallax/event"
)

// requiredKeys are those that the definition of a rule must have.
var requiredKeys = []string{"condition", "output", "desc", "priority"}

// ruleKeys are all keys of a rule and what override may do with them: nothing, replace, or append as well.
var ruleKeys = map[string][]string{
	"rule": nil, "source": nil, "append": nil, "override": nil, "id": nil,
	"condition":              {"append", "replace"},
	"output":                 {"append", "replace"},
	"desc":                   {"append", "replace"},
	"tags":                   {"append", "replace"},
	"exceptions":             {"append", "replace"},
	"priority":               {"replace"},
	"enabled":                {"replace"},
	"warn_evttypes":          {"replace"},
	"skip-if-unknown-filter": {"replace"},
	"capture":                {"replace"},
	"capture_duration":       {"replace"},
	// ours
	"title":           {"replace"},
	"why":             {"append", "replace"},
	"false_positives": {"append", "replace"},
	"attack":          {"append", "replace"},
	"adjust":          {"append", "replace"},
	"needs":           {"replace"},
	"alert":           {"replace"},
}

func (r *reader) rule(m mapping) {
	name, ok := r.text(m.get("rule"), "", "the name of a rule")
	if !ok {
		return
	}
	item := fmt.Sprintf("rule %q", name.s)
	r.knownKeys(m, item, sortedKeys(ruleKeys))
	modes, overridden := r.override(m, item, ruleKeys)
	toggles := m.get("enabled") != nil && !slices.ContainsFunc(requiredKeys, func(k string) bool { return m.get(k) != nil })
	switch {
	case overridden:
		r.changeRule(m, name, modes)
	case r.deprecatedAppend(m, item):
		r.appendRule(m, name)
	case toggles:
		r.warnAt(r.file.at(m.key("enabled")), item, "enabled alone is deprecated", "add override with enabled: replace")
		r.changeRule(m, name, map[string]string{"enabled": "replace"})
	default:
		r.defineRule(m, name, item)
	}
}

// defineRule adds a rule, or replaces one in its place of the order.
func (r *reader) defineRule(m mapping, name text, item string) {
	d := &ruleDef{space: r.space, source: event.SourceKernel, sourceName: "syscall", sourceKnown: true, enabled: true, alert: true}
	d.name = name.s
	for _, e := range m.entries {
		r.setKey(d, e.key.Value, e.value, false)
	}
	for _, key := range requiredKeys {
		if n := m.get(key); n == nil {
			d.broken = true
			r.errorAt(r.file.at(m.node), item, key+" is missing")
		}
	}
	old := r.collector.rule(name.s)
	if old == nil {
		d.name = ""
		r.mark(&d.def, name.s, name.place(0))
		r.rules = append(r.rules, d)
		r.byName[d.name] = d
		r.noteID(d)
		return
	}
	if old.sourceName != d.sourceName {
		r.errorAt(name.place(0), item, fmt.Sprintf("the rule is defined again with another source, %s instead of %s", d.sourceName, old.sourceName))
	}
	if old.name != name.s {
		r.warnAt(name.place(0), item, fmt.Sprintf("replaces rule %q, which has this id", old.name), "")
	}
	d.def = old.def
	if d.id == "" {
		d.id = old.id
	}
	r.mark(&d.def, d.name, name.place(0))
	*old = *d
	r.noteID(old)
}

// noteID lets others name a rule by its id. That two rules have it is reported when all files are read.
func (r *reader) noteID(d *ruleDef) {
	if first := r.byID[d.id]; d.id != "" && (first == nil || first.id != d.id) {
		r.byID[d.id] = d
	}
}

// changeRule changes some keys of a rule that is there.
func (r *reader) changeRule(m mapping, name text, modes map[string]string) {
	d := r.existing(name)
	if d == nil {
		return
	}
	for _, e := range m.entries {
		if mode := modes[e.key.Value]; mode != "" {
			r.setKey(d, e.key.Value, e.value, mode == "append")
		}
	}
}

// appendRule adds to condition and exceptions of a rule that is there.
func (r *reader) appendRule(m mapping, name text) {
	d := r.existing(name)
	if d == nil {
		return
	}
	some := false
	for _, e := range m.entries {
		switch key := e.key.Value; key {
		case "condition", "exceptions":
			r.setKey(d, key, e.value, true)
			some = true
		case "rule", "append", "source":
		default:
			r.warnAt(r.file.at(e.key), d.item(), key+" is ignored: append adds to condition and exceptions only", "use override")
		}
	}
	if !some {
		r.errorAt(name.place(0), d.item(), "append needs a condition or exceptions")
	}
}

func (r *reader) existing(name text) *ruleDef {
	d := r.collector.rule(name.s)
	if d == nil {
		r.report(name.place(0), fmt.Sprintf("rule %q", name.s), "cannot add to or override a rule that is not defined before", didYouMean(name.s, r.ruleNames()))
		return nil
	}
	r.mark(&d.def, d.name, d.at)
	return d
}

// setKey sets a key of a rule, or adds to it.
func (r *reader) setKey(d *ruleDef, key string, n *yaml.Node, add bool) {
	if isNull(n) && slices.Contains(requiredKeys, key) {
		r.errorAt(r.file.at(n), d.item(), key+" is empty")
		return
	}
	switch key {
	case "condition":
		r.setText(&d.cond, d, key, n, add)
	case "output":
		r.setText(&d.output, d, key, n, add)
	case "desc":
		r.setWords(&d.desc, d, key, n, add)
	case "priority":
		r.setPriority(&d.priority, d, n)
	case "source":
		r.setSource(d, n)
	case "enabled":
		r.setBool(&d.enabled, d, key, n)
	case "skip-if-unknown-filter":
		r.setBool(&d.skipUnknown, d, key, n)
	case "warn_evttypes", "capture":
		r.setBool(new(bool), d, key, n)
	case "capture_duration":
		r.scalar(n, d.item(), key)
	case "tags":
		r.setList(&d.tags, d, key, n, add)
	case "exceptions":
		r.setExceptions(d, n, add)
	default:
		r.setOwnKey(d, key, n, add)
	}
}

func (r *reader) setText(t *text, d *ruleDef, key string, n *yaml.Node, add bool) {
	value, ok := r.text(n, d.item(), key)
	switch {
	case !ok:
		d.broken = true
	case add:
		r.join(t, value, d.item(), key)
	default:
		*t = value
	}
}

// maxParts bounds how often something is added to one text.
const maxParts = 2000

// join adds a part to a text.
func (r *reader) join(t *text, more text, item, what string) {
	if len(t.runs) > maxParts {
		r.errorAt(more.place(0), item, what+" is added to too often")
		return
	}
	*t = t.joined(more)
}

func (r *reader) setWords(s *string, d *ruleDef, key string, n *yaml.Node, add bool) {
	value, ok := r.text(n, d.item(), key)
	switch {
	case !ok:
	case add && *s != "":
		*s += " " + value.s
	default:
		*s = value.s
	}
}

func (r *reader) setBool(b *bool, d *ruleDef, key string, n *yaml.Node) {
	if value, ok := r.bool(n, d.item(), key); ok {
		*b = value
	}
}

func (r *reader) setList(list *[]string, d *ruleDef, key string, n *yaml.Node, add bool) {
	nodes, _ := r.texts(n, d.item(), key)
	if !add {
		*list = nil
	}
	for _, v := range values(nodes) {
		if !slices.Contains(*list, v) {
			*list = append(*list, v)
		}
	}
}

func (r *reader) setPriority(p *Priority, d *ruleDef, n *yaml.Node) {
	value, ok := r.text(n, d.item(), "priority")
	if !ok {
		return
	}
	if *p, ok = parsePriority(value.s); !ok {
		hint := didYouMean(value.s, priorityNames)
		if strings.HasPrefix("warning", strings.ToLower(value.s)) {
			hint = "did you mean Warning?"
		}
		r.report(value.place(0), d.item(), fmt.Sprintf("there is no priority %q", value.s), hint)
	}
}

func (r *reader) setSource(d *ruleDef, n *yaml.Node) {
	name, ok := r.text(n, d.item(), "source")
	if !ok {
		return
	}
	d.sourceName = name.s
	if d.source, d.sourceKnown = event.ParseSource(name.s); d.sourceKnown {
		d.sourceName = d.source.String()
	}
}
