package doctor

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/rules"
)

// load loads one rule for each condition, named by it.
func load(t *testing.T, conditions ...string) []rules.Rule {
	t.Helper()
	file := "- macro: mounts\n  condition: evt.type in (mount, move_mount)\n"
	for _, c := range conditions {
		file += "- rule: >-\n    " + c + "\n  desc: d\n  output: o\n  priority: NOTICE\n  source: syscall\n  condition: " + c + "\n"
	}
	get := func(event.Event, *event.Arg, *event.Value) {}
	fields := []event.Field{
		{Name: "evt.type", Source: event.SourceKernel, Get: get},
		{Name: "proc.name", Source: event.SourceKernel, Get: get},
	}
	set, found := rules.Load(rules.Env{Fields: fields}, []rules.File{{Name: "test.yaml", Data: []byte(file)}})
	if set == nil {
		t.Fatal(found)
	}
	return set.Rules()
}

func TestBlindRules(t *testing.T) {
	all := load(t,
		"evt.type = mount",
		"mounts and proc.name = x",
		"evt.type in (mount, execve)",
		"evt.type = execve",
		"proc.name = x",
		"not mounts",
		"evt.type != mount and proc.name = x",
		"not (evt.type != mount)",
		"evt.type = mount or proc.name = x",
		"evt.type startswith mou",
		"evt.type = ptrace",
	)
	want := []BlindRule{
		{Name: "evt.type = mount", Missing: []string{"mount"}},
		{Name: "mounts and proc.name = x", Partly: true, Missing: []string{"mount"}},
		{Name: "evt.type in (mount, execve)", Partly: true, Missing: []string{"mount"}},
		{Name: "not (evt.type != mount)", Missing: []string{"mount"}},
	}
	got := blindRules(all, []string{"execve", "move_mount", "ptrace"}, []string{"mount"})
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestEventTypes(t *testing.T) {
	seen, missing := eventTypes([]Hook{
		{Name: "exec", Mechanism: "tp_btf"},
		{Name: "fork", Mechanism: "tp_btf"},
		{Name: "exit"},
		{Name: "cgroup_mkdir"},
		{Name: "mount", Mechanism: "fexit"},
		{Name: "setns"},
		{Name: "failed execve"},
	})
	if d := cmp.Diff([]string{"execve", "execveat", "clone", "mount"}, seen); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"procexit", "setns"}, missing); d != "" {
		t.Error(d)
	}
}
