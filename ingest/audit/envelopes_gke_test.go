package audit

import (
	"strings"
	"testing"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/audit/envelope"
)

// gkeEntry is an entry of Cloud Logging about an API server, as GKE writes it.
const gkeEntry = `{"protoPayload":{"@type":"type.googleapis.com/google.cloud.audit.AuditLog","authenticationInfo":{"principalEmail":"alice@example.com"},` +
	`"authorizationInfo":[{"granted":true,"permission":"io.k8s.core.v1.pods.create","resource":"core/v1/namespaces/dev/pods/web"}],` +
	`"methodName":"io.k8s.core.v1.pods.create","request":{"@type":"core.k8s.io/v1.Pod","apiVersion":"v1","kind":"Pod","metadata":{"name":"web","namespace":"dev"},` +
	`"spec":{"hostPID":true,"containers":[{"name":"c","image":"reg.io/a:1","securityContext":{"privileged":true}}]}},` +
	`"requestMetadata":{"callerIp":"192.0.2.7","callerSuppliedUserAgent":"kubectl/v1.35.4 \"x\""},"resourceName":"core/v1/namespaces/dev/pods/web",` +
	`"response":{"@type":"core.k8s.io/v1.Pod","apiVersion":"v1","kind":"Pod","metadata":{"name":"web","namespace":"dev","uid":"u-1"},"spec":{"hostPID":true,` +
	`"containers":[{"name":"c","image":"reg.io/a:1","securityContext":{"privileged":true}}]}},"serviceName":"k8s.io","status":{}},` +
	`"insertId":"dac513c6-3104","resource":{"type":"k8s_cluster","labels":{"project_id":"p","cluster_name":"prod","location":"europe-west1"}},` +
	`"timestamp":"2026-11-20T23:49:03.897797Z","labels":{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":"RBAC: \"x\"","cluster_name":"forged"},` +
	`"logName":"projects/p/logs/cloudaudit.googleapis.com%2Factivity","operation":{"id":"dac513c6-3104","producer":"k8s.io","first":true,"last":true},` +
	`"receiveTimestamp":"2026-11-20T23:49:34.317031365Z"}`

// gkeEvent reads one entry, with texts replaced, and calls check with its event.
func gkeEvent(t *testing.T, check func(*Event), replace ...string) {
	t.Helper()
	entry := gkeEntry
	for i := 0; i < len(replace); i += 2 {
		if !strings.Contains(entry, replace[i]) {
			t.Fatalf("no %s in the entry", replace[i])
		}
		entry = strings.ReplaceAll(entry, replace[i], replace[i+1])
	}
	n := 0
	NewDecoder().Decode(&event.Batch{Origin: "log", Line: 1, Data: []byte(entry)}, func(e event.Event) {
		n++
		check(e.(*Event))
	}, func(f event.Fault) { t.Error(f) })
	if n != 1 {
		t.Fatalf("%d events", n)
	}
}

func TestGKE(t *testing.T) {
	gkeEvent(t, func(e *Event) {
		expect(t, e,
			"ka.auditid", "dac513c6-3104", "ka.stage", "ResponseComplete", "ka.verb", "create", "ka.uri", "/api/v1/namespaces/dev/pods",
			"ka.user.name", "alice@example.com", "ka.user.groups", none, "ka.useragent", `kubectl/v1.35.4 "x"`,
			"ka.target.resource", "pods", "ka.target.namespace", "dev", "ka.target.name", "web",
			"ka.response.code", none, "audit.ok", "yes", "audit.act", "create", "audit.pod.hostpid", "true", "audit.ctr.privileged", "true",
			"ka.auth.decision", "allow", "ka.auth.reason", `RBAC: "x"`,
		)
		d := e.Details(event.ScopeEvent, -1)
		if d.Cluster != "prod" || d.SourceIP != "192.0.2.7" || d.ObjectUID != "u-1" || d.Audit.Level != "RequestResponse" || d.Partial {
			t.Errorf("%+v", d)
		}
		if len(d.Blind) != 1 || !strings.Contains(d.Blind[0], "groups, extra") {
			t.Errorf("blind %q", d.Blind)
		}
	})
}

// An exec tells neither its command nor the code 101: they are missing, not empty or made up.
func TestGKEExec(t *testing.T) {
	exec := []string{
		"io.k8s.core.v1.pods.create", "io.k8s.core.v1.pods.exec.create", `"resourceName":"core/v1/namespaces/dev/pods/web"`,
		`"resourceName":"core/v1/namespaces/dev/pods/web/exec"`, `"request":{`, `"x":{`, `"response":{`, `"y":{`,
	}
	gkeEvent(t, func(e *Event) {
		expect(t, e, "audit.act", "exec", "audit.exec.command", none, "ka.response.code", none, "audit.ok", "yes", "audit.done", "true",
			"ka.stage", "ResponseStarted", "ka.uri", "/api/v1/namespaces/dev/pods/web/exec", "ka.target.subresource", "exec", "jevt.value[/level]", "Metadata")
	}, append(exec, `"first":true,"last":true`, `"first":true`)...)
	gkeEvent(t, func(e *Event) {
		expect(t, e, "ka.stage", "ResponseComplete")
	}, append(exec, `"first":true,"last":true`, `"last":true`)...)
}

func TestGKEOutcome(t *testing.T) {
	f := func(from, to, code, ok, denied string) {
		t.Helper()
		gkeEvent(t, func(e *Event) {
			expect(t, e, "ka.response.code", code, "audit.ok", ok, "audit.denied", denied)
		}, from, to)
	}
	f(`"status":{}`, `"status":{"code":7,"message":"Forbidden"}`, "403", "no", "true")
	f(`"status":{}`, `"status":{"code":5,"message":"Not Found"}`, "404", "no", "false")
	f(`"status":{}`, `"status":{"code":0}`, none, "yes", "false")
	f(`"status":{}`, `"status":{"code":99}`, none, "unknown", "false")
	f(`,"status":{}`, ``, none, "unknown", "false")
	f(`"response":{`, `"response":{"@type":"core.k8s.io/v1.Status","kind":"Status","code":422,"reason":"Invalid","message":"m"},"z":{`, "422", "no", "false")
}

func TestGKEResources(t *testing.T) {
	f := func(method, name, uri string, want ...string) {
		t.Helper()
		gkeEvent(t, func(e *Event) {
			expect(t, e, append([]string{"ka.uri", uri}, want...)...)
		}, `"methodName":"io.k8s.core.v1.pods.create"`, `"methodName":"`+method+`"`, `"resourceName":"core/v1/namespaces/dev/pods/web"`, `"resourceName":"`+name+`"`)
	}
	f("io.k8s.core.v1.pods.list", "core/v1/pods", "/api/v1/pods", "ka.verb", "list", "ka.target.resource", "pods", "ka.target.namespace", none)
	f("io.k8s.core.v1.pods.list", "core/v1/namespaces/dev/pods", "/api/v1/namespaces/dev/pods", "ka.target.name", none, "ka.target.namespace", "dev")
	f("io.k8s.core.v1.namespaces.delete", "core/v1/namespaces/dev", "/api/v1/namespaces/dev", "ka.target.resource", "namespaces", "ka.target.name", "dev", "ka.target.namespace", "dev")
	f("io.k8s.core.v1.namespaces.finalize.update", "core/v1/namespaces/dev/finalize", "/api/v1/namespaces/dev/finalize", "ka.target.subresource", "finalize")
	f("io.k8s.core.v1.nodes.proxy.get", "core/v1/nodes/n1/proxy/run/ns/p/c", "/api/v1/nodes/n1/proxy/run/ns/p/c", "ka.target.subresource", "proxy", "audit.act", "proxy")
	f("io.k8s.authorization.rbac.v1.clusterrolebindings.create", "rbac.authorization.k8s.io/v1/clusterrolebindings/x",
		"/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", "ka.target.resource", "clusterrolebindings", "ka.target.name", "x", "jevt.value[/objectRef/apiGroup]", "rbac.authorization.k8s.io")
	f("io.k8s.get", "healthz", "/healthz", "ka.verb", "get", "ka.target.resource", none)
	f("", "", none, "ka.verb", none)
}

// What is said to be lost has no value, whatever the request was.
func TestLostFields(t *testing.T) {
	gkeEvent(t, func(e *Event) {
		for _, name := range LostFields(envelope.GKE) {
			switch name {
			case "ka.uri.param", "audit.param", "audit.user.extra":
				name += "[command]"
			}
			expect(t, e, name, none)
		}
		if d := e.Details(event.ScopeEvent, -1); d.TTY != "" || d.Command != nil {
			t.Errorf("tty %q, command %q", d.TTY, d.Command)
		}
	}, "io.k8s.core.v1.pods.create", "io.k8s.core.v1.pods.exec.create",
		`"resourceName":"core/v1/namespaces/dev/pods/web"`, `"resourceName":"core/v1/namespaces/dev/pods/web/exec"`)
}
