//go:build e2e

package e2e

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/parallax-sec/parallax/kubeauth"
)

// token makes a token as the kubelet would.
func (d *deployment) token(t testing.TB, namespace, account string, more ...string) string {
	t.Helper()
	return d.kubectl(t, append([]string{"-n", namespace, "create", "token", account}, more...)...)
}

// agentToken is a token that is bound to the agent's pod.
func (d *deployment) agentToken(t testing.TB, more ...string) string {
	t.Helper()
	pod := d.kubectl(t, "-n", "parallax-agents", "get", "pod", "-l", "app.kubernetes.io/name=parallax-agent", "-o", "jsonpath={.items[0].metadata.name}")
	return d.token(t, "parallax-agents", "parallax-agent", append(more, "--bound-object-kind=Pod", "--bound-object-name="+pod)...)
}

// What the API server says of tokens is what kubeauth takes it for.
func tokens(t *testing.T, d *deployment) {
	reviewer, err := kubeauth.NewCluster(d.kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	a, err := kubeauth.New(kubeauth.DefaultConfig(), reviewer)
	if err != nil {
		t.Fatal(err)
	}
	f := func(what, text, node string, want error) {
		t.Helper()
		if got, err := a.Authenticate(t.Context(), text); got != node || !errors.Is(err, want) {
			t.Errorf("%s: node %q, %v; want %q, %v", what, got, err, node, want)
		}
	}
	f("an agent's", d.agentToken(t, "--audience=parallax"), d.node, nil)
	f("one that is not bound", d.token(t, "parallax-agents", "parallax-agent", "--audience=parallax"), "", kubeauth.ErrRefused)
	f("one for the API server", d.agentToken(t), "", kubeauth.ErrRefused)
	f("another account's", d.token(t, "parallax", "parallax-hub", "--audience=parallax"), "", kubeauth.ErrRefused)
	f("a forged one", "eyJhbGciOiJSUzI1NiJ9.e30.AAAA", "", kubeauth.ErrRefused)
}

// Who has the token of one node's agent can write as that node only, and read nothing.
func rightsOfAgents(t *testing.T, d *deployment) {
	if nc, err := d.connect(t, d.token(t, "parallax", "parallax-hub", "--audience=parallax"), nil); err == nil {
		nc.Close()
		t.Error("the hub let in who is no agent")
	}
	refused := make(chan string, 16)
	nc, err := d.connect(t, d.agentToken(t, "--audience=parallax"), func(err error) { refused <- err.Error() })
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	for _, subject := range []string{"gate.plx.rt.another", "plx.rt.another", "plx.audit.default.default", "plx.ctl.rules", "$JS.API.STREAM.DELETE.PLX", "$KV.plx-meta.leader"} {
		if err := nc.Publish(subject, []byte("x")); err != nil {
			t.Fatal(err)
		}
		expect(t, refused, subject)
	}
	if _, err := nc.SubscribeSync(">"); err != nil {
		t.Fatal(err)
	}
	expect(t, refused, ">")
}

func expect(t *testing.T, refused chan string, subject string) {
	t.Helper()
	select {
	case said := <-refused:
		if !strings.Contains(strings.ToLower(said), "permissions violation") || !strings.Contains(said, `"`+subject+`"`) {
			t.Errorf("%s: %s", subject, said)
		}
	case <-time.After(10 * time.Second):
		t.Errorf("%s is not refused", subject)
	}
}

func (d *deployment) connect(t *testing.T, token string, failed func(error)) (*nats.Conn, error) {
	t.Helper()
	pem, err := os.ReadFile(d.ca)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	return nats.Connect("tls://"+d.hubIP+":4222", nats.Token(token), nats.Secure(&tls.Config{RootCAs: roots, ServerName: "parallax-hub.parallax.svc"}),
		nats.MaxReconnects(0), nats.Timeout(10*time.Second), nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			if failed != nil {
				failed(err)
			}
		}))
}
