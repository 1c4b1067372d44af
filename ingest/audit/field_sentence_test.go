package audit

import (
	"testing"

	"github.com/parallax-sec/parallax/event"
)

// fieldText is a field of an event that has the given members besides what each must have.
func fieldText(t *testing.T, name, members string) string {
	t.Helper()
	line := `{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"1","stage":"ResponseComplete","stageTimestamp":"2026-01-01T00:00:00Z","verb":"get",` + members + `}`
	var v event.Value
	for _, field := range normalFields() {
		if field.Name == name {
			NewDecoder().Decode(&event.Batch{Line: 1, Data: []byte(line)}, func(e event.Event) { field.Get(e, &event.Arg{}, &v) },
				func(f event.Fault) { t.Error(f) })
		}
	}
	return v.Text()
}

func TestExecCommandWithEscapes(t *testing.T) {
	f := func(query, want string) {
		t.Helper()
		got := fieldText(t, "audit.exec.command", `"requestURI":"/api/v1/namespaces/dev/pods/web/exec?`+query+`","objectRef":{"resource":"pods","subresource":"exec"}`)
		if got != want {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
	f("command=id", "id")
	f("command=head&command=-1&command=%2Fhost%2Fetc%2Fshadow&container=main", "head -1 /host/etc/shadow")
	f("command=sh&command=-c&command=id%3B+tty&%63ommand=%2Ftmp", "sh -c id; tty /tmp")
}

func TestObject(t *testing.T) {
	f := func(members, want string) {
		t.Helper()
		if got := fieldText(t, "audit.object", members); got != want {
			t.Errorf("%s: got %q, want %q", members, got, want)
		}
	}
	f(`"requestURI":"/x","objectRef":{"resource":"deployments","namespace":"dev","name":"web"}`, "deployments dev/web")
	f(`"requestURI":"/x","objectRef":{"resource":"pods","namespace":"dev","name":"web","subresource":"exec"}`, "pods/exec dev/web")
	f(`"requestURI":"/x","objectRef":{"resource":"clusterroles","name":"star"}`, "clusterroles star")
	f(`"requestURI":"/x","objectRef":{"resource":"secrets","namespace":"dev"}`, "secrets in dev")
	f(`"requestURI":"/x","objectRef":{"resource":"namespaces","namespace":"dev","name":"dev"}`, "namespaces dev")
	f(`"requestURI":"/x","objectRef":{"resource":"secrets"}`, "secrets")
	f(`"requestURI":"/version%20x?y"`, "/version x")
}
