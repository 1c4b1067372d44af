package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parallax-sec/parallax/setup/pki"
	"github.com/parallax-sec/parallax/sinks"
	"github.com/parallax-sec/parallax/sinks/sinktest"
)

// open opens a sink for s, with a changed configuration.
func openSink(t *testing.T, s *server, change func(*Config)) *Sink {
	t.Helper()
	cfg := s.cfg
	change(&cfg)
	sink, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sink.Close() })
	return sink
}

func TestHeadersAndSignature(t *testing.T) {
	s := newServer(t, FormatJSON, false)
	key := "the key"
	sink := openSink(t, s, func(c *Config) {
		c.HeadersFile = writeFile(t, "X-Scope-OrgID: tenant 1\n\nx-two:a\nX-Two: b\n")
		c.TokenFile = writeFile(t, "t0ken\n")
		c.SecretFile, c.SignTime = writeFile(t, key+"\n"), true
	})
	if err := sink.Write(t.Context(), sinktest.Alerts(1)); err != nil {
		t.Fatal(err)
	}
	r, body := s.requests[0], s.bodies[0]
	for name, want := range map[string]string{
		"X-Scope-Orgid": "tenant 1", "X-Two": "a, b", "Authorization": "Bearer t0ken", "Content-Type": "application/json",
	} {
		if got := strings.Join(r.Header[name], ", "); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	stamp := r.Header.Get("X-Parallax-Timestamp")
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(stamp + "." + string(body)))
	if got, want := r.Header.Get("X-Parallax-Signature"), "sha256="+hex.EncodeToString(mac.Sum(nil)); got != want || stamp == "" {
		t.Errorf("signed %q at %q, want %q", got, stamp, want)
	}
}

// Secrets that change are taken for the next request.
func TestTokenChanges(t *testing.T) {
	s := newServer(t, FormatJSON, false)
	file := writeFile(t, "first")
	sink := openSink(t, s, func(c *Config) { c.TokenFile = file })
	for _, token := range []string{"first", "second"} {
		if err := os.WriteFile(file, []byte(token), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := sink.Write(t.Context(), sinktest.Alerts(1)); err != nil {
			t.Fatal(err)
		}
		if got := s.requests[len(s.requests)-1].Header.Get("Authorization"); got != "Bearer "+token {
			t.Errorf("got %q", got)
		}
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if err := sink.Write(t.Context(), sinktest.Alerts(1)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

// What a status means: whether the alert is at fault, or something that people or time mend.
func TestAnswers(t *testing.T) {
	const (
		taken = iota
		refused
		again
	)
	for want, statuses := range map[int][]int{
		taken:   {200, 201, 202, 204},
		refused: {400, 406, 413, 414, 415, 422, 431},
		again:   {301, 302, 303, 307, 308, 401, 402, 403, 404, 405, 407, 408, 409, 410, 421, 423, 425, 429, 500, 501, 502, 503, 504, 507},
	} {
		for _, status := range statuses {
			s := newServer(t, FormatJSON, false)
			mend := s.set(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", "https://127.0.0.1:1/elsewhere")
				w.WriteHeader(status)
			})
			err := openSink(t, s, func(*Config) {}).Write(t.Context(), sinktest.Alerts(1))
			got := again
			var r *sinks.Refused
			if err == nil {
				got = taken
			} else if errors.As(err, &r) {
				got = refused
			}
			if got != want || r != nil && r.TooLarge != (status == 413) {
				t.Errorf("%d: %v", status, err)
			}
			mend()
		}
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	f := func(s string, want time.Duration) {
		t.Helper()
		if got := retryAfter(s, now); got != want {
			t.Errorf("%q: %v, want %v", s, got, want)
		}
	}
	f("", 0)
	f("7", 7*time.Second)
	f("-7", 0)
	f("soon", 0)
	f("99999999999999999999", 0)
	f("Fri, 20 Nov 2026 10:02:00 GMT", 2*time.Minute)
	f("Fri, 20 Nov 2026 09:00:00 GMT", 0)
}

// Errors are shown to people and kept with dead letters: whatever the server says, they hold no credential and no escape sequence,
// and are short.
func TestErrorsTellNoSecrets(t *testing.T) {
	s := newServer(t, FormatJSON, false)
	s.set(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte("\x1b[31m" + r.Header.Get("Authorization") + " " + r.Header.Get("X-Api-Key") + " " + r.URL.String() + strings.Repeat(" long", 100_000)))
	})
	sink := openSink(t, s, func(c *Config) {
		c.TokenFile, c.HeadersFile = writeFile(t, "s3cret-token"), writeFile(t, "X-Api-Key: s3cret-key")
		c.URL, c.URLFile = "", writeFile(t, strings.Replace(c.URL, "https://", "https://u:s3cret-password@", 1)+"/s3cret-path?q=s3cret-query\n")
	})
	check := func(err error) {
		t.Helper()
		if err == nil || strings.Contains(err.Error(), "s3cret") || strings.Contains(err.Error(), "\x1b") || len(err.Error()) > 600 {
			t.Errorf("%v", err)
		}
	}
	check(sink.Write(t.Context(), sinktest.Alerts(1)))
	s.CloseClientConnections()
	s.Listener.Close()
	check(sink.Write(t.Context(), sinktest.Alerts(1)))
	check(Config{URL: "https://u:s3cret@host/", Format: FormatJSON}.Validate())
	check(Config{URL: "s3cret://host/", Format: FormatJSON}.Validate())
	check(Config{URL: "https://s3cret%zz/", Format: FormatJSON}.Validate())
}

// An answer without end is not read to its end.
func TestLongAnswer(t *testing.T) {
	s := newServer(t, FormatJSON, false)
	s.set(func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 64<<10)); err != nil {
				return
			}
		}
	})
	if err := openSink(t, s, func(*Config) {}).Write(t.Context(), sinktest.Alerts(1)); err != nil {
		t.Errorf("%v", err)
	}
}

func TestClientCertificate(t *testing.T) {
	ca, err := pki.NewCA("test", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	pair, err := ca.Issue(pki.Leaf{CommonName: "parallax"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	s := newServer(t, FormatJSON, false)
	s.TLS.ClientAuth = 1 // asked for; what it is, is seen below
	sink := openSink(t, s, func(c *Config) {
		c.CertFile, c.KeyFile = writeFile(t, string(pair.Cert)), writeFile(t, string(pair.Key))
	})
	if err := sink.Write(t.Context(), sinktest.Alerts(1)); err != nil {
		t.Fatal(err)
	}
	if certs := s.requests[0].TLS.PeerCertificates; len(certs) != 1 || certs[0].Subject.CommonName != "parallax" {
		t.Errorf("%v", certs)
	}
}

// A server that nobody vouches for gets nothing.
func TestUnknownServer(t *testing.T) {
	s := newServer(t, FormatJSON, false)
	err := openSink(t, s, func(c *Config) { c.CAFile = "" }).Write(t.Context(), sinktest.Alerts(1))
	if err == nil || !strings.Contains(err.Error(), "certificate") || len(s.names()) > 0 {
		t.Errorf("%v", err)
	}
}

func TestConfig(t *testing.T) {
	f := func(want string, change func(*Config)) {
		t.Helper()
		cfg := DefaultConfig()
		cfg.URL = "https://host/path"
		change(&cfg)
		_, err := Open(cfg)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	f("URL", func(c *Config) { c.URL = "" })
	f("URL", func(c *Config) { c.URLFile = "x" })
	f("URL", func(c *Config) { c.URL = "ftp://host" })
	f("file", func(c *Config) { c.URL = "https://u:p@host" })
	f("format", func(c *Config) { c.Format = "xml" })
	f("arrays", func(c *Config) { c.Format, c.Array = FormatFalco, true })
	f("key", func(c *Config) { c.CertFile = "x" })
	f("secret", func(c *Config) { c.SignTime = true })
	f("times", func(c *Config) { c.Timeout = 0 })
	nowhere := filepath.Join(t.TempDir(), "x")
	f("no such file", func(c *Config) { c.TokenFile = nowhere })
	f("no such file", func(c *Config) { c.CAFile = nowhere })
	f("empty", func(c *Config) { c.TokenFile = writeFile(t, " \n") })
	f("more than", func(c *Config) { c.SecretFile = writeFile(t, strings.Repeat("x", maxSecretBytes+1)) })
	for _, line := range []string{"no colon", ": x", "Host: x", "content-length: 3", "a b: c", "X-Parallax-Signature: x"} {
		f("line 2", func(c *Config) { c.HeadersFile = writeFile(t, "A: b\n"+line) })
	}
}

func TestForChat(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		if diff := cmp.Diff(want, forChat(in)); diff != "" {
			t.Error(diff)
		}
	}
	f("", "")
	f("pods/exec payments/api-7c9 by alice@example.com, 2>&1 | grep x_y", "pods/exec payments/api-7c9 by alice@example.com, 2>&1 | grep x_y")
	f("<!channel> <@U1> <http://e.vil|click>", `\x3c!channel> \x3c\x40U1> \x3chttp\x3a//e.vil|click>`)
	f("@here (@everyone)", `\x40here (\x40everyone)`)
	f("[click](http://e.vil) ![p](q) [r][s]", `[click\x5d(http\x3a//e.vil) ![p\x5d(q) [r\x5d[s]`)
	f("see WWW.e.vil", `see WWW\x2ee.vil`)
	f("`x` *b* _i_ __b__ ~~s~~ a_b ~/x", `\x60x\x60 \x2ab\x2a \x5fi\x5f \x5f\x5fb\x5f\x5f \x7e\x7es\x7e\x7e a_b \x7e/x`)
	f("||hidden||", `|\x7chidden|\x7c`)
	f("# head", `\x23 head`)
	f("> quote", `\x3e quote`)
}
