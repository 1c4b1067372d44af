package audit

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parallax-sec/parallax/event"
)

// decodeOne reads the one event of data.
func decodeOne(t *testing.T, data string) *Event {
	t.Helper()
	var e Event
	if _, err := e.decode([]byte(data), false, new(tail)); err != nil {
		t.Fatal(err)
	}
	return &e
}

const execEvent = `{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a1","stage":"ResponseStarted",` +
	`"requestURI":"/api/v1/namespaces/dev/pods/web/exec?command=mysql\u0026command=-phunter2\u0026container=main\u0026tty=true","verb":"get",` +
	`"user":{"username":"bob","uid":"7","groups":["ops"],"extra":{"example.org/email":["bob@example.org"]}},` +
	`"impersonatedUser":{"username":"alice","groups":["dev"]},"sourceIPs":["10.0.0.1","192.0.2.2"],"userAgent":"kubectl",` +
	`"objectRef":{"resource":"pods","namespace":"dev","name":"web","apiVersion":"v1","subresource":"exec"},` +
	`"responseStatus":{"metadata":{},"code":101},` + times + `,"annotations":{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":"ok"}}`

func TestDetails(t *testing.T) {
	e := decodeOne(t, execEvent)
	want := &event.Details{
		Source: event.SourceAudit, TimeNs: 1795218543111977000, ReceivedNs: 1795218543110759000,
		EventID: e.EventID(), RequestID: e.RequestID(),
		Action: "exec", Outcome: "success", Change: "access", Categories: []string{"api"},
		User: "bob", UserUID: "7", Groups: []string{"ops"}, Impersonated: "alice", ImpGroups: []string{"dev"},
		Principal: "bob@example.org", ActorClass: "human", SourceIP: "192.0.2.2", UserAgent: "kubectl",
		Namespace: "dev", Resource: "pods", Subres: "exec", Name: "web",
		Container: "main", Command: []string{"mysql", "-p***"}, TTY: "true",
		Audit: &event.Audit{
			AuditID: "a1", Level: "Metadata", Stage: "ResponseStarted", Verb: "get",
			RequestURI: "/api/v1/namespaces/dev/pods/web/exec?command=mysql&command=-p***&container=main&tty=true",
			Code:       101, Decision: "allow", DecisionReason: "ok", SourceIPs: []string{"10.0.0.1", "192.0.2.2"}, APIVersion: "v1",
		},
	}
	if d := cmp.Diff(want, e.Details(event.ScopeEvent, 0)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestDetailsOwnTheirMemory(t *testing.T) {
	for _, line := range realLines(t) {
		data := append([]byte(nil), line...)
		e := decodeOne(t, string(line))
		e.line = data // as long as line, so that all places hold
		got, want := e.Details(event.ScopeContainer, 0), decodeOne(t, string(line)).Details(event.ScopeContainer, 0)
		clear(data)
		clear(e.arena)
		clear(e.view.text)
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("changed with the event (-want +got):\n%s", d)
		}
	}
}

func TestDetailsOfContainer(t *testing.T) {
	e := decodeOne(t, written("a", `,"objectRef":{"resource":"pods","namespace":"dev"},"requestObject":{"metadata":{"name":"gen-x","uid":"u1"},`+
		`"spec":{"containers":[{"name":"one","image":"i1"},{"name":"two","image":"i2"}]}}`))
	if n := e.Elements(event.ScopeContainer); n != 2 {
		t.Fatal(n)
	}
	d := e.Details(event.ScopeContainer, 1)
	if d.Container != "two" || d.Image != "i2" || d.Name != "gen-x" || d.PodUID != "u1" || d.Change != "creation" || d.TTY != "" || d.Blind != nil {
		t.Errorf("%+v", d)
	}
}

func TestDetailsTellTheCluster(t *testing.T) {
	e := decodeOne(t, strings.Replace(execEvent, `"annotations":{`, `"annotations":{"cluster_name":"north",`, 1))
	if d := e.Details(event.ScopeEvent, 0); d.Cluster != "north" {
		t.Errorf("cluster %q", d.Cluster)
	}
}

func TestDetailsSayWhatIsBlind(t *testing.T) {
	d := decodeOne(t, written("a", `,"objectRef":{"resource":"roles","apiGroup":"rbac.authorization.k8s.io"}`)).Details(event.ScopeEvent, 0)
	if len(d.Blind) != 1 || !strings.HasPrefix(d.Blind[0], "the object") || !cmp.Equal(d.Categories, []string{"api", "iam"}) {
		t.Errorf("%+v", d)
	}
}

func TestIDs(t *testing.T) {
	e := decodeOne(t, execEvent)
	request, id := e.RequestID(), e.EventID()
	if len(request) != 26 || len(id) != 26 || request == id || strings.ToLower(id) != id {
		t.Fatalf("%s %s", request, id)
	}
	// Pinned: ids must not change from one version of Parallax to the next.
	if request != "my6qvkya3odhbqlstjh5shqilm" {
		t.Errorf("request id %s", request)
	}
	change := func(name, from, to string, sameRequest, sameEvent bool) {
		t.Helper()
		if !strings.Contains(execEvent, from) {
			t.Fatalf("%s: no %s", name, from)
		}
		e := decodeOne(t, strings.Replace(execEvent, from, to, 1))
		if (e.RequestID() == request) != sameRequest || (e.EventID() == id) != sameEvent {
			t.Errorf("%s: request id same %v, event id same %v", name, e.RequestID() == request, e.EventID() == id)
		}
	}
	change("escapes", `\u0026tty`, "&tty", true, true)
	change("order of keys", `"level":"Metadata","auditID":"a1",`, `"auditID" : "a1","level":"Metadata",`, true, true)
	change("zone", "23:49:03.110759Z", "22:49:03.110759-01:00", true, true)
	change("bodies", `,"requestReceived`, `,"responseObject":{},"requestReceived`, true, true)
	change("empty for absent", `"name":"web"`, `"name":"web","uid":""`, true, true)
	change("address a client may choose", "10.0.0.1", "10.0.0.9", true, true)
	change("audit id", `"a1"`, `"a2"`, false, false)
	change("received", "03.110759Z", "03.110758Z", false, false)
	change("user", `"bob"`, `"eve"`, false, false)
	change("verb", `"get"`, `"create"`, false, false)
	change("URI", "tty=true", "tty=false", false, false)
	change("address", "192.0.2.2", "192.0.2.3", false, false)
	change("user agent", `"kubectl"`, `"curl"`, false, false)
	change("stage", "ResponseStarted", "ResponseComplete", true, false)
	change("stage time", "03.111977Z", "03.111978Z", true, false)
	change("impersonated", `"alice"`, `"carol"`, true, false)
	change("code", "101", "200", true, false)
	change("object", `"namespace":"dev"`, `"namespace":"ops"`, true, false)
	change("parts of different lengths", `"namespace":"dev","name":"web"`, `"namespace":"devw","name":"eb"`, true, false)
}

func TestBodyFault(t *testing.T) {
	f := func(members, want string) {
		t.Helper()
		line := []byte(written("a", members))
		var e Event
		tl := new(tails).find(line)
		if _, err := e.decode(line, false, &tl); err != nil || e.BodyFault() != nil {
			t.Fatalf("%s: %v", members, err)
		}
		e.Details(event.ScopeEvent, 0)
		got := ""
		if err := e.BodyFault(); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: %q, want %q", members, got, want)
		}
	}
	f("", "")
	f(`,"requestObject":{"a":[]},"responseObject":null`, "")
	f(`,"requestObject":{"a":[]},"what":{"comes":"next"}`, "")
	f(`,"requestObject":"skipped"`, "")
	f(`,"requestObject":{"a":}`, `unexpected "}", expected a value at byte 285`)
	f(`,"requestObject":{},"verb":"get"`, `key "verb" stands twice or out of order`)
	f(`,"requestObject":{},"v\u0065rb":"get"`, `key "verb" stands twice or out of order`)
	f(`,"requestObject":{}{}`, "expected , at byte 282")
}
