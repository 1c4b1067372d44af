package tlsfiles

import (
	"crypto/tls"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parallax-sec/parallax/setup/pki"
)

// dir is a folder with certificate files, and the CA they come from.
type dir struct {
	path string
	ca   *pki.CA
}

func newDir(t *testing.T) *dir {
	t.Helper()
	d := &dir{path: t.TempDir()}
	d.newCA(t)
	d.issue(t, "server", "127.0.0.1")
	d.issue(t, "client")
	return d
}

func (d *dir) file(name string) string { return filepath.Join(d.path, name) }

func (d *dir) newCA(t *testing.T) {
	t.Helper()
	ca, err := pki.NewCA("test", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	d.ca = ca
	put(t, d.file("ca.crt"), ca.Pair.Cert)
}

func (d *dir) issue(t *testing.T, name string, hosts ...string) {
	t.Helper()
	p, err := d.ca.Issue(pki.Leaf{CommonName: name, Organization: "test", Hosts: hosts}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	put(t, d.file(name+".key"), p.Key)
	put(t, d.file(name+".crt"), p.Cert)
}

func put(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func (d *dir) server(t *testing.T) *Files {
	t.Helper()
	f, err := Server(d.file("server.crt"), d.file("server.key"), d.file("ca.crt"))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func (d *dir) client(t *testing.T) *Files {
	t.Helper()
	f, err := Client(d.file("ca.crt"), d.file("client.crt"), d.file("client.key"))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// serve answers each request with the name in the client's certificate ("-" without one).
func serve(t *testing.T, c *tls.Config) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who := "-"
		if len(r.TLS.VerifiedChains) > 0 {
			who = r.TLS.VerifiedChains[0][0].Subject.CommonName
		}
		io.WriteString(w, who+" "+r.Proto)
	}))
	s.TLS = c
	s.EnableHTTP2 = true
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

// ask makes one request over a connection of its own.
func ask(t *testing.T, url string, tr *http.Transport) (string, error) {
	t.Helper()
	tr.DisableKeepAlives = true
	res, err := (&http.Client{Transport: tr}).Get(url)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return string(body), err
}

func TestBothSides(t *testing.T) {
	d := newDir(t)
	url := serve(t, d.server(t).Config()).URL
	for name, tr := range map[string]*http.Transport{
		"client HTTP/2.0": {TLSClientConfig: d.client(t).Config(), ForceAttemptHTTP2: true},
		"client HTTP/1.1": {DialTLSContext: d.client(t).Dial},
	} {
		if got, err := ask(t, url, tr); got != name || err != nil {
			t.Errorf("%q, %v, want %q", got, err, name)
		}
	}
}

func TestServerRefuses(t *testing.T) {
	d, other := newDir(t), newDir(t)
	url := serve(t, d.server(t).Config()).URL
	ca := d.client(t).CAs()
	f := func(want string, c *tls.Config) {
		t.Helper()
		c.RootCAs = ca
		if got, err := ask(t, url, &http.Transport{TLSClientConfig: c}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q, %v, want %q", got, err, want)
		}
	}
	f("certificate required", &tls.Config{})
	f("unknown certificate authority", other.client(t).Config())
	f("bad certificate", &tls.Config{Certificates: []tls.Certificate{*d.server(t).Certificate()}}) // not one of a client
	f("protocol version", &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11})
}

func TestConfigOptional(t *testing.T) {
	d, other := newDir(t), newDir(t)
	url := serve(t, d.server(t).ConfigOptional()).URL
	f := func(want string, c *tls.Config) {
		t.Helper()
		c.RootCAs = d.client(t).CAs()
		if got, err := ask(t, url, &http.Transport{TLSClientConfig: c}); got != want || (err == nil) != (want != "") {
			t.Errorf("%q, %v, want %q", got, err, want)
		}
	}
	f("- HTTP/1.1", &tls.Config{})
	f("client HTTP/1.1", d.client(t).Config())
	f("", other.client(t).Config())
}

func TestDialChecksTheServer(t *testing.T) {
	d, other, elsewhere := newDir(t), newDir(t), newDir(t)
	elsewhere.issue(t, "server", "hub.example")
	f := func(want string, c *Files, url string) {
		t.Helper()
		if got, err := ask(t, url, &http.Transport{DialTLSContext: c.Dial}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q, %v, want %q", got, err, want)
		}
	}
	f("unknown authority", d.client(t), serve(t, other.server(t).Config()).URL)
	f("127.0.0.1", elsewhere.client(t), serve(t, elsewhere.server(t).Config()).URL)
}

// After a reload each side takes new connections with what the files hold now.
func TestReload(t *testing.T) {
	d := newDir(t)
	server, client := d.server(t), d.client(t)
	url := serve(t, server.Config()).URL
	old := d.client(t)

	d.newCA(t)
	d.issue(t, "server", "127.0.0.1")
	d.issue(t, "client")
	for _, f := range []*Files{server, client} {
		if err := f.Reload(); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := ask(t, url, &http.Transport{DialTLSContext: client.Dial}); got != "client HTTP/1.1" || err != nil {
		t.Errorf("with the new set: %q, %v", got, err)
	}
	if _, err := ask(t, url, &http.Transport{DialTLSContext: old.Dial}); err == nil {
		t.Error("the CA that was taken away still counts")
	}
}

func TestReloadKeepsTheLastGoodSet(t *testing.T) {
	d, other := newDir(t), newDir(t)
	server := d.server(t)
	url := serve(t, server.Config()).URL
	client := d.client(t)
	f := func(name, want string, change func(path string)) {
		t.Helper()
		path := d.file(name)
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		change(path)
		if err := server.Reload(); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
		if got, err := ask(t, url, &http.Transport{DialTLSContext: client.Dial}); got != "client HTTP/1.1" || err != nil {
			t.Errorf("%s: not in force any more: %q, %v", name, got, err)
		}
		put(t, path, before)
	}
	write := func(data []byte) func(string) { return func(path string) { put(t, path, data) } }
	f("server.key", "does not match", write(other.server(t).keyPEM(t)))
	f("server.key", "no such file", func(path string) { os.Remove(path) })
	f("server.crt", "PEM", write([]byte("half a file")))
	f("server.crt", "more than", write(make([]byte, maxFileBytes+1)))
	f("ca.crt", "no certificate", write(nil))
	f("ca.crt", "certificate 2", write(append(d.ca.Pair.Cert, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"...)))
	if err := server.Reload(); err != nil {
		t.Error(err)
	}
}

func (f *Files) keyPEM(t *testing.T) []byte {
	t.Helper()
	data, err := os.ReadFile(f.names.key)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestWarnings(t *testing.T) {
	d := newDir(t)
	f := func(at time.Time, want ...string) {
		t.Helper()
		got := d.server(t).Warnings(at)
		if len(got) != len(want) {
			t.Fatalf("%q, want %q", got, want)
		}
		for i := range want {
			if !strings.Contains(got[i], want[i]) {
				t.Errorf("%q, want %q", got[i], want[i])
			}
		}
	}
	ends := d.server(t).NotAfter()
	f(time.Now())
	f(ends.Add(-time.Hour), "ends on "+ends.Format(time.DateOnly))
	f(ends.Add(time.Hour), "ended on")
	if err := os.Chmod(d.file("server.key"), 0o644); err != nil {
		t.Fatal(err)
	}
	f(time.Now(), "everybody")
}

func TestWrongNames(t *testing.T) {
	d := newDir(t)
	for name, err := range map[string]error{
		"server without key":           second(Server(d.file("server.crt"), "", "")),
		"server without a file":        second(Server(d.file("none.crt"), d.file("server.key"), "")),
		"client with half a pair":      second(Client("", d.file("client.crt"), "")),
		"a folder for a certificate":   second(Server(d.path, d.file("server.key"), "")),
		"client whose CA is not there": second(Client(d.file("none.crt"), "", "")),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	bare, err := Client("", "", "")
	if err != nil || bare.Config().RootCAs != nil || bare.Certificate() != nil || !bare.NotAfter().IsZero() || bare.Warnings(time.Now()) != nil {
		t.Errorf("a client with nothing of its own: %v", err)
	}
}

func second(_ *Files, err error) error { return err }
