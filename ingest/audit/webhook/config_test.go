package webhook

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/parallax-sec/parallax/setup/pki"
)

// TestTokensChange has a new token in the file, and then a file that is of no use.
func TestTokensChange(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	tokens := s.server.tokens
	check := func(at time.Time, token string, want bool, wantErr bool) {
		t.Helper()
		r, err := http.NewRequest(http.MethodPost, "/", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		got, err := tokens.check(r, at)
		if got != want || (err != nil) != wantErr {
			t.Errorf("%s: %v, %v", token, got, err)
		}
	}
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(tokens.file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	now := tokens.read
	const next = "the-next-token-0123456789"
	check(now, token, true, false)
	write(next)
	check(now.Add(tokensGoodFor-1), next, false, false)
	check(now.Add(tokensGoodFor), next, true, false)
	check(now.Add(tokensGoodFor), token, false, false)
	now = now.Add(tokensGoodFor)
	for _, bad := range []string{"", "\n\n", "short", next + "\nshort", strings.Repeat("x", maxTokenFileBytes+1)} {
		write(bad)
		now = now.Add(tokensGoodFor)
		check(now, next, true, true)
	}
	if err := os.Remove(tokens.file); err != nil {
		t.Fatal(err)
	}
	check(now.Add(tokensGoodFor), next, true, true)
	check(now.Add(tokensGoodFor), next, true, false)
}

// TestCertificatesChange gives the server the certificates of another CA while it runs: connections that stand go on, new ones are judged
// by the new CA.
func TestCertificatesChange(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	old := s.client(s.apiserver("lab/cp1"), true)
	s.wantAnswer(s.post(old, "/audit", strings.NewReader(aList)), Stored, true)
	was := s.apiserver("lab/cp1")

	ca, err := pki.NewCA("next", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	s.ca = ca
	s.writeFiles()
	if err := s.files.Reload(); err != nil {
		t.Fatal(err)
	}
	s.wantAnswer(s.post(s.client(s.apiserver("lab/cp1"), true), "/audit", strings.NewReader(aList)), Stored, true)
	s.wantAnswer(s.post(old, "/audit", strings.NewReader(aList)), Stored, true)
	was.RootCAs = s.stranger().RootCAs // and a client shows no certificate that the server has not asked for
	s.wantAnswer(s.post(s.client(was, true), "/audit", strings.NewReader(aList)), Unauthenticated, true)
}

func TestConfigIsChecked(t *testing.T) {
	s := newSite(t, nil)
	f := func(change func(*Config), want string) {
		t.Helper()
		cfg := s.server.cfg
		change(&cfg)
		if _, err := New(cfg, s.store); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	f(func(c *Config) { c.TLS = nil }, "no certificate")
	f(func(c *Config) { c.TLS = s.stranger(); c.TokenFile = "" }, "nobody could send")
	f(func(c *Config) { c.TokenFile += "x" }, "read tokens")
	f(func(c *Config) { c.MaxStreams = 0 }, "MaxStreams must be more than 0")
	f(func(c *Config) { c.MaxInFlightBytes = c.MaxBodyBytes }, "at least twice")
}
