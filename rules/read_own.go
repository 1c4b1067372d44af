package rules

import (
	"fmt"
	"regexp"
	"slices"

	"go.yaml.in/yaml/v3"
)

// Needs is what a rule needs of the audit policy to see what it is about.
type Needs struct {
	Level  string   // Metadata, Request or RequestResponse; empty where it was not said
	Stages []string // stages of which one must be recorded; nil where it was not said
}

var (
	auditLevels = []string{"Metadata", "Request", "RequestResponse"}
	auditStages = []string{"RequestReceived", "ResponseStarted", "ResponseComplete", "Panic"}
)

var (
	attackID = regexp.MustCompile(`^T[0-9]{4}(\.[0-9]{3})?$`)
	ruleID   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)
)

// setOwnKey sets a key that Falco does not have.
func (r *reader) setOwnKey(d *ruleDef, key string, n *yaml.Node, add bool) {
	switch key {
	case "id":
		if id, ok := r.text(n, d.item(), key); ok {
			if d.id = id.s; !ruleID.MatchString(id.s) {
				r.errorAt(id.place(0), d.item(), "an id is letters, digits, '.', '_' and '-', at most 64")
			}
		}
	case "title":
		r.setText(&d.title, d, key, n, add)
	case "why":
		r.setWords(&d.why, d, key, n, add)
	case "alert":
		r.setBool(&d.alert, d, key, n)
	case "false_positives":
		r.setList(&d.falsePos, d, key, listOf(n), add)
	case "attack":
		r.setAttack(d, listOf(n), add)
	case "needs":
		r.setNeeds(d, n)
	case "adjust":
		r.setAdjust(d, n, add)
	}
}

// listOf makes a list of a single scalar.
func listOf(n *yaml.Node) *yaml.Node {
	if n.Kind != yaml.ScalarNode || isNull(n) {
		return n
	}
	return &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{n}, Line: n.Line, Column: n.Column}
}

func (r *reader) setAttack(d *ruleDef, n *yaml.Node, add bool) {
	r.setList(&d.attack, d, "attack", n, add)
	if n.Kind != yaml.SequenceNode {
		return
	}
	for _, c := range n.Content {
		if c = r.follow(c); c.Kind == yaml.ScalarNode && !attackID.MatchString(c.Value) {
			r.errorAt(r.file.at(c), d.item(), fmt.Sprintf("%q is not the id of an ATT&CK technique, such as T1611 or T1059.004", c.Value))
		}
	}
}

func (r *reader) setNeeds(d *ruleDef, n *yaml.Node) {
	m, ok := r.mapping(n, d.item())
	if !ok {
		return
	}
	r.knownKeys(m, d.item(), []string{"level", "stages"})
	d.needs = Needs{}
	if level := m.get("level"); level != nil {
		d.needs.Level = r.oneOf(d, level, "level", auditLevels)
	}
	if stages := m.get("stages"); stages != nil {
		nodes, _ := r.texts(stages, d.item(), "stages")
		for _, s := range nodes {
			d.needs.Stages = append(d.needs.Stages, r.oneOf(d, s, "stage", auditStages))
		}
	}
}

func (r *reader) oneOf(d *ruleDef, n *yaml.Node, what string, words []string) string {
	t, ok := r.text(n, d.item(), what)
	if ok && !slices.Contains(words, t.s) {
		r.report(t.place(0), d.item(), fmt.Sprintf("there is no %s %q, only %s", what, t.s, orList(words)), "")
	}
	return t.s
}

// setAdjust reads the conditions that give a match another priority.
func (r *reader) setAdjust(d *ruleDef, n *yaml.Node, add bool) {
	if !add {
		d.adjust = nil
	}
	if n = r.follow(n); n.Kind != yaml.SequenceNode {
		r.errorAt(r.file.at(n), d.item(), "adjust must be a list, not "+kindName(n))
		return
	}
	for _, c := range n.Content {
		m, ok := r.mapping(c, d.item())
		if !ok {
			continue
		}
		r.knownKeys(m, d.item(), []string{"if", "priority"})
		var a adjustDef
		cond, priority := m.get("if"), m.get("priority")
		if cond == nil || priority == nil {
			r.errorAt(r.file.at(m.node), d.item(), "an adjustment needs if and priority")
			continue
		}
		if a.cond, ok = r.text(cond, d.item(), "if"); ok {
			r.setPriority(&a.priority, d, priority)
			d.adjust = append(d.adjust, a)
		}
	}
}
