package event

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// execAlert is an alert about an exec, with everything set that an audit event can tell.
func execAlert() *Alert {
	return &Alert{
		ID: "k3vabcdefghijklmnopqrstuvw",
		Rule: &Rule{
			ID: "R20", Name: "Exec into a pod", Description: "Somebody ran a command in a running container.",
			Tags: []string{"audit", "exec"}, Threat: NewThreat([]string{"T1609", "T1059.004"}), Request: true,
		},
		TimeNs: when("2026-11-20T10:00:00.123456Z"), Severity: SeverityMedium,
		Message: "Exec into payments/api-7c9 by alice", Reason: "alice ran sh -c id in payments/api-7c9, container api, from 10.0.0.1",
		Status: StatusConfirmed, Confidence: ConfidenceExact,
		Anchors: []string{"reqaaaaaaaaaaaaaaaaaaaaaaa"},
		Details: &Details{
			TimeNs: when("2026-11-20T10:00:00.2Z"), ReceivedNs: when("2026-11-20T10:00:00.123456Z"),
			EventID: "evtaaaaaaaaaaaaaaaaaaaaaaa", RequestID: "reqaaaaaaaaaaaaaaaaaaaaaaa",
			Action: "exec", Outcome: "success", Change: "access", Categories: []string{"process"},
			User: "alice", UserUID: "u-1", Groups: []string{"dev", "system:authenticated"},
			Impersonated: "system:admin", ImpGroups: []string{"system:masters"}, Principal: "alice@example.com", ActorClass: "human",
			SourceIP: "10.0.0.1", UserAgent: "kubectl/v1.33.3",
			Cluster: "prod", Namespace: "payments", Resource: "pods", Subres: "exec", Name: "api-7c9", ObjectUID: "o-1", PodUID: "p-1",
			Container: "api", Image: "registry.example:5000/shop/api:1.4@sha256:abcd", Command: []string{"sh", "-c", "id"}, TTY: "true",
			Blind: []string{"requestObject: audit level Metadata"},
			Audit: &Audit{
				AuditID: "4b6f", Level: "Metadata", Stage: "ResponseStarted", Verb: "get", RequestURI: "/api/v1/namespaces/payments/pods/api-7c9/exec?command=sh",
				Code: 101, Decision: "allow", DecisionReason: `RBAC: allowed by ClusterRoleBinding "x"`, SourceIPs: []string{"192.0.2.7", "10.0.0.1"}, APIVersion: "v1",
			},
		},
	}
}

// hostileAlert holds, in each text that an attacker chooses, what terminals, browsers and parsers stumble over.
func hostileAlert() *Alert {
	a := execAlert()
	a.Rule = &Rule{Name: "User's rule"}
	a.Late, a.Confidence = true, ConfidencePartial
	a.Message, a.Reason = `escaped by the rule: \u202e`+"\n", "raw \x1b[2J and \\x1b"
	d := a.Details
	d.User, d.UserAgent = "ev\u202eil\x00", strings.Repeat("A", 1<<20)
	d.Impersonated, d.Principal = "\xff\xfe", `"quoted" \u0041`
	d.Command = []string{"sh", "-c", "echo a\necho \"b\"\t\U000e0041"}
	d.SourceIP, d.Audit.SourceIPs = "not an address", []string{"fe80::1%eth0", "2001:db8::1"}
	d.Image, d.Name, d.Namespace = "@", "a\u200bb", "</script>"
	return a
}

func when(s string) int64 {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		panic(err)
	}
	return t.UnixNano()
}

func TestDocuments(t *testing.T) {
	f := func(name string, a *Alert) {
		t.Helper()
		got := new(Encoder).Append(nil, a)
		if bytes.ContainsAny(got, "\n\x1b") {
			t.Errorf("%s: the document is not one line of visible text", name)
		}
		var indented bytes.Buffer
		if err := json.Indent(&indented, got, "", "  "); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, got)
		}
		indented.WriteByte('\n')
		golden(t, filepath.Join("testdata", name+".json"), indented.Bytes())
	}
	f("exec", execAlert())
	f("hostile", hostileAlert())
	f("empty", &Alert{Rule: &Rule{Name: "x"}, Details: &Details{}})
	f("kernel", kernelAlert())
	f("mount", PlainEvent(mountDetails(), false))
	f("drop", PlainEvent(dropDetails(), true))
	f("falco", falcoAlert())
}

func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got; -update writes it anew):\n%s", file, diff)
	}
}

func TestEncoderAppendsAndForgets(t *testing.T) {
	e := new(Encoder)
	first := e.Append([]byte("x"), execAlert())
	second := e.Append([]byte("x"), execAlert())
	if first[0] != 'x' || !bytes.Equal(first, second) {
		t.Error("the same alert gave two documents")
	}
}

func TestDocumentIsBounded(t *testing.T) {
	a := execAlert()
	long := strings.Repeat("\x00", 1<<20)
	d := a.Details
	d.User, d.UserAgent, d.Name, d.Audit.RequestURI, a.Reason, a.Message = long, long, long, long, long, long
	d.Groups, d.Command = slices.Repeat([]string{long}, 100), slices.Repeat([]string{long}, 100)
	if got := new(Encoder).Append(nil, a); len(got) > 1<<19 {
		t.Errorf("a document of %d bytes", len(got))
	}
}

func TestDocFieldsStandTogether(t *testing.T) {
	fields := DocFields()
	names := make([]string, 0, len(fields))
	for _, f := range fields {
		if f.Doc == "" || f.Type == "" {
			t.Errorf("%s is not described", f.Name)
		}
		names = append(names, f.Name)
	}
	if !slices.IsSorted(names) || len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Error("the table is not sorted by name")
	}
	for i, name := range names[1:] {
		if strings.HasPrefix(name, names[i]+".") {
			t.Errorf("%s is a value and an object", names[i])
		}
	}
}

// TestEachFieldIsUsed finds every field in a document of an audit event, a kernel event or an alert of Falco.
func TestEachFieldIsUsed(t *testing.T) {
	a := execAlert()
	a.Details.APIGroup, a.Details.Audit.Reason = "apps", "Forbidden"
	docs := []map[string]any{document(t, a), document(t, kernelAlert()), document(t, PlainEvent(dropDetails(), false)), document(t, falcoAlert())}
	for _, f := range DocFields() {
		if !slices.ContainsFunc(docs, func(doc map[string]any) bool { return at(doc, f.Name) != nil }) {
			t.Errorf("%s is in no document", f.Name)
		}
	}
	for _, doc := range docs[1:] {
		if kubernetes := at(doc, "kubernetes.audit"); kubernetes != nil {
			t.Errorf("an event of another source has %v", kubernetes)
		}
	}
}

func document(t *testing.T, a *Alert) (doc map[string]any) {
	t.Helper()
	if err := json.Unmarshal(new(Encoder).Append(nil, a), &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// at is the value of a field in a document.
func at(doc map[string]any, name string) any {
	var value any = doc
	for part := range strings.SplitSeq(name, ".") {
		object, _ := value.(map[string]any)
		value = object[part]
	}
	return value
}

func BenchmarkEncoder(b *testing.B) {
	a, e, dst := execAlert(), new(Encoder), []byte(nil)
	b.ReportAllocs()
	for b.Loop() {
		dst = e.Append(dst[:0], a)
	}
	b.SetBytes(int64(len(dst)))
}

func FuzzDocument(f *testing.F) {
	f.Add("alice", `\u0041"`)
	f.Add("\xff\x00", "\u2028</script>")
	f.Fuzz(func(t *testing.T, a, b string) {
		alert := execAlert()
		alert.Reason, alert.Message = a, b
		alert.Details.User, alert.Details.SourceIP, alert.Details.Command = a, b, []string{a, b}
		doc := new(Encoder).Append(nil, alert)
		if !json.Valid(doc) || bytes.ContainsFunc(doc, func(r rune) bool { return !visible(r, 3) }) {
			t.Fatalf("%q, %q: %s", a, b, doc)
		}
	})
}
