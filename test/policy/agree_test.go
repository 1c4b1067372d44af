package policy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/parallax-sec/parallax/pipeline/scenario"
	"github.com/parallax-sec/parallax/setup/auditpolicy"
)

// policies are the shipped one and those of testdata, by name.
func policies(t *testing.T) map[string][]byte {
	t.Helper()
	out := map[string][]byte{"shipped": auditpolicy.YAML()}
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no policies in testdata: %v", err)
	}
	for _, file := range files {
		out[filepath.Base(file)] = read(t, file)
	}
	return out
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func parse(t *testing.T, policy []byte) *auditpolicy.Policy {
	t.Helper()
	p, err := auditpolicy.Parse(policy)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// What auditpolicy decides about an event is what the API server's code decides about the request behind it.
func TestDecisionsAreTheAPIServers(t *testing.T) {
	events := append(scenarioEvents(t), crossed()...)
	if dir := os.Getenv("PARALLAX_TEST_DATA"); dir != "" {
		for _, log := range []string{"attacks.log", "benign.log"} {
			events = append(events, bytes.Split(bytes.TrimSpace(read(t, filepath.Join(dir, "audit", log))), []byte("\n"))...)
		}
	}
	for name, policy := range policies(t) {
		t.Run(name, func(t *testing.T) {
			judge, own := evaluator(t, policy), parse(t, policy)
			for _, e := range events {
				want, err := decide(judge, e)
				if err != nil {
					t.Fatalf("%v of %s", err, e)
				}
				asked, err := auditpolicy.AskedOf(e)
				if err != nil {
					t.Fatal(err)
				}
				d := own.Decide(asked)
				if got := line(d.Level.String(), d.OmitStages, d.OmitManagedFields); got != want {
					t.Errorf("%+v:\nrule %d: %s\nthe API server: %s", *asked, d.Rule, got, want)
				}
			}
		})
	}
	t.Logf("%d events", len(events))
}

// scenarioEvents returns the audit events of all built-in rules' scenarios.
func scenarioEvents(t *testing.T) [][]byte {
	t.Helper()
	var out [][]byte
	for _, file := range scenarioFiles(t) {
		s, err := scenario.Parse(filepath.Base(file), read(t, file))
		if err != nil {
			t.Fatal(err)
		}
		for _, section := range s.Events {
			for dec := json.NewDecoder(bytes.NewReader(section.Data)); dec.More(); {
				var value json.RawMessage
				if err := dec.Decode(&value); err != nil {
					t.Fatalf("%s: %v", file, err)
				}
				out = append(out, value)
			}
		}
	}
	return out
}

func scenarioFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../rules/builtin/testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	return files
}

// crossed returns events of many users, verbs and URIs, each with each.
func crossed() [][]byte {
	users := []string{
		`{}`, `{"username":"system:anonymous","groups":["system:unauthenticated"]}`, `{"username":"alice","groups":["dev","system:authenticated"]}`,
		`{"username":"system:node:n1","groups":["system:nodes","system:authenticated"]}`, `{"username":"system:kube-scheduler","groups":["system:authenticated"]}`,
		`{"username":"system:serviceaccount:kube-system:job-controller","groups":["system:serviceaccounts","system:serviceaccounts:kube-system"]}`,
	}
	objects := []struct{ uri, ref string }{
		{"/api/v1/namespaces/dev/pods/web", `{"resource":"pods","namespace":"dev","name":"web","apiVersion":"v1"}`},
		{"/api/v1/namespaces/dev/pods/web/exec?command=sh", `{"resource":"pods","namespace":"dev","name":"web","subresource":"exec"}`},
		{"/api/v1/namespaces/dev/pods/web/status", `{"resource":"pods","namespace":"dev","name":"web","subresource":"status"}`},
		{"/api/v1/nodes/n1", `{"resource":"nodes","name":"n1"}`},
		{"/api/v1/nodes/n1/status", `{"resource":"nodes","name":"n1","subresource":"status"}`},
		{"/api/v1/namespaces/kube-system/configmaps/coredns", `{"resource":"configmaps","namespace":"kube-system","name":"coredns"}`},
		{"/api/v1/namespaces/kube-system/secrets/s", `{"resource":"secrets","namespace":"kube-system","name":"s"}`},
		{"/api/v1/namespaces/dev/events/e", `{"resource":"events","namespace":"dev","name":"e"}`},
		{"/apis/events.k8s.io/v1/namespaces/dev/events/e", `{"resource":"events","namespace":"dev","name":"e","apiGroup":"events.k8s.io"}`},
		{"/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/l", `{"resource":"leases","namespace":"kube-system","name":"l","apiGroup":"coordination.k8s.io"}`},
		{"/apis/apps/v1/namespaces/dev/deployments/d/scale", `{"resource":"deployments","namespace":"dev","name":"d","apiGroup":"apps","subresource":"scale"}`},
		{"/apis/apps/v1/namespaces/dev/deployments/d/status", `{"resource":"deployments","namespace":"dev","name":"d","apiGroup":"apps","subresource":"status"}`},
		{"/apis/batch/v1/namespaces/x/jobs/j", `{"resource":"jobs","namespace":"x","name":"j","apiGroup":"batch"}`},
		{"/apis/rbac.authorization.k8s.io/v1/clusterroles/r", `{"resource":"clusterroles","name":"r","apiGroup":"rbac.authorization.k8s.io"}`},
		{"/apis/acme.example/v1/namespaces/dev/widgets/w", `{"resource":"widgets","namespace":"dev","name":"w","apiGroup":"acme.example"}`},
		{"/api/v1/namespaces/dev", `{"resource":"namespaces","namespace":"dev","name":"dev"}`},
	}
	paths := []string{"/healthz", "/healthz/ping?verbose", "/livez", "/version", "/version/", "/api", "/api/v1", "/apis/apps/v1", "/metrics", "/healthz/../api/v1/secrets", "/"}
	var out [][]byte
	add := func(format string, args ...any) { out = append(out, fmt.Appendf(nil, format, args...)) }
	for _, u := range users {
		for _, o := range objects {
			for _, verb := range []string{"get", "update", "patch", "delete"} {
				add(`{"stage":"ResponseComplete","verb":%q,"requestURI":%q,"user":%s,"objectRef":%s}`, verb, o.uri, u, o.ref)
			}
		}
		// Whose name came into the event from the body.
		add(`{"stage":"ResponseComplete","verb":"create","requestURI":"/api/v1/namespaces/dev/pods","user":%s,"objectRef":{"resource":"pods","namespace":"dev","name":"web"}}`, u)
		add(`{"stage":"ResponseComplete","verb":"create","requestURI":"/api/v1/namespaces/dev/pods/web/binding","user":%s,"objectRef":{"resource":"pods","namespace":"dev","name":"web","subresource":"binding"}}`, u)
		for _, p := range paths {
			for _, verb := range []string{"get", "post", "head"} {
				add(`{"stage":"ResponseComplete","verb":%q,"requestURI":%q,"user":%s}`, verb, p, u)
			}
		}
	}
	return out
}
