package text

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parallax-sec/parallax/event"
)

func falcoDetails() *event.Details {
	return &event.Details{
		TimeNs: 1795168800123456000, Namespace: "payments", Name: "api-7c9", Resource: "pods", Container: "api",
		Falco: &event.Falco{
			Rule: "Terminal shell", Priority: "Warning", Sender: "side\x1bkick", Output: "A shell\n(pid=1)", Seen: event.Kernel{Node: "node-3"},
		},
	}
}

func TestFalcoLines(t *testing.T) {
	f := func(name, want string, a *event.Alert) {
		t.Helper()
		if diff := cmp.Diff(want, show(t, Config{}, a)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	d := falcoDetails()
	f("event", "2026-11-20T10:00:00.123456Z EVENT    Warning Terminal shell in payments/api-7c9 container api\n"+
		"    Falco's Warning Terminal shell sent by side\\x1bkick, in payments/api-7c9 container api on node-3: A shell\\x0a(pid=1)\n", event.PlainEvent(d, false))
	f("alert", "2026-11-20T10:00:00.123456Z MEDIUM   R90  Terminal shell\n"+
		"    Falco's Warning sent by side\\x1bkick, in payments/api-7c9 container api on node-3: A shell\n", &event.Alert{
		TimeNs: d.TimeNs, Severity: event.SeverityMedium, Rule: &event.Rule{ID: "R90", Name: "Terminal shell"}, Message: "Terminal shell", Reason: "A shell", Details: d,
	})
	bare := &event.Details{TimeNs: d.TimeNs, Falco: &event.Falco{Rule: "x"}}
	f("nothing known", "2026-11-20T10:00:00.123456Z EVENT    x\n    Falco's alert sent by an unknown sender\n", event.PlainEvent(bare, false))
}

func TestFalcoLinesAreBounded(t *testing.T) {
	d := falcoDetails()
	long := strings.Repeat("\x00", 1<<20)
	d.Falco.Rule, d.Falco.Output, d.Falco.Sender, d.Falco.Priority = long, long, long, long
	if n := len(show(t, Config{}, event.PlainEvent(d, false))); n > 12_000 {
		t.Errorf("%d bytes", n)
	}
}
