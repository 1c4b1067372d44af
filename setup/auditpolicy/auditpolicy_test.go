package auditpolicy

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// preamble begins every policy of these tests.
const preamble = "apiVersion: audit.k8s.io/v1\nkind: Policy\n"

func parse(t *testing.T, rules string) *Policy {
	t.Helper()
	p, err := Parse([]byte(preamble + rules))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestShippedPolicy(t *testing.T) {
	p, err := Parse(YAML())
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Leaks(); len(got) > 0 {
		t.Errorf("%q", got)
	}
}

func TestParseRefuses(t *testing.T) {
	f := func(policy, want string) {
		t.Helper()
		if _, err := Parse([]byte(policy)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", policy, err, want)
		}
	}
	f("", "EOF")
	f("a text", "cannot unmarshal")
	f("apiVersion: audit.k8s.io/v1beta1\nkind: Policy\nrules: [{level: None}]", "want Policy of audit.k8s.io/v1")
	f("apiVersion: v1\nkind: List\nrules: []", "want Policy")
	f(preamble, "no rules")
	f(preamble+"rules: [{verbs: [get]}]", "rule 1 has no level")
	f(preamble+"rules: [{level: metadata}]", `level "metadata"`)
	f(preamble+"rules: [{level: None, verb: [get]}]", "verb not found")
	f(preamble+"rules: [{level: None, users: alice}]", "cannot unmarshal")
}

func TestReduce(t *testing.T) {
	const (
		start = `{"auditID":"1","level":"RequestResponse","requestURI":"/api/v1/namespaces/dev/pods","stage":"ResponseComplete","user":{"username":"alice"},"verb":"create","objectRef":{"resource":"pods","namespace":"dev"}`
		event = start + `,"requestObject":{"a":1,"metadata":{"managedFields":[1],"name":"x"}},"responseObject":{"b":2}}`
	)
	f := func(rules, in, want, lost string) {
		t.Helper()
		r, err := parse(t, rules).Reduce([]byte(in))
		if err != nil {
			t.Fatal(err)
		}
		if r.Lost != lost {
			t.Errorf("%s: lost %q, want %q", rules, r.Lost, lost)
		}
		if (r.Event == nil) != (want == "") || r.Event != nil && !sameJSON(t, string(r.Event), want) {
			t.Errorf("%s:\n%s, want\n%s", rules, r.Event, want)
		}
	}
	const who = "create of pods in dev by alice"
	level := func(l string) string { return strings.Replace(start, "RequestResponse", l, 1) }
	f("rules: [{level: RequestResponse}]", event, event, "")
	f("rules: [{level: Request}]", event, level("Request")+`,"requestObject":{"a":1,"metadata":{"managedFields":[1],"name":"x"}}}`,
		who+" is logged at the level Request (rule 1 of the policy)")
	f("rules: [{level: None, verbs: [get]}, {level: Metadata}]", event, level("Metadata")+"}", who+" is logged at the level Metadata (rule 2 of the policy)")
	f("rules: [{level: None}]", event, "", who+" is not logged (rule 1 of the policy)")
	f("rules: [{level: Request, verbs: [get]}]", event, "", who+" is not logged (no rule of the policy fits)")
	f("rules: [{level: Request, omitStages: [ResponseComplete]}]", event, "", who+" is logged without the stage ResponseComplete (rule 1 of the policy)")
	f("omitStages: [ResponseComplete]\nrules: [{level: Request}]", event, "", who+" is logged without the stage ResponseComplete (rule 1 of the policy)")
	f("omitManagedFields: true\nrules: [{level: RequestResponse}]", event, start+`,"requestObject":{"a":1,"metadata":{"name":"x"}},"responseObject":{"b":2}}`, "")
	f("omitManagedFields: true\nrules: [{level: RequestResponse, omitManagedFields: false}]", event, event, "")
	f("rules: [{level: RequestResponse}]", level("Metadata")+"}", level("Metadata")+"}", "") // what is not there does not come back
	f("rules: [{level: Metadata}]", level("Request")+`,"requestObject":null}`, level("Metadata")+"}", "")
	f("omitManagedFields: true\nrules: [{level: RequestResponse}]", start+`,"requestObject":[1],"responseObject":"skipped"}`, start+`,"requestObject":[1],"responseObject":"skipped"}`, "")
}

func sameJSON(t *testing.T, a, b string) bool {
	t.Helper()
	return cmp.Equal(decode(t, a), decode(t, b))
}

func TestReduceAll(t *testing.T) {
	p := parse(t, "rules: [{level: None, verbs: [get]}, {level: RequestResponse}]")
	get, list := `{"verb":"get","requestURI":"/x"}`, `{"requestURI":"/y","user":{},"verb":"list"}`
	left, lost, err := p.ReduceAll([]byte(get + "\n" + list + `{"kind":"EventList","items":[` + get + `, ` + list + `]}` + "\n[" + list + "]\n[] {\"kind\":\"EventList\"}"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(left)), "\n")
	if len(lines) != 3 || !sameJSON(t, lines[0], list) || lines[0] != lines[1] || lines[1] != lines[2] {
		t.Errorf("%q", lines)
	}
	if diff := cmp.Diff([]string{"get /x by nobody is not logged (rule 1 of the policy)"}, lost); diff != "" {
		t.Error(diff)
	}
	for _, bad := range []string{"{", `"text"`, "7", `{"level":"metadata"}`, `{"verb":1}`, `[{"verb":1}]`, `{"kind":"EventList","items":7}`} {
		if _, _, err := p.ReduceAll([]byte(bad)); err == nil {
			t.Errorf("%s: no error", bad)
		}
	}
}

func TestLeaks(t *testing.T) {
	f := func(rules string, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, parse(t, rules).Leaks()); diff != "" {
			t.Errorf("%s:\n%s", rules, diff)
		}
	}
	f("rules: [{level: Metadata}]")
	f("rules: [{level: Metadata, resources: [{group: '', resources: [secrets, configmaps, '*/token']}]}, {level: Request}]",
		"tokenreviews.authentication.k8s.io: what they hold is logged (create at the level Request); Metadata is enough")
	f("rules: [{level: None, verbs: [get, list]}, {level: Metadata, users: [alice]}, {level: RequestResponse, resources: [{group: ''}]}]",
		"secrets: what they hold is logged (create, update, patch at the level RequestResponse); Metadata is enough",
		"configmaps: what they hold is logged (create, update, patch at the level RequestResponse); Metadata is enough",
		"serviceaccounts/token: what they hold is logged (create at the level RequestResponse); Request is enough")
}

func decode(t *testing.T, s string) any {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(s), &v); err != nil {
		t.Fatalf("%v in %s", err, s)
	}
	return v
}
