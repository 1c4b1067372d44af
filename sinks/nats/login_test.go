package nats

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"

	"github.com/parallax-sec/parallax/sinks/sinktest"
)

// file writes a file of its own.
func file(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// oneAlert publishes an alert to a server without JetStream as a user.
func oneAlert(t *testing.T, change func(*server.Options), as func(*Config)) error {
	t.Helper()
	s := startServer(t, func(o *server.Options) {
		o.JetStream = false
		change(o)
	})
	cfg := s.config(s.Addr().String())
	as(&cfg)
	sink := openSink(t, cfg)
	connected(t, sink)
	return sink.Write(t.Context(), sinktest.Alerts(1))
}

func TestLogin(t *testing.T) {
	user, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	public, _ := user.PublicKey()
	seed, _ := user.Seed()
	nkey := func(o *server.Options) { o.Nkeys = []*server.NkeyUser{{Nkey: public}} }
	if err := oneAlert(t, nkey, func(c *Config) { c.NKeyFile = file(t, string(seed)) }); err != nil {
		t.Errorf("nkey: %v", err)
	}
	token := func(o *server.Options) { o.Authorization = "let me in" }
	if err := oneAlert(t, token, func(c *Config) { c.TokenFile = file(t, "let me in\n") }); err != nil {
		t.Errorf("token: %v", err)
	}
}

// A token that is wrong is tried again, and may be mended without a restart. No error tells it.
func TestTokenIsReadAgain(t *testing.T) {
	s := startServer(t, func(o *server.Options) { o.JetStream, o.Authorization = false, "right" })
	cfg := s.config(s.Addr().String())
	cfg.TokenFile = file(t, "wrong secret")
	sink := openSink(t, cfg)
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		err := sink.Write(t.Context(), sinktest.Alerts(1))
		if err == nil || strings.Contains(err.Error(), "wrong secret") || time.Now().After(end) {
			t.Fatalf("%v", err)
		}
		if strings.Contains(strings.ToLower(err.Error()), "authorization") {
			break
		}
	}
	if err := os.WriteFile(cfg.TokenFile, []byte("right"), 0o600); err != nil {
		t.Fatal(err)
	}
	connected(t, sink)
	if err := sink.Write(t.Context(), sinktest.Alerts(1)); err != nil {
		t.Error(err)
	}
}

// What a server refuses silently, beside the stream of messages, is an error of this Write, and not of the next ones.
func TestPublishNotAllowed(t *testing.T) {
	s := startServer(t, func(o *server.Options) {
		o.JetStream = false
		o.Users = []*server.User{{Username: "u", Password: "p", Permissions: &server.Permissions{
			Publish: &server.SubjectPermission{Allow: []string{"plx.out.low", "$JS.>"}},
		}}}
		o.NoAuthUser = "u"
	})
	sink := openSink(t, s.config(s.Addr().String()))
	connected(t, sink)
	alerts := sinktest.Alerts(2) // low, medium
	for range 2 {
		if err := sink.Write(t.Context(), alerts); err == nil || !strings.Contains(strings.ToLower(err.Error()), "permissions") {
			t.Fatalf("%v", err)
		}
		if err := sink.Write(t.Context(), alerts[:1]); err != nil {
			t.Errorf("after one that was refused: %v", err)
		}
	}
}

// Who may not ask which streams there are is told what to say instead.
func TestStreamsNotToldOf(t *testing.T) {
	s := startServer(t, func(o *server.Options) {
		o.Users = []*server.User{{Username: "u", Password: "p", Permissions: &server.Permissions{
			Publish: &server.SubjectPermission{Allow: []string{"plx.out.*"}},
		}}}
		o.NoAuthUser = "u"
	})
	cfg := s.config(s.Addr().String())
	cfg.Timeout = 200 * time.Millisecond
	sink := openSink(t, cfg)
	connected(t, sink)
	if err := sink.Write(t.Context(), sinktest.Alerts(1)); err == nil || !strings.Contains(err.Error(), "jetStream") {
		t.Errorf("%v", err)
	}
}

func TestConfig(t *testing.T) {
	good := DefaultConfig()
	good.URLs = []string{"nats://a:4222", "tls://b:4222"}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	f := func(want string, change func(*Config)) {
		t.Helper()
		cfg := good
		change(&cfg)
		if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	f("no server", func(c *Config) { c.URLs = nil })
	f("nats://HOST", func(c *Config) { c.URLs = []string{"hunter2"} })
	f("password", func(c *Config) { c.URLs = []string{"nats://u:hunter2@host"} })
	f("jetStream", func(c *Config) { c.JetStream = "perhaps" })
	f("key", func(c *Config) { c.CertFile = "x" })
	f("times", func(c *Config) { c.Timeout = 0 })
	for _, subject := range []string{"", "a..b", "a.*", "a.>", "$JS.API", "a b", "a.\n", strings.Repeat("a", 300)} {
		f("subject", func(c *Config) { c.Subject = subject })
	}
	if _, err := Open(Config{}); err == nil {
		t.Error("opened nothing")
	}
	cfg := good
	for _, change := range []func(*Config){
		func(c *Config) { c.NKeyFile = "/nowhere" },
		func(c *Config) { c.NKeyFile = file(t, "no seed") },
		func(c *Config) { c.CredsFile = "/nowhere" },
		func(c *Config) { c.CAFile = file(t, "no certificate") },
	} {
		cfg := cfg
		change(&cfg)
		if _, err := Open(cfg); err == nil {
			t.Errorf("opened with %+v", cfg)
		}
	}
}
