package rules

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/parallax-sec/parallax/event"
)

func TestRuleHasAllKeys(t *testing.T) {
	set := mustLoad(t, "dir/a.yaml", `
- rule: Name
  id: U-1
  title: Title of %t.text
  desc: >
    Desc
    goes on
  why: Because.
  false_positives: None.
  condition: audit.done = true and c.image = x
  output: o %c.image
  priority: warning
  source: k8s_audit
  tags: [b, a, b]
  attack: T1611
  needs: {level: Request, stages: [Panic]}
  alert: no
  enabled: off
  warn_evttypes: false
  capture: true
  capture_duration: 10
  exceptions:
    - {name: e, fields: [t.text, t.name], comps: [=, in], values: [[a, [b, c]], [d, e]]}
    - {name: f, fields: t.text, values: [a, b, c]}
  adjust: [{if: t.text = y, priority: critical}]
`)
	got := set.Rules()[0]
	want := Rule{
		ID: "U-1", Name: "Name", Desc: "Desc goes on", Why: "Because.", FalsePositives: []string{"None."}, Priority: PriorityWarning,
		Source: event.SourceAudit, Tags: []string{"b", "a"}, Attack: []string{"T1611"}, Needs: Needs{"Request", []string{"Panic"}}, Scope: event.ScopeContainer,
		Condition: `(audit.done = true and c.image = x) and not ((t.text = a and t.name in (b, c)) or (t.text = d and t.name in (e))) and not t.text in (a, b, c)`,
		Exceptions: []Exception{
			{Name: "e", Fields: []string{"t.text", "t.name"}, Comps: []string{"=", "in"}, Values: 2},
			{Name: "f", Fields: []string{"t.text"}, Comps: []string{"in"}, Values: 3},
		},
		RequestAnchored: true, File: "dir/a.yaml", Line: 2,
	}
	if d := cmp.Diff(want, got, cmpopts.IgnoreFields(Rule{}, "Title", "Output", "Expanded", "Node", "Fields", "Macros", "Adjust"), cmpopts.IgnoreUnexported(Rule{})); d != "" {
		t.Error(d)
	}
	if got.Title.String() != "Title of %t.text" || got.Output.String() != "o %c.image" || len(got.Adjust) != 1 || got.Adjust[0].Priority != PriorityCritical {
		t.Errorf("%v %v %+v", got.Title, got.Output, got.Adjust)
	}
	if len(got.Fields) != 4 || got.Fields[1].Name != "c.image" {
		t.Errorf("fields %v", got.Fields)
	}
}

func TestOverride(t *testing.T) {
	base := ruleText("R", "t.text = a", "  tags: [x]\n  why: w\n  attack: [T1000]")
	f := func(change string, check func(*Rule) bool) {
		t.Helper()
		if r := mustLoad(t, "a.yaml", base+change).Rules()[0]; !check(&r) {
			t.Errorf("%s\n%+v", change, r)
		}
	}
	f("- {rule: R, output: more, override: {output: append}}", func(r *Rule) bool { return r.Output.String() == "o more" })
	f("- {rule: R, desc: more, override: {desc: append}}", func(r *Rule) bool { return r.Desc == "d more" })
	f("- {rule: R, why: more, override: {why: replace}}", func(r *Rule) bool { return r.Why == "more" })
	f("- {rule: R, tags: [y, x], override: {tags: append}}", func(r *Rule) bool { return cmp.Equal(r.Tags, []string{"x", "y"}) })
	f("- {rule: R, tags: [y], override: {tags: replace}}", func(r *Rule) bool { return cmp.Equal(r.Tags, []string{"y"}) })
	f("- {rule: R, attack: T1001, override: {attack: append}}", func(r *Rule) bool { return len(r.Attack) == 2 })
	f("- {rule: R, priority: alert, override: {priority: replace}}", func(r *Rule) bool { return r.Priority == PriorityAlert })
	f("- {rule: R, condition: or t.text = b, override: {condition: append}}", func(r *Rule) bool { return r.Condition == "t.text = a or t.text = b" })
	// What was appended to the condition comes before exceptions, whatever the order in the file.
	f("- {rule: R, exceptions: [{name: e, fields: t.name, values: [n]}], override: {exceptions: append}}\n"+
		"- {rule: R, condition: or t.text = b, override: {condition: append}}",
		func(r *Rule) bool { return r.Condition == "(t.text = a or t.text = b) and not t.name in (n)" })
}

func TestYAMLAnchorsAndMergeKeys(t *testing.T) {
	set := mustLoad(t, "a.yaml", `
- &base
  rule: A
  desc: d
  condition: &cond t.text = a
  output: o
  priority: Info
  source: k8s_audit
  tags: &tags [x]
- <<: *base
  rule: B
  desc: other
- <<: [{rule: C, tags: *tags}, *base]
---
- rule: D
  desc: d
  condition: t.text = b
  output: o
  priority: Info
  source: audit
`)
	if got := len(set.Rules()); got != 4 {
		t.Fatalf("%d rules", got)
	}
	if b := set.Find("B"); b.Desc != "other" || b.Condition != "t.text = a" || b.Tags[0] != "x" || set.Find("C").Tags[0] != "x" {
		t.Errorf("%+v", b)
	}
}

func TestRuleIsBlindByItsFirstUntracedField(t *testing.T) {
	set := mustLoad(t, "a.yaml", "- {rule: K, desc: d, condition: k.comm = x, output: '%k.comm', priority: Info}\n"+ruleText("R", "t.text = x", ""))
	if got, want := set.Find("K").Blind, "k.comm: no sensor"; got != want || set.Find("r").Blind != "" {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRuleIsBlindWhereNothingItAsksForIsTraced(t *testing.T) {
	f := func(condition, want string) {
		t.Helper()
		set := mustLoad(t, "a.yaml", "- {rule: K, desc: d, condition: "+condition+", output: o, priority: Info}\n")
		if got := set.Find("K").Blind; got != want {
			t.Errorf("%s: %q, want %q", condition, got, want)
		}
	}
	const blind = "k.type: none of the values that the condition asks for is traced"
	f("k.type = connect", blind)
	f("'k.type in (connect, open)'", blind)
	f("'k.type in (connect, execve)'", "")
	f("not k.type = connect", "")
	f("not k.type in (execve) and k.type = execve", blind)
}

func TestVersions(t *testing.T) {
	f := func(ours, required string, want bool) {
		t.Helper()
		v, _ := parseVersion(ours)
		r, ok := parseVersion(required)
		if !ok || v.covers(r) != want {
			t.Errorf("%s covers %s: want %t", ours, required, want)
		}
	}
	f("0.62.0", "0.62.0", true)
	f("0.62.0", "0.57.1", true)
	f("0.62.0", "0.62.1", false)
	f("0.62.0", "1.0.0", false)
	f("1.2.3", "0.9.0", false)
	f("0.7.4", "0.7.0-rc1", true)
	for _, bad := range []string{"", "1", "1.2", "1.2.3.4", "a.b.c", "-1.0.0", "99999999999.0.0"} {
		if _, ok := parseVersion(bad); ok {
			t.Errorf("%q is read as a version", bad)
		}
	}
}

func TestPriorities(t *testing.T) {
	want := map[string]int{
		"debug": 21, "INFO": 21, "Informational": 21, "notice": 21, "Warning": 47, "error": 73, "Critical": 99, "ALERT": 99, "emergency": 99,
	}
	for name, severity := range want {
		if p, ok := parsePriority(name); !ok || p.Severity() != severity {
			t.Errorf("%s: %v %d", name, p, p.Severity())
		}
	}
	for _, bad := range []string{"", "warn", "err", "low"} {
		if p, ok := parsePriority(bad); ok {
			t.Errorf("%q is %v", bad, p)
		}
	}
}
