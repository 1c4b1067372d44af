package webhook

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"strings"
	"testing"
)

func TestPath(t *testing.T) {
	f := func(path, want string) {
		t.Helper()
		got := "other"
		if rest, ok := below(path); ok {
			got = "refused"
			if s, ok := named(rest); ok {
				got = s.String()
			}
		}
		if got != want {
			t.Errorf("%q: got %s, want %s", path, got, want)
		}
	}
	f("/audit", "default/default")
	f("/audit/", "default/default")
	f("//audit//", "default/default")
	f("/audit/lab", "lab/default")
	f("/audit/lab/cp-1.example", "lab/cp-1.example")
	f("/audit/lab/cp1/", "lab/cp1")
	f("/audit/lab/../other/cp1", "other/cp1")
	f("/audit/lab/cp1/more", "refused")
	f("/audit/lab/a b", "refused")
	f("/audit/lab/...", "lab/...")
	f("/audit/*/>", "refused")
	f("/audit/"+strings.Repeat("a", 254), "refused")
	f("/audit/la\x00b", "refused")
	f("/auditor", "other")
	f("/", "other")
	f("", "other")
	f("*", "other")
	f("/audit/..", "other")
	f("/audit/../../etc", "other")
}

func TestCertificateNamesSource(t *testing.T) {
	f := func(name, org, want string) {
		t.Helper()
		got := "refused"
		if s, ok := certified(&x509.Certificate{Subject: pkix.Name{CommonName: name, Organization: []string{"x", org}}}); ok {
			got = s.String()
		}
		if got != want {
			t.Errorf("%q of %q: got %s, want %s", name, org, got, want)
		}
	}
	f("lab/cp1", "parallax:apiserver", "lab/cp1")
	f("default/default", "parallax:apiserver", "default/default")
	f("lab/cp1", "parallax:agent", "refused")
	f("lab", "parallax:apiserver", "refused")
	f("lab/cp1/x", "parallax:apiserver", "refused")
	f("/", "parallax:apiserver", "refused")
	f("lab/..", "parallax:apiserver", "refused")
	f("", "parallax:apiserver", "refused")
}
