package doctor

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parallax-sec/parallax/bpf"
)

func someHooks() ([]bpf.Hook, error) {
	why := errors.New("no trampolines\x1b[2J")
	return []bpf.Hook{
		{Name: "exec", Mechanism: bpf.MechanismTracepointBTF, Lost: "programs started"},
		{Name: "mount", Mechanism: bpf.MechanismTracepoint, Err: why, Lost: "mounts"},
		{Name: "setuid", Mechanism: bpf.MechanismTracepoint, Err: why, Lost: "changes of the user id"},
		{Name: "setns", Err: errors.New("no such call"), Lost: "namespaces entered"},
	}, nil
}

func textOf(t *testing.T, r Report) string {
	t.Helper()
	var b strings.Builder
	if err := r.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestReportOfAMachineWithSomeHooks(t *testing.T) {
	got := textOf(t, inspect(machine(t, map[string]string{"proc/sys/kernel/osrelease": "6.1\n"}), someHooks, load(t, "evt.type in (setns, mount)", "evt.type = setns")))
	head, tail, _ := strings.Cut(got, "\nHooks\n")
	if !strings.HasPrefix(head, "The sensor can run here, with 3 of 4 hooks.\n") {
		t.Error(head)
	}
	hooks, _, _ := strings.Cut(tail, "\nContainer runtimes\n")
	want := `  exec               tp_btf
  mount              tracepoint [1]
  setuid             tracepoint [1]
  setns              missing [2]; not seen: namespaces entered
  [1] no trampolines\x1b[2J
  [2] no such call
  As long as a tracepoint of a system call is in use, every system call of the machine takes a little longer.
`
	if d := cmp.Diff(want, hooks); d != "" {
		t.Error(d)
	}
	_, rules, _ := strings.Cut(got, "blind here\n")
	want = "       in part evt.type in (setns, mount): needs setns\n       blind   evt.type = setns: needs setns\n"
	if d := cmp.Diff(want, rules); d != "" {
		t.Error(d)
	}
}

func TestReportOfAMachineWithoutRoot(t *testing.T) {
	probe := func() ([]bpf.Hook, error) {
		err := errors.New("the sensor needs root: use sudo")
		return []bpf.Hook{{Name: "mount", Err: err, Lost: "mounts"}}, err
	}
	r := inspect(machine(t, map[string]string{"proc/sys/kernel/osrelease": "6.1\n"}), probe, load(t, "evt.type = mount"))
	got := textOf(t, r)
	for _, want := range []string{"The sensor cannot run here: the sensor needs root: use sudo.\n", "release            6.1 ", "  all: the sensor cannot run"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
	if n := strings.Count(got, "needs root"); n != 1 {
		t.Errorf("said %d times:\n%s", n, got)
	}
	if r.Ready || len(r.Hooks) != 1 || r.Hooks[0].Lost != "mounts" || len(r.Rules) != 1 {
		t.Errorf("%+v", r)
	}
}

func TestReportAsJSON(t *testing.T) {
	b, err := json.Marshal(inspect(machine(t, nil), someHooks, nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`{"ready":true,"kernel":{"release":`, `{"name":"exec","mechanism":"tp_btf"}`,
		`{"name":"setns","lost":"namespaces entered","reason":"no such call"}`, `"runtimes":[],"blind_rules":[]}`,
	} {
		if !strings.Contains(string(b), want) {
			t.Errorf("no %s in %s", want, b)
		}
	}
}
