package falco

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parallax-sec/parallax/event"
)

func TestDetailsOfACall(t *testing.T) {
	e := one(t, `{"hostname":"node-3","priority":"Critical","rule":"r","source":"syscall","time":"2026-11-20T10:00:00Z","tags":["x"],"message":"m","output_fields":{
		"container.id":"3fc4aa2cdd80","container.name":"api","container.image.repository":"reg.example/shop/api","container.image.tag":"1.4","container.type":"containerd","container.privileged":false,
		"k8s.ns.name":"payments","k8s.pod.name":"api-7c9","k8s.pod.uid":"p-1","evt.type":"openat","evt.res":"EACCES","evt.num":"99",
		"fd.name":"/etc/shadow","fd.type":"file","proc.pid":300,"proc.vpid":"30","thread.tid":301,"proc.name":"cat","proc.exepath":"/bin/cat","proc.cmdline":"cat  /etc/shadow","proc.cwd":"/root",
		"proc.tty":0,"proc.ppid":200,"proc.pname":"sh","proc.pexepath":"/bin/sh","proc.pcmdline":"sh -i","proc.sid":200,"proc.sname":"sh","user.uid":0,"user.name":"root","proc.env":"<NA>"}}`)
	want := &event.Details{
		Source: event.SourceFalco, TimeNs: 1795168800000000000, EventID: e.EventID(), Action: "openat", Outcome: "failure", Categories: []string{"process"},
		Namespace: "payments", Resource: "pods", Name: "api-7c9", PodUID: "p-1", Container: "api", Image: "reg.example/shop/api:1.4", Command: []string{"cat", "", "/etc/shadow"}, TTY: "false",
		Falco: &event.Falco{
			Sender: "hub", Rule: "r", Priority: "Critical", Source: "syscall", Hostname: "node-3", Output: "m", Tags: []string{"x"}, Sequence: 99, FilePath: "/etc/shadow",
			Seen: event.Kernel{
				Node: "node-3", Result: "EACCES", ContainerID: "3fc4aa2cdd80", Runtime: "containerd", Privileged: "false",
				Process: event.Process{
					PID: 300, VPID: 30, TID: 301, Name: "cat", Executable: "/bin/cat", WorkingDirectory: "/root", User: event.Account{ID: "0", Name: "root"},
				},
				Parent:        event.Process{PID: 200, Name: "sh", Executable: "/bin/sh", Args: []string{"sh", "-i"}},
				SessionLeader: event.Process{PID: 200, Name: "sh"},
			},
		},
	}
	got := *e.Details(event.ScopeEvent, 0)
	if len(got.Falco.Fields) != 31 || got.Falco.Fields[0] != "container.id=3fc4aa2cdd80" {
		t.Errorf("%d: %q", len(got.Falco.Fields), got.Falco.Fields)
	}
	bare := *got.Falco
	bare.Fields, got.Falco = nil, &bare
	if diff := cmp.Diff(want, &got); diff != "" {
		t.Error(diff)
	}
	if first := e.Details(event.ScopeEvent, 0); e.Details(event.ScopeEvent, 0) != first {
		t.Error("details are made more than once")
	}
}

func TestDetailsOfARequest(t *testing.T) {
	d := one(t, `{"hostname":"falco-0","priority":"Warning","rule":"r","source":"k8s_audit","time":"2026-11-20T10:00:00Z","output_fields":{
		"ka.user.name":"alice","ka.impuser.name":null,"ka.verb":"create","ka.target.resource":"pods","ka.target.subresource":"exec","ka.target.namespace":"dev","ka.target.name":null,
		"ka.resp.name":"web","ka.response.code":"403","ka.useragent":"kubectl"}}`).Details(event.ScopeEvent, 0)
	d.Falco.Fields = nil
	want := &event.Details{
		Source: event.SourceFalco, TimeNs: 1795168800000000000, EventID: d.EventID, Action: "create", Outcome: "failure", Categories: []string{"api"}, User: "alice", UserAgent: "kubectl",
		Namespace: "dev", Resource: "pods", Subres: "exec", Name: "web",
		Falco: &event.Falco{Sender: "hub", Rule: "r", Priority: "Warning", Source: "k8s_audit", Hostname: "falco-0"},
	}
	if diff := cmp.Diff(want, d); diff != "" {
		t.Error(diff)
	}
}

func TestDetailsOnTheNode(t *testing.T) {
	d := one(t, `{"priority":"Warning","rule":"r","source":"syscall","hostname":"n","time":"2026-11-20T10:00:00Z",
		"output_fields":{"container.id":"host","container.name":"host","evt.type":"execveat","proc.pid":-1,"proc.ppid":99999999999}}`).Details(event.ScopeEvent, 0)
	if s := d.Falco.Seen; d.Container != "" || s.ContainerID != "" || d.Resource != "" || d.Action != "exec" || s.Process.PID != 0 || s.Parent.PID != 0 {
		t.Errorf("%+v", d)
	}
}

func TestDetailsAreBounded(t *testing.T) {
	long := strings.Repeat("x ", 100_000)
	e := one(t, `{"priority":"Warning","rule":"`+long+`","source":"syscall","hostname":"n","time":"2026-11-20T10:00:00Z","output":"`+long+`",
		"output_fields":{"proc.cmdline":"`+long+`","k8s.ns.name":"`+long+`"}}`)
	n := 0
	d := e.Details(event.ScopeEvent, 0)
	for _, s := range append(append([]string{d.Namespace, d.Falco.Rule, d.Falco.Output}, d.Falco.Fields...), d.Command...) {
		n += len(s)
	}
	if n > 10*event.MaxTextBytes {
		t.Errorf("%d bytes", n)
	}
}
