package event

import (
	"math"
	"strings"
	"testing"
)

// falcoAlert is an alert of Falco passed on, with everything set that one can tell.
func falcoAlert() *Alert {
	shell := Process{PID: 200, Name: "sh", Executable: "/bin/dash", Args: []string{"sh", "-i"}}
	cat := Process{
		PID: 300, VPID: 30, TID: 300, Name: "cat", Executable: "/bin/cat", WorkingDirectory: "/", User: account("0", "root"), Group: account("0", "root"),
	}
	return &Alert{
		ID: "k3vabcdefghijklmnopqrstuvw", Rule: &Rule{ID: "R90", Name: "Read sensitive file untrusted", Tags: []string{"container", "T1555"}, Threat: NewThreat([]string{"T1555"})},
		TimeNs: when("2026-11-20T10:00:00Z"), Severity: SeverityMedium, Message: "Read sensitive file untrusted", Reason: "Sensitive file opened (file=/etc/shadow)",
		Status: StatusConfirmed, Confidence: ConfidenceExact, Anchors: []string{"evtfffffffffffffffffffffff"},
		Details: &Details{
			Source: SourceFalco, TimeNs: when("2026-11-20T10:00:00Z"), EventID: "evtfffffffffffffffffffffff", Action: "openat", Categories: []string{"process"},
			Namespace: "payments", Resource: "pods", Name: "api-7c9", PodUID: "p-1", Container: "api", Image: "registry.example/shop/api:1.4",
			Command: []string{"cat", "/etc/shadow"}, Blind: []string{"the time"},
			Falco: &Falco{
				Sender: "sidekick", Rule: "Read sensitive file untrusted", Priority: "Warning", Source: "syscall", Hostname: "node-3",
				Output: "Sensitive file opened (file=/etc/shadow\x1b[2J)", Tags: []string{"container", "T1555"}, UUID: "u-1", Fields: []string{"fd.name=/etc/shadow"},
				SaidNs: when("2099-01-01T00:00:00Z"), Sequence: 17, FilePath: "/etc/shadow",
				Seen: Kernel{
					Node: "node-3", Result: "SUCCESS", Process: cat, Parent: shell, SessionLeader: Process{PID: 200, Name: "sh"},
					ContainerID: "0123456789ab", Runtime: "containerd", Privileged: "false",
				},
			},
		},
	}
}

func TestFalcoSummary(t *testing.T) {
	if got := Summary(falcoAlert().Details); got != "Warning Read sensitive file untrusted in payments/api-7c9 container api" {
		t.Error(got)
	}
	if got := Summary(&Details{Falco: &Falco{Priority: "Notice", Rule: "x\x1b", Seen: Kernel{Node: "node-3"}}}); got != `Notice x\x1b on node-3` {
		t.Error(got)
	}
}

// What Falco tells is never taken for what a sensor of ours saw, or the API server's audit log.
func TestFalcoStandsApart(t *testing.T) {
	a := falcoAlert()
	doc := document(t, a)
	if at(doc, "kubernetes.audit") != nil || at(doc, "event.provider") != "syscall" || at(doc, "process.entity_id") != nil {
		t.Errorf("%v", doc)
	}
	a.Details.Falco.Source, a.Details.Falco.Sequence, a.Details.Resource, a.Details.PodUID = "", math.MaxUint64, "", ""
	doc = document(t, a)
	if at(doc, "event.provider") != "falco" || at(doc, "event.sequence") != nil || at(doc, "orchestrator.type") != nil || at(doc, "host.os.type") != nil {
		t.Errorf("%v", doc)
	}
}

func TestFalcoDocumentIsBounded(t *testing.T) {
	a := falcoAlert()
	long := strings.Repeat("\x00", 1<<20)
	f := a.Details.Falco
	f.Rule, f.Output, f.Sender, f.Hostname, f.Source, f.Tags, f.Fields = long, long, long, long, long, []string{long, long}, []string{long, long}
	if got := new(Encoder).Append(nil, a); len(got) > 1<<19 {
		t.Errorf("a document of %d bytes", len(got))
	}
}
