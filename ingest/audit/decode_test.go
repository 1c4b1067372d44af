package audit

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	authnv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	auditv1 "k8s.io/apiserver/pkg/apis/audit/v1"

	"github.com/parallax-sec/parallax/event"
)

// sampleLines are the lines of the real log that ships with the project.
func sampleLines(tb testing.TB) [][]byte {
	tb.Helper()
	return linesOf(tb, "../../examples/audit/sample.log")
}

// realLines are those, and all of the real logs in PARALLAX_TEST_DATA if it is set.
func realLines(tb testing.TB) [][]byte {
	tb.Helper()
	lines := sampleLines(tb)
	if dir := os.Getenv("PARALLAX_TEST_DATA"); dir != "" {
		files, err := filepath.Glob(filepath.Join(dir, "audit", "*.log"))
		if err != nil {
			tb.Fatal(err)
		}
		for _, f := range files {
			lines = append(lines, linesOf(tb, f)...)
		}
	}
	return lines
}

func linesOf(tb testing.TB, file string) [][]byte {
	tb.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	return bytes.Split(bytes.TrimSpace(data), []byte("\n"))
}

func TestSlowReadsRealLines(t *testing.T) {
	var e Event
	for _, line := range realLines(t) {
		end, err := e.decode(line, false, &tail{})
		if err != nil || end != len(line) {
			t.Fatalf("ended at %d of %d: %v", end, len(line), err)
		}
		sameAsOracle(t, &e, line)
	}
}

func TestFastReadsRealLines(t *testing.T) {
	var e Event
	var f tails
	for _, line := range realLines(t) {
		tl := f.find(line)
		if tl.start == 0 {
			t.Fatalf("no tail: %s", line)
		}
		end, err := e.decode(line, false, &tl)
		if err != nil || end != len(line) {
			t.Fatalf("ended at %d of %d: %v", end, len(line), err)
		}
		sameAsOracle(t, &e, line)
	}
}

// TestReadsWhatTheAPIMeans compares with the API's own type, on lines that the API server wrote.
func TestReadsWhatTheAPIMeans(t *testing.T) {
	for _, line := range realLines(t) {
		var want auditv1.Event
		if err := json.Unmarshal(line, &want); err != nil {
			t.Fatal(err)
		}
		e := decodeOne(t, string(line))
		d := e.Details(event.ScopeEvent, 0)
		got := auditv1.Event{
			TypeMeta: want.TypeMeta, Level: auditv1.Level(d.Audit.Level), AuditID: types.UID(d.Audit.AuditID), Stage: auditv1.Stage(d.Audit.Stage),
			RequestURI: e.reads(&e.requestURI), Verb: d.Audit.Verb, SourceIPs: d.Audit.SourceIPs, UserAgent: d.UserAgent,
			User:           authnv1.UserInfo{Username: d.User, UID: d.UserUID, Groups: d.Groups, Extra: want.User.Extra},
			ResponseStatus: want.ResponseStatus, RequestObject: want.RequestObject, ResponseObject: want.ResponseObject,
			RequestReceivedTimestamp: metav1.NewMicroTime(time.Unix(0, d.ReceivedNs)), StageTimestamp: metav1.NewMicroTime(time.Unix(0, d.TimeNs)),
		}
		if e.object.present {
			o := &e.object
			got.ObjectRef = &auditv1.ObjectReference{
				Resource: e.reads(&o.resource), Namespace: e.reads(&o.namespace), Name: e.reads(&o.name), UID: types.UID(e.reads(&o.uid)),
				APIGroup: e.reads(&o.apiGroup), APIVersion: e.reads(&o.apiVersion), ResourceVersion: e.reads(&o.resourceVersion), Subresource: e.reads(&o.subresource),
			}
		}
		if e.impersonated.present {
			got.ImpersonatedUser = &authnv1.UserInfo{Username: d.Impersonated, UID: e.reads(&e.impersonated.uid), Groups: d.ImpGroups, Extra: want.ImpersonatedUser.Extra}
		}
		for key := range want.Annotations {
			if got.Annotations == nil {
				got.Annotations = map[string]string{}
			}
			got.Annotations[key], _ = e.annotation(key)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("(-encoding/json into audit/v1.Event +decoder):\n%s", diff)
		}
		if want.ResponseStatus != nil && int(want.ResponseStatus.Code) != d.Audit.Code {
			t.Fatalf("code %d, want %d", d.Audit.Code, want.ResponseStatus.Code)
		}
	}
}

// TestNoAllocation decodes real lines and reads what most rules ask for.
func TestNoAllocation(t *testing.T) {
	batch := &event.Batch{Origin: "log", Line: 1, Data: bytes.Join(sampleLines(t), []byte("\n"))}
	d := NewDecoder()
	fail := func(f event.Fault) { t.Error(f) }
	read := func(e event.Event) {
		ev := e.(*Event)
		for _, s := range []*text{&ev.requestURI, &ev.verb, &ev.user.name, &ev.userAgent, &ev.object.resource, &ev.object.name} {
			ev.str(s)
		}
		ev.strs(&ev.user.groups)
		ev.annotation("authorization.k8s.io/reason")
		ev.request()
		ev.response()
	}
	pass := func() { d.Decode(batch, read, fail) }
	if n := testing.AllocsPerRun(3, pass); n != 0 { // one run before to grow
		t.Errorf("%v allocations for %d events", n, len(sampleLines(t)))
	}
}

// reads is what t reads, "" if it is absent.
func (e *Event) reads(t *text) string {
	s, _ := e.str(t)
	return s
}
