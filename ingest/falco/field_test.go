package falco

import (
	"slices"
	"strings"
	"testing"

	"github.com/parallax-sec/parallax/event"
)

// value is what a field is in an event: a text, a list, or "-" where it is missing.
func value(t *testing.T, e *Event, name, arg string) string {
	t.Helper()
	fields := Fields()
	i := slices.IndexFunc(fields, func(f event.Field) bool { return f.Name == name })
	if i < 0 {
		t.Fatalf("no field %s", name)
	}
	var v event.Value
	v.SetText("left over")
	fields[i].Get(e, &event.Arg{Text: arg, Has: arg != ""}, &v)
	switch v.Kind() {
	case event.KindText:
		return v.Text()
	case event.KindList:
		return "(" + strings.Join(v.List(), ",") + ")"
	}
	return "-"
}

func TestFields(t *testing.T) {
	e := one(t, shell)
	bare := one(t, `{"rule":"r","priority":"info","time":"2026-11-20T10:00:00Z"}`)
	f := func(name, arg, want, wantBare string) {
		t.Helper()
		if got := value(t, e, name, arg); got != want {
			t.Errorf("%s[%s]: %q, want %q", name, arg, got, want)
		}
		if got := value(t, bare, name, arg); got != wantBare {
			t.Errorf("%s[%s] of a bare alert: %q, want %q", name, arg, got, wantBare)
		}
	}
	f("falco.rule", "", "Terminal shell in container", "r")
	f("falco.priority", "", "Notice", "Informational")
	f("falco.source", "", "syscall", "-")
	f("falco.hostname", "", "node-3", "-")
	f("falco.output", "", "10:00:00.123456789: Notice A shell (user=root)", "-")
	f("falco.message", "", "A shell (user=root)", "-")
	f("falco.tags", "", "(T1059,container)", "-")
	f("falco.sender", "", "hub", "hub")
	f("falco.uuid", "", "-", "-")
	f("falco.time", "", "2026-11-20T10:00:00.123456789Z", "2026-11-20T10:00:00.000000Z")
	f("falco.output_fields", "k8s.ns.name", "payments", "-")
	f("falco.output_fields", "evt.time", "1795168800123456789", "-")
	f("falco.output_fields", "list", `["b","a"]`, "-")
	f("falco.output_fields", "proc.cmdline", "sh <x>", "-")
	f("falco.output_fields", "fd.name", "-", "-")
	f("falco.output_fields", "nothing", "-", "-")
}

func TestFieldsAreDescribed(t *testing.T) {
	for _, f := range Fields() {
		if f.Source != event.SourceFalco || f.Doc == "" || f.From == "" || f.Null == "" || f.Get == nil || !strings.HasPrefix(f.Name, "falco.") {
			t.Errorf("%+v", f)
		}
	}
}

type judgeFunc func(event.Event, []event.Match) []event.Match

func (f judgeFunc) Judge(e event.Event, dst []event.Match) []event.Match { return f(e, dst) }

func TestPassOn(t *testing.T) {
	theirs, ours := &event.Rule{ID: PassOnRule, Name: "Alert of Falco", Description: "d", Order: 7}, &event.Rule{ID: "R01", Name: "Ours"}
	judge := PassOn(judgeFunc(func(e event.Event, dst []event.Match) []event.Match {
		return append(dst, event.Match{Rule: theirs}, event.Match{Rule: ours}, event.Match{})
	}))
	before := event.Match{Rule: theirs}
	got := judge.Judge(one(t, strings.Replace(shell, `"container"]`, `"T1059.004","T9","mitre_execution"]`, 1)), []event.Match{before})
	if len(got) != 4 || got[0].Rule != theirs || got[2].Rule != ours || got[3].Rule != nil {
		t.Fatalf("%+v", got)
	}
	r := got[1].Rule
	if r.ID != PassOnRule || r.Name != "Terminal shell in container" || r.Order != 7 || r.Description != "d" || theirs.Name != "Alert of Falco" ||
		!slices.Equal(r.Tags, []string{"T1059", "T1059.004", "T9", "mitre_execution"}) || !slices.Equal(r.Threat.SubtechniqueIDs, []string{"T1059.004"}) || !slices.Equal(r.Threat.TechniqueIDs, []string{"T1059"}) {
		t.Errorf("%+v", r)
	}
	long := PassOn(judgeFunc(func(e event.Event, dst []event.Match) []event.Match { return append(dst, event.Match{Rule: theirs}) })).
		Judge(one(t, strings.Replace(shell, "Terminal", strings.Repeat("x", 10_000), 1)), nil)
	if len(long[0].Rule.Name) > maxRuleName {
		t.Errorf("%d bytes", len(long[0].Rule.Name))
	}
}
