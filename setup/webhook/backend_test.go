package webhook

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	auditinternal "k8s.io/apiserver/pkg/apis/audit"
	auditv1 "k8s.io/apiserver/pkg/apis/audit/v1"
	backend "k8s.io/apiserver/plugin/pkg/audit/webhook"

	"github.com/parallax-sec/parallax/tlsfiles"
)

// The API server's own backend, given the kubeconfig, reaches a server that has the server's files, by the path and the name
// that are its own.
func TestKubeconfigWithTheAPIServersBackend(t *testing.T) {
	type request struct{ Path, Who, Org, AuditID string }
	got := make(chan request, 1)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var list auditv1.EventList
		if err := json.NewDecoder(r.Body).Decode(&list); err != nil || len(list.Items) != 1 {
			t.Errorf("body: %v, %d events", err, len(list.Items))
			list.Items = make([]auditv1.Event, 1)
		}
		name := r.TLS.PeerCertificates[0].Subject
		got <- request{r.URL.Path, name.CommonName, name.Organization[0], string(list.Items[0].AuditID)}
	}))
	c := Config{Dir: t.TempDir(), URL: "https://" + s.Listener.Addr().String(), Cluster: "prod", APIServers: []string{"cp1", "cp2"}}
	p := apply(t, c, time.Now())
	file := func(name string) string { return filepath.Join(c.Dir, name) }
	files, err := tlsfiles.Server(file("server.crt"), file("server.key"), file("ca.crt"))
	if err != nil {
		t.Fatal(err)
	}
	s.TLS = files.Config()
	s.StartTLS()
	t.Cleanup(s.Close)

	for _, client := range p.Clients {
		b, err := backend.NewBackend(file(client.Kubeconfig), auditv1.SchemeGroupVersion, wait.Backoff{Steps: 1}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !b.ProcessEvents(&auditinternal.Event{AuditID: "id-1", Stage: auditinternal.StageResponseComplete}) {
			t.Fatalf("%s: the backend could not send", client.Kubeconfig)
		}
		if want := (request{"/audit/prod/" + client.Name, "prod/" + client.Name, Organization, "id-1"}); <-got != want {
			t.Errorf("%s: not as %v", client.Name, want)
		}
	}
}
