package text

import (
	"bytes"
	"errors"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/sinks"
)

var _ sinks.Sink = (*Sink)(nil)

type file struct {
	bytes.Buffer
	err error
}

func (f *file) Write(p []byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return f.Buffer.Write(p)
}

func (f *file) Close() error { return f.err }

func show(t *testing.T, cfg Config, a *event.Alert) string {
	t.Helper()
	var f file
	if err := New(cfg, &f).Write(t.Context(), []*event.Alert{a}); err != nil {
		t.Fatal(err)
	}
	return f.String()
}

func alert() *event.Alert {
	return &event.Alert{
		TimeNs: 1795168800123456000, Severity: event.SeverityMedium, Rule: &event.Rule{ID: "R20", Name: "Exec into a pod"},
		Message: "Exec into payments/api-7c9", Reason: "sh -c id was run",
		Details: &event.Details{
			User: "alice", SourceIP: "10.0.0.1", Action: "exec", Resource: "pods", Subres: "exec", Namespace: "payments", Name: "api-7c9",
			Container: "api", Audit: &event.Audit{Code: 101},
		},
	}
}

func TestLines(t *testing.T) {
	f := func(name, want string, change func(a *event.Alert)) {
		t.Helper()
		a := alert()
		change(a)
		if diff := cmp.Diff(want, show(t, Config{}, a)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	f("plain", "2026-11-20T10:00:00.123456Z MEDIUM   R20  Exec into payments/api-7c9\n"+
		"    alice from 10.0.0.1, exec pods/exec payments/api-7c9 container api, 101: sh -c id was run\n", func(*event.Alert) {})
	f("the sentence says it", "2026-11-20T10:00:00.123456Z CRITICAL R20  Exec into payments/api-7c9 [late] [judged on a part of the object]\n"+
		"    alice from 10.0.0.1 ran sh -c id\n", func(a *event.Alert) {
		a.Severity, a.Reason, a.Late, a.Confidence = event.SeverityCritical, "alice from 10.0.0.1 ran sh -c id", true, event.ConfidencePartial
	})
	f("the object bears the user's name", "2026-11-20T10:00:00.123456Z MEDIUM   R20  Exec into payments/api-7c9\n"+
		"    alice as root from 10.0.0.1, exec pods/exec payments/api-7c9 container api, 101: alice-ns came from (10.0.0.1)\n", func(a *event.Alert) {
		a.Details.Impersonated, a.Reason = "root", "alice-ns came from (10.0.0.1)"
	})
	f("a Falco rule", "2026-11-20T10:00:00.123456Z LOW      Exec into a pod\n"+
		"    bob as root (bob@example.com) from an unknown address, read /healthz\n", func(a *event.Alert) {
		a.Severity, a.Rule, a.Message, a.Reason = event.SeverityLow, &event.Rule{Name: "Exec into a pod"}, "Exec into a pod", ""
		a.Details = &event.Details{
			User: "bob", Impersonated: "root", Principal: "bob@example.com", Action: "read", Audit: &event.Audit{RequestURI: "/healthz"},
		}
	})
	f("a title of its own", "2026-11-20T10:00:00.123456Z HIGH     My rule: Exec\n"+
		"    nobody (no user) from an unknown address, event: out\n", func(a *event.Alert) {
		a.Severity, a.Rule, a.Message, a.Reason, a.Details = event.SeverityHigh, &event.Rule{Name: "My rule"}, "Exec", "out", &event.Details{}
	})
	f("hostile", "2026-11-20T10:00:00.123456Z MEDIUM   R20  tit\\x0ale\n"+
		"    al\\x1b[2Jice\\u202e from 10.0.0.1, exec pods/exec payments/api-7c9 container api, 101: rea\\x0dson\n", func(a *event.Alert) {
		a.Details.User, a.Message, a.Reason = "al\x1b[2Jice\u202e", "tit\nle", "rea\rson"
	})
}

func TestLinesAreBounded(t *testing.T) {
	a := alert()
	long := strings.Repeat("\x00", 1<<20)
	a.Message, a.Reason, a.Details.User, a.Details.Name = long, long, long, long
	if n := len(show(t, Config{}, a)); n > 10_000 {
		t.Errorf("%d bytes", n)
	}
}

func TestColour(t *testing.T) {
	a := alert()
	for severity, want := range map[int]string{
		event.SeverityLow: "\x1b[2mLOW     \x1b[0m", event.SeverityMedium: "\x1b[33mMEDIUM  \x1b[0m",
		event.SeverityHigh: "\x1b[31mHIGH    \x1b[0m", event.SeverityCritical: "\x1b[1;31mCRITICAL\x1b[0m",
	} {
		a.Severity = severity
		if got := show(t, Config{Colour: true}, a); !strings.Contains(got, want) {
			t.Errorf("%d: %q", severity, got)
		}
	}
}

func TestErrorsKeepTheirCause(t *testing.T) {
	s := New(Config{}, &file{err: syscall.EPIPE})
	if err := s.Write(t.Context(), []*event.Alert{alert()}); !errors.Is(err, syscall.EPIPE) {
		t.Errorf("write: %v", err)
	}
	if err := s.Close(); !errors.Is(err, syscall.EPIPE) {
		t.Errorf("close: %v", err)
	}
}
