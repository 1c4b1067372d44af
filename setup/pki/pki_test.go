package pki

import (
	"crypto/x509"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

var (
	now    = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	server = Leaf{CommonName: "hub", Organization: "parallax", Hosts: []string{"hub.example", "192.0.2.7", "::1"}}
	client = Leaf{CommonName: "lab/cp1", Organization: "parallax:apiserver"}
)

func newCA(t *testing.T) *CA {
	t.Helper()
	ca, err := NewCA("a CA", now)
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

func issue(t *testing.T, ca *CA, l Leaf, at time.Time) Pair {
	t.Helper()
	p, err := ca.Issue(l, at)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func parse(t *testing.T, p Pair) *x509.Certificate {
	t.Helper()
	cert, err := ParseCertificate(p.Cert)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

// verify checks p as the other side of a connection would.
func verify(ca *CA, cert *x509.Certificate, host string, use x509.ExtKeyUsage, at time.Time) error {
	roots := x509.NewCertPool()
	roots.AddCert(ca.Cert)
	_, err := cert.Verify(x509.VerifyOptions{Roots: roots, DNSName: host, KeyUsages: []x509.ExtKeyUsage{use}, CurrentTime: at})
	return err
}

func TestIssue(t *testing.T) {
	ca := newCA(t)
	f := func(l Leaf, host string, use x509.ExtKeyUsage, at time.Time, want string) {
		t.Helper()
		err := verify(ca, parse(t, issue(t, ca, l, now)), host, use, at)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s, %q, use %d, %s: %v, want %q", l.CommonName, host, use, at, err, want)
		}
	}
	const asServer, asClient = x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth
	for _, host := range []string{"hub.example", "192.0.2.7", "::1"} {
		f(server, host, asServer, now, "")
	}
	f(client, "", asClient, now, "")
	f(client, "", asClient, now.Add(-backdate), "")
	f(client, "", asClient, now.Add(LeafLifetime-time.Hour), "")
	f(client, "", asClient, now.Add(LeafLifetime+time.Hour), "expired")
	f(server, "other.example", asServer, now, "other.example")
	f(server, "", asClient, now, "key usage")
	f(client, "", asServer, now, "key usage")
}

func TestLeafEndsWithItsCA(t *testing.T) {
	ca := newCA(t)
	late := ca.Cert.NotAfter.Add(-24 * time.Hour)
	p := issue(t, ca, client, late)
	if ends := parse(t, p).NotAfter; !ends.Equal(ca.Cert.NotAfter) {
		t.Errorf("ends %s, the CA %s", ends, ca.Cert.NotAfter)
	}
	if why := ca.Stale(client, p, late); why != "" {
		t.Errorf("to be renewed, which would not help: %s", why)
	}
}

func TestStale(t *testing.T) {
	ca := newCA(t)
	f := func(made, asked Leaf, at time.Time, want string) {
		t.Helper()
		why := ca.Stale(asked, issue(t, ca, made, now), at)
		if (why == "") != (want == "") || !strings.Contains(why, want) {
			t.Errorf("%v for %v: %q, want %q", made, asked, why, want)
		}
	}
	reordered := Leaf{server.CommonName, server.Organization, []string{"0:0::1", "192.0.2.7", "hub.example", "hub.example"}}
	f(server, server, now, "")
	f(server, reordered, now, "")
	f(client, client, now, "")
	f(client, client, now.Add(LeafLifetime-RenewBefore-time.Hour), "")
	f(client, client, now.Add(LeafLifetime-RenewBefore+time.Hour), "it ends on 2028-11-20")
	f(client, client, now.Add(-2*backdate), "not good yet")
	f(client, Leaf{CommonName: "lab/cp2", Organization: client.Organization}, now, "CN=lab/cp1")
	f(client, Leaf{CommonName: client.CommonName, Organization: "other"}, now, "parallax:apiserver")
	f(server, Leaf{CommonName: server.CommonName, Organization: server.Organization}, now, "another use")
	f(server, Leaf{server.CommonName, server.Organization, []string{"hub.example"}}, now, "not hub.example")

	if why := newCA(t).Stale(client, issue(t, ca, client, now), now); !strings.Contains(why, "not signed by this CA") {
		t.Errorf("another CA of the same name: %q", why)
	}
	mixed := Pair{Cert: issue(t, ca, client, now).Cert, Key: issue(t, ca, client, now).Key}
	if why := ca.Stale(client, mixed, now); !strings.Contains(why, "does not match") {
		t.Errorf("key of another certificate: %q", why)
	}
	if why := ca.Stale(client, Pair{}, now); why == "" {
		t.Error("empty files are good")
	}
}

func TestCAWithoutKey(t *testing.T) {
	full := newCA(t)
	ca, err := ParseCA(Pair{Cert: full.Pair.Cert})
	if err != nil {
		t.Fatal(err)
	}
	if why := ca.Stale(client, issue(t, full, client, now), now); why != "" {
		t.Error(why)
	}
	if _, err := ca.Issue(client, now); !errors.Is(err, ErrNoCAKey) {
		t.Errorf("issue: %v", err)
	}
}

func TestParseCARefuses(t *testing.T) {
	ca := newCA(t)
	leaf := issue(t, ca, client, now)
	for name, p := range map[string]Pair{
		"nothing":         {},
		"a leaf":          leaf,
		"a key alone":     {Cert: ca.Pair.Key},
		"another's key":   {Cert: ca.Pair.Cert, Key: leaf.Key},
		"text":            {Cert: []byte("a text")},
		"broken":          {Cert: ca.Pair.Cert[:100]},
		"no key in a key": {Cert: ca.Pair.Cert, Key: []byte{}},
	} {
		if _, err := ParseCA(p); err == nil {
			t.Errorf("%s is a CA", name)
		}
	}
}

func TestHosts(t *testing.T) {
	ca := newCA(t)
	if got, want := Hosts(parse(t, issue(t, ca, server, now))), []string{"192.0.2.7", "::1", "hub.example"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
