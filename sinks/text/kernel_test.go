package text

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parallax-sec/parallax/event"
)

func kernelDetails() *event.Details {
	return &event.Details{
		TimeNs: 1795168800123456000, Action: "exec", Namespace: "payments", Name: "api-7c9", Resource: "pods", Container: "api", Command: []string{"su", "-", "ro\not"},
		Kernel: &event.Kernel{
			Node: "node-3", ContainerID: "0123456789abcdef", Entry: "exec", EntryBy: "runc",
			Process: event.Process{PID: 300, Name: "su", User: event.Account{ID: "33", Name: "www-data"}}, Parent: event.Process{PID: 200, Name: "sh\x1b"},
		},
	}
}

func TestKernelLines(t *testing.T) {
	f := func(name, want string, a *event.Alert) {
		t.Helper()
		if diff := cmp.Diff(want, show(t, Config{}, a)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	d := kernelDetails()
	f("event", "2026-11-20T10:00:00.123456Z EVENT    exec su - ro\\x0aot in payments/api-7c9 container api\n"+
		"    su (300) as www-data under sh\\x1b (200), entry exec by runc, in payments/api-7c9 container api on node-3: su - ro\\x0aot\n", event.PlainEvent(d, false))
	f("alert", "2026-11-20T10:00:00.123456Z HIGH     R62  Root gained\n"+
		"    su (300) as www-data under sh\\x1b (200), entry exec by runc, in payments/api-7c9 container api on node-3: su became root\n", &event.Alert{
		TimeNs: d.TimeNs, Severity: event.SeverityHigh, Rule: &event.Rule{ID: "R62", Name: "x"}, Message: "Root gained", Reason: "su became root", Details: d,
	})
	bare := kernelDetails()
	bare.Name, bare.Container, bare.Kernel.Entry, bare.Kernel.EntryBy, bare.Kernel.Parent = "", "", "", "", event.Process{}
	f("no pod", "2026-11-20T10:00:00.123456Z EVENT    exec su - ro\\x0aot in container 0123456789ab\n"+
		"    su (300) as www-data, container 0123456789ab on node-3: su - ro\\x0aot\n", event.PlainEvent(bare, false))
	lost := &event.Details{TimeNs: d.TimeNs, Action: "drop", Kernel: &event.Kernel{Node: "node-3", Drop: event.Drop{Reason: "bulk_full", Count: 12}}}
	f("loss", "2026-11-20T10:00:00.123456Z EVENT    12 records lost: bulk_full on node-3\n    on node-3\n", event.PlainEvent(lost, false))
}

func TestKernelLinesAreBounded(t *testing.T) {
	d := kernelDetails()
	long := strings.Repeat("\x00", 1<<20)
	d.Command, d.Name, d.Kernel.Process.Name, d.Kernel.Parent.Name, d.Kernel.EntryBy = []string{long}, long, long, long, long
	if n := len(show(t, Config{}, event.PlainEvent(d, false))); n > 12_000 {
		t.Errorf("%d bytes", n)
	}
}
