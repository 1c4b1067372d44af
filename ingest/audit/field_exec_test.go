package audit

import (
	"testing"

	"github.com/parallax-sec/parallax/event"
)

func TestExecCommandWithEscapes(t *testing.T) {
	f := func(query, want string) {
		t.Helper()
		line := `{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"1","stage":"ResponseComplete","stageTimestamp":"2026-01-01T00:00:00Z","verb":"get",` +
			`"requestURI":"/api/v1/namespaces/dev/pods/web/exec?` + query + `","objectRef":{"resource":"pods","subresource":"exec"}}`
		var v event.Value
		for _, field := range NormalFields() {
			if field.Name != "audit.exec.command" {
				continue
			}
			NewDecoder().Decode(&event.Batch{Line: 1, Data: []byte(line)}, func(e event.Event) { field.Get(e, &event.Arg{}, &v) },
				func(f event.Fault) { t.Error(f) })
		}
		if v.Text() != want {
			t.Errorf("%s: got %q, want %q", query, v.Text(), want)
		}
	}
	f("command=id", "id")
	f("command=head&command=-1&command=%2Fhost%2Fetc%2Fshadow&container=main", "head -1 /host/etc/shadow")
	f("command=sh&command=-c&command=id%3B+tty&%63ommand=%2Ftmp", "sh -c id; tty /tmp")
}
