package rules

import (
	"fmt"
	"strings"
	"testing"

	"github.com/parallax-sec/parallax/event"
)

// testEvent is an event whose fields are given by name; those of containers by element.
type testEvent struct {
	values     map[string]any // string, uint64 or []string
	containers []map[string]any
}

func (e *testEvent) Source() event.Source { return event.SourceAudit }
func (e *testEvent) BodyFault() error     { return nil }
func (e *testEvent) TimeNs() int64        { return 1 }

func (e *testEvent) Elements(s event.Scope) int {
	switch s {
	case event.ScopeEvent:
		return 1
	case event.ScopeContainer:
		return len(e.containers)
	}
	return 0
}

func (e *testEvent) Details(s event.Scope, elem int) *event.Details {
	return &event.Details{Container: fmt.Sprint(s, " ", elem)}
}

// testField is a field of a scope that reads a testEvent.
func testField(name string, typ event.Type, scope event.Scope) event.Field {
	return event.Field{Name: name, Type: typ, Scope: scope, Doc: "A field.", Get: func(e event.Event, a *event.Arg, v *event.Value) {
		values := e.(*testEvent).values
		if scope == event.ScopeContainer {
			values = e.(*testEvent).containers[a.Elem]
		}
		key := name
		if a.Has {
			key += "[" + a.Text + "]"
		}
		setValue(v, values[key])
	}}
}

func setValue(v *event.Value, x any) {
	v.Clear()
	switch x := x.(type) {
	case string:
		v.SetText(x)
	case uint64:
		v.SetNumber(x)
	case []string:
		for _, s := range x {
			v.Append(s)
		}
	}
}

// testFields is one field of each kind.
func testFields() []event.Field {
	of := func(name string, typ event.Type) event.Field { return testField(name, typ, event.ScopeEvent) }
	list, key, closed := of("t.list", event.Text), of("t.key", event.Text), of("t.closed", event.Text)
	list.List, list.Arg = true, event.ArgIndex
	key.Arg = event.ArgKey
	key.Prepare = func(a *event.Arg) error {
		if a.Text == "bad" {
			return fmt.Errorf("bad is not a key")
		}
		return nil
	}
	closed.Values = []string{"create", "delete"}
	raw := of("t.raw", event.Text)
	raw.Arg, raw.Raw = event.ArgKey, "/"
	return []event.Field{
		of("t.text", event.Text), of("t.name", event.Text), of("t.number", event.Number), of("t.int", event.Int), of("t.bool", event.Bool),
		of("t.bytes", event.Bytes), of("t.ip", event.IP), of("t.net", event.Net), of("audit.done", event.Bool), list, key, closed, raw,
		testField("c.image", event.Text, event.ScopeContainer), testField("s.name", event.Text, event.ScopeSubject),
		{Name: "k.comm", Source: event.SourceKernel, Untraced: "no sensor"},
		{Name: "k.type", Source: event.SourceKernel, Traced: []string{"execve", "mount"}, Get: func(event.Event, *event.Arg, *event.Value) {}},
	}
}

// load loads files given as name and content in turn.
func load(files ...string) (*Set, Diagnostics) {
	var in []File
	for i := 0; i+1 < len(files); i += 2 {
		in = append(in, File{Name: files[i], Data: []byte(files[i+1]), Builtin: strings.HasPrefix(files[i], "builtin")})
	}
	return Load(Env{Fields: testFields()}, in)
}

// mustLoad loads files of which nothing may be wrong.
func mustLoad(t *testing.T, files ...string) *Set {
	t.Helper()
	set, found := load(files...)
	if len(found) > 0 {
		t.Fatal(printed(found))
	}
	return set
}

func printed(found Diagnostics) string {
	var b strings.Builder
	_ = found.Print(&b) // a Builder does not fail
	return b.String()
}

// ruleText is a rule with this condition, and more keys.
func ruleText(name, cond, more string) string {
	return fmt.Sprintf("- rule: %s\n  desc: d\n  condition: %s\n  output: o\n  priority: Info\n  source: k8s_audit\n%s\n", name, cond, more)
}

// An id and a name are both how a rule is found, and either makes the ids of its alerts: no two rules may share one.
func TestIDThatIsAnotherRulesName(t *testing.T) {
	const beta = "- {rule: Beta, desc: d, condition: t.text exists, output: o, priority: INFO, source: k8s_audit}\n"
	const alpha = "- {rule: Alpha, id: Beta, desc: d, condition: t.text exists, output: o, priority: INFO, source: k8s_audit}\n"
	if _, found := load("a.yaml", beta+alpha); !strings.Contains(printed(found), "the id Beta is the name of another rule, a.yaml:1") {
		t.Errorf("found %s", printed(found))
	}
	set, found := load("a.yaml", alpha+beta)
	if !strings.Contains(printed(found), `warning: rule "Beta": replaces rule "Alpha", which has this id`) || len(set.Rules()) != 1 {
		t.Errorf("found %s", printed(found))
	}
}
