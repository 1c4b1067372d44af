package policy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/parallax-sec/parallax/setup/auditpolicy"
)

// Users of the cases below, with their groups.
var groups = map[string]string{
	"alice":                   `"dev","system:authenticated"`,
	"system:anonymous":        `"system:unauthenticated"`,
	"system:node:n1":          `"system:nodes","system:authenticated"`,
	"system:kube-scheduler":   `"system:authenticated"`,
	"system:apiserver":        `"system:masters","system:authenticated"`,
	"deployment-controller":   `"system:serviceaccounts","system:serviceaccounts:kube-system","system:authenticated"`,
	"operator":                `"system:serviceaccounts","system:serviceaccounts:shop","system:authenticated"`,
	"":                        ``, // who could not say who he is
	"system:serviceaccount:x": `"system:serviceaccounts:x","system:authenticated"`,
}

// What the shipped policy logs of requests, by the API server's own code: the level, and which stages are left out.
func TestLevels(t *testing.T) {
	judge := evaluator(t, auditpolicy.YAML())
	f := func(user, verb, uri, want string) {
		t.Helper()
		object := `,"objectRef":{"resource":"x"}` // attributes reads the URI
		if !strings.HasPrefix(uri, "/api") || uri == "/api" {
			object = ""
		}
		got, err := decide(judge, fmt.Appendf(nil, `{"verb":%q,"requestURI":%q,"user":{"username":%q,"groups":[%s]}%s}`, verb, uri, user, groups[user], object))
		if err != nil {
			t.Fatal(err)
		}
		got, managed := strings.CutSuffix(got, ", managed fields out: true")
		if !managed && got != "None" {
			t.Errorf("%s %s %s: managed fields are logged", user, verb, uri)
		}
		if got = strings.NewReplacer(", without stages", "", "Request", "R", "Response", "R", "Received", "R", "Started", "S").Replace(got); got != want {
			t.Errorf("%s %s %s: %s, want %s", user, verb, uri, got, want)
		}
	}
	// None; M, R and RR with the stages that are left out: [] none, [RR] RequestReceived, [RR RS] ResponseStarted as well.
	const dev, system = "/api/v1/namespaces/dev/", "/api/v1/namespaces/kube-system/"

	// Secrets and tokens: whoever asks, however.
	for _, user := range []string{"alice", "system:node:n1", "operator", "deployment-controller", "system:anonymous"} {
		for _, verb := range []string{"get", "update", "patch", "delete"} {
			f(user, verb, dev+"secrets/s", "Metadata [RR]")
			f(user, verb, dev+"configmaps/c", "Metadata [RR]")
		}
		f(user, "list", "/api/v1/secrets", "Metadata [RR]")
		f(user, "watch", "/api/v1/secrets?watch=true", "Metadata [RR]")
		f(user, "create", dev+"secrets", "Metadata [RR]")
		f(user, "create", "/apis/authentication.k8s.io/v1/tokenreviews", "Metadata [RR]")
		f(user, "create", dev+"serviceaccounts/default/token", "R [RR]")
	}
	f("alice", "create", "/apis/acme.example/v1/namespaces/dev/vaults", "Metadata [RR]")
	f("alice", "patch", system+"configmaps/aws-auth", "RR [RR]")
	f("alice", "patch", system+"configmaps/other", "Metadata [RR]")
	f("alice", "patch", dev+"configmaps/aws-auth", "Metadata [RR]")

	// Commands in pods.
	for _, verb := range []string{"get", "create"} {
		f("alice", verb, dev+"pods/web/exec?command=sh", "Metadata []")
		f("alice", verb, dev+"pods/web/attach", "Metadata []")
		f("system:node:n1", verb, dev+"pods/web/portforward", "Metadata []")
		f("alice", verb, "/api/v1/nodes/n1/proxy/run/dev/web/main", "Metadata [RR]")
	}

	// What is judged by its contents, whoever writes it.
	for _, user := range []string{"alice", "system:anonymous", "operator", "deployment-controller", "system:node:n1", "system:apiserver"} {
		for _, uri := range []string{
			dev + "pods/web", dev + "pods/web/ephemeralcontainers", "/api/v1/namespaces/dev", "/api/v1/persistentvolumes/pv", "/api/v1/nodes/n1",
			"/apis/apps/v1/namespaces/dev/deployments/d", "/apis/batch/v1/namespaces/dev/cronjobs/c",
			"/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/b", "/apis/certificates.k8s.io/v1/certificatesigningrequests/c/approval",
			"/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/p",
		} {
			f(user, "update", uri, "RR [RR]")
			f(user, "patch", uri, "RR []")
		}
		f(user, "create", dev+"pods", "RR [RR]")
		f(user, "delete", dev+"pods/web", "Metadata [RR]")
		f(user, "list", "/api/v1/pods", "Metadata [RR]")
	}
	f("system:kube-scheduler", "create", dev+"pods/web/binding", "R [RR]")
	f("system:node:n1", "create", "/apis/authorization.k8s.io/v1/subjectaccessreviews", "R [RR]")
	f("operator", "create", "/apis/authorization.k8s.io/v1/subjectaccessreviews", "Metadata [RR]")
	f("alice", "create", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", "R [RR]")

	// Noise, and what stands next to it.
	const lease, node = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n1", "/api/v1/nodes/n1"
	for _, user := range []string{"system:node:n1", "system:kube-scheduler", "operator"} {
		f(user, "update", lease, "None")
		f(user, "patch", dev+"events/e", "None")
		f(user, "create", "/apis/events.k8s.io/v1/namespaces/dev/events", "None")
		f(user, "delete", lease, "Metadata [RR]")
		f(user, "deletecollection", dev+"events", "Metadata [RR]")
		f(user, "watch", "/api/v1/pods?watch=true", "Metadata [RR RS]")
	}
	for _, user := range []string{"alice", "system:anonymous"} {
		f(user, "update", lease, "Metadata [RR]")
		f(user, "patch", dev+"events/e", "Metadata [RR]")
		f(user, "watch", "/api/v1/pods?watch=true", "Metadata [RR]")
	}
	f("system:node:n1", "patch", node+"/status", "None")
	f("system:node:n1", "patch", dev+"pods/web/status", "None")
	f("system:node:n1", "get", node, "None")
	f("system:node:n1", "get", dev+"pods/web", "Metadata [RR]")
	f("alice", "patch", node+"/status", "Metadata [RR]")
	f("operator", "patch", node+"/status", "Metadata [RR]")
	f("deployment-controller", "update", "/apis/apps/v1/namespaces/dev/deployments/d/status", "None")
	f("operator", "update", "/apis/apps/v1/namespaces/dev/deployments/d/status", "Metadata [RR]")

	// Paths.
	f("system:anonymous", "get", "/healthz", "None")
	f("system:anonymous", "get", "/livez?verbose", "None")
	f("system:anonymous", "get", "/healthz/../api/v1/secrets", "Metadata [RR]")
	f("system:anonymous", "post", "/healthz", "Metadata [RR]")
	f("system:anonymous", "get", "/metrics", "Metadata [RR]")
	f("alice", "get", "/version", "Metadata [RR]") // she might impersonate
	f("", "get", "/api", "Metadata [RR]")
}

// Nothing of the values of secrets, ConfigMaps and tokens is left of a log under the shipped policy.
func TestNoSecretIsLogged(t *testing.T) {
	const value = "c2VjcmV0IHZhbHVl"
	bodies := map[string]string{
		"/api/v1/namespaces/dev/secrets/s":                      `{"kind":"Secret","data":{"k":"` + value + `"}}`,
		"/api/v1/namespaces/dev/configmaps/c":                   `{"kind":"ConfigMap","data":{"k":"` + value + `"}}`,
		"/api/v1/namespaces/dev/serviceaccounts/default/token":  `{"kind":"TokenRequest","status":{"token":"` + value + `"}}`,
		"/apis/authentication.k8s.io/v1/tokenreviews":           `{"kind":"TokenReview","spec":{"token":"` + value + `"}}`,
		"/apis/acme.example/v1/namespaces/dev/externalvaults/v": `{"kind":"ExternalVault","spec":{"password":"` + value + `"}}`,
	}
	p := parse(t, auditpolicy.YAML())
	for uri, body := range bodies {
		for user, in := range groups {
			for verb := range methods {
				e := logged{RequestURI: uri, Verb: verb}
				attrs, err := attributes(&e)
				if err != nil {
					t.Fatal(err)
				}
				request := body
				if attrs.Subresource == "token" {
					request = "null" // the token is in the answer
				}
				data := fmt.Appendf(nil, `{"level":"RequestResponse","stage":"ResponseComplete","verb":%q,"requestURI":%q,"user":{"username":%q,"groups":[%s]},
					"objectRef":{"resource":%q,"namespace":%q,"name":%q,"apiGroup":%q,"subresource":%q},"requestObject":%s,"responseObject":%s}`,
					verb, uri, user, in, attrs.Resource, attrs.Namespace, attrs.Name, attrs.APIGroup, attrs.Subresource, request, body)
				out, err := p.Reduce(data)
				if err != nil || out.Event == nil || bytes.Contains(out.Event, []byte(value)) {
					t.Errorf("%s %s %s: %v, %s", user, verb, uri, err, out.Event)
				}
			}
		}
	}
}

// In the recorded logs there are values of secrets.
func TestNoRecordedSecretIsLogged(t *testing.T) {
	for _, name := range []string{"attacks.log", "benign.log"} {
		data := read(t, recorded(t, name))
		reduced, _, err := parse(t, auditpolicy.YAML()).ReduceAll(data)
		if err != nil {
			t.Fatal(err)
		}
		values := secretValues(t, data)
		if len(values) == 0 {
			t.Errorf("%s: no secret in it, so nothing is shown", name)
		}
		for _, v := range values {
			if bytes.Contains(reduced, []byte(v)) {
				t.Errorf("%s: the value %.8s... is left", name, v)
			}
		}
	}
}

// secretValues returns what stands in the data of secrets, where it is long enough to be told from other texts.
func secretValues(t *testing.T, log []byte) []string {
	t.Helper()
	type secret struct {
		Kind  string
		Data  map[string]string
		Items []struct{ Data map[string]string }
	}
	var out []string
	for line := range bytes.Lines(log) {
		var e struct {
			ObjectRef                     struct{ Resource string }
			RequestObject, ResponseObject secret
		}
		if err := json.Unmarshal(line, &e); err != nil || e.ObjectRef.Resource != "secrets" {
			continue
		}
		for _, s := range []secret{e.RequestObject, e.ResponseObject} {
			all := append(s.Items, struct{ Data map[string]string }{s.Data})
			for _, one := range all {
				for _, v := range one.Data {
					if len(v) >= 12 {
						out = append(out, v)
					}
				}
			}
		}
	}
	return out
}
