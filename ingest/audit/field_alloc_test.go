package audit

import (
	"fmt"
	"strings"
	"testing"

	"github.com/parallax-sec/parallax/event"
)

// TestFieldsDoNotAllocate asks every field of an event again and again, as a Decoder that has grown does it. Nothing in the
// event has to be made anew: its paths are clean and its capabilities in capitals.
func TestFieldsDoNotAllocate(t *testing.T) {
	object := fmt.Sprintf(kinds["deployments"], `{"annotations":{"seccomp.security.alpha.kubernetes.io/pod":"x"}}`, cleanSpec)
	line := []byte(fmt.Sprintf(`{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"i","stage":"ResponseComplete","verb":"update",`+
		`"requestURI":"/apis/apps/v1/namespaces/a/deployments/x?fieldManager=k%%20v\u0026dryRun=","user":{"username":"bob","groups":["g"],"extra":{"arn":["x"]}},`+
		`"impersonatedUser":{"username":"alice"},"sourceIPs":["10.0.0.1"],"objectRef":{"resource":"deployments","name":"x","apiGroup":"apps"},`+
		`"responseStatus":{"code":200},"requestObject":%s,"responseObject":%s,`+
		`"requestReceivedTimestamp":"2026-11-20T10:00:01.000000Z","stageTimestamp":"2026-11-20T10:00:01.123456Z","annotations":{"authorization.k8s.io/decision":"allow"}}`,
		object, object))
	exec := []byte(`{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"i","stage":"ResponseStarted","verb":"get","objectRef":{"resource":"pods","subresource":"exec"},` +
		`"requestURI":"/api/v1/namespaces/a/pods/b/exec?command=a%20b\u0026command=c+d\u0026tty=1\u0026container=x","stageTimestamp":"2026-11-20T10:00:01.123456Z"}`)
	proxy := []byte(`{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"i","stage":"ResponseStarted","verb":"get","objectRef":{"resource":"nodes","subresource":"proxy","name":"n:1"},` +
		`"requestURI":"/api/v1/nodes/n:1/proxy/run/a/b/c?cmd=id","stageTimestamp":"2026-11-20T10:00:01.123456Z"}`)
	for _, line := range [][]byte{line, exec, proxy} {
		expectNoAllocations(t, line)
	}
}

// cleanSpec is a pod spec of the kind that most are.
var cleanSpec = strings.NewReplacer("//var/run/../run/docker.sock/", "/var/run/docker.sock", `"etc"`, `"/etc"`, "cap_sys_admin", "SYS_ADMIN", "Net_Raw", "NET_RAW",
	`"subPath":"var/../etc/kubernetes"`, `"x":1`, `"subPathExpr":"var/log/$(POD)"`, `"x":1`).Replace(riskySpec)

func expectNoAllocations(t *testing.T, line []byte) {
	t.Helper()
	var v event.Value
	e := new(Event)
	for _, f := range Fields() {
		a := event.Arg{Text: "/spec/template/spec/containers/0", Has: f.Arg != event.ArgNone, Index: -1}
		if f.Arg == event.ArgIndex {
			a.Index = 0
		}
		if f.Prepare != nil {
			if err := f.Prepare(&a); err != nil {
				t.Fatal(err)
			}
		}
		if f.Get == nil {
			continue
		}
		n := testing.AllocsPerRun(5, func() {
			if _, err := e.decode(line, false, &tail{}); err != nil {
				t.Fatal(err)
			}
			for a.Elem = range max(1, e.Elements(f.Scope)) {
				f.Get(e, &a, &v)
			}
		})
		if n > 0 {
			t.Errorf("%s allocates %v times", f.Name, n)
		}
	}
}
