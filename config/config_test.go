package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func load(t *testing.T, text string) (Config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "parallax.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c := Default()
	return c, c.Load(path)
}

func TestLoad(t *testing.T) {
	c, err := load(t, `
cluster: prod
reorder: 45s
webhook: {listen: "0.0.0.0:9443", dir: hook, maxBody: 64MiB}
rules: {files: [a.yaml, more]}
sinks:
- {type: webhook, url: "https://siem.example/alerts", format: falco}
`)
	want := Default()
	want.Cluster, want.Reorder = "prod", 45*time.Second
	want.Webhook = Webhook{Listen: "0.0.0.0:9443", Dir: "hook", MaxBody: 64 << 20}
	want.Rules.Files = []string{"a.yaml", "more"}
	want.Sinks = []Sink{{Type: "webhook", URL: "https://siem.example/alerts", Format: "falco"}}
	if diff := cmp.Diff(want, c); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	if err := c.Validate(); err != nil || c.Sinks[0].Name != "webhook" {
		t.Errorf("%v, %+v", err, c.Sinks)
	}
}

func TestLoadIsStrict(t *testing.T) {
	f := func(text string, want ...string) {
		t.Helper()
		_, err := load(t, text)
		if err == nil {
			t.Fatalf("%q: no error", text)
		}
		for _, w := range append(want, "parallax.yaml: ") {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%q: %v: want %q", text, err, w)
			}
		}
	}
	f("cluster: a\nwebhok: {}\n", "line 2: unknown key webhok")
	f("webhook:\n  listen: x\n  lisen: y\nbus: {url: z}\n", "line 3: unknown key lisen", "line 4: unknown key url")
	f("webhook: {maxBody: 12parsecs}", "line 1", "is no size")
	f("webhook: {maxBody: -1}", "is no size")
	f("webhook: {maxBody: 99999999999GiB}", "is no size")
	f("reorder: soon", "line 1")
	f("webhook:\n  maxBody: 12XB\n  lisen: y\nbuss: {}\n", "line 2: \"12XB\" is no size", "line 3: unknown key lisen", "line 4: unknown key buss")
	f("cluster: a\n---\ncluster: b\n", "more than one document")
	f("cluster: a\ncluster: b\n", "line 2")
	f("\tx", "cannot start any token")
	f(strings.Repeat("#", maxFileBytes+1), "more than")
}

func TestEmptyFileIsTheDefault(t *testing.T) {
	for _, text := range []string{"", "# nothing\n", "---\n"} {
		if c, err := load(t, text); err != nil || !cmp.Equal(c, Default()) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestEnviron(t *testing.T) {
	c := Default()
	err := c.Environ([]string{
		"PARALLAX_CLUSTER=prod", "PARALLAX_BUS_MAXBYTES=1GiB", "PARALLAX_BUS_URLS=nats://a:1,nats://b:2", "PARALLAX_REORDER=1m", "PARALLAX_SENSOR_HOST=true",
		"PARALLAX_TEST_DATA=/x", "PARALLAX=1", "HOME=/root", "PARALLAX_BUS_PORT=tcp://10.0.0.1:4222", "PARALLAX_BUS_SERVICE_HOST=10.0.0.1", "PARALLAX_BUS_PORT_4222_TCP=x",
	})
	want := Default()
	want.Cluster, want.Bus.MaxBytes, want.Bus.URLs, want.Reorder, want.Sensor.Host = "prod", 1<<30, []string{"nats://a:1", "nats://b:2"}, time.Minute, true
	if diff := cmp.Diff(want, c); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	for _, entry := range []string{"PARALLAX_BUS_MAXBYTE=1", "PARALLAX_BUS_MAXBYTES=much", "PARALLAX_REORDER=soon", "PARALLAX_SENSOR_HOST=perhaps"} {
		c := Default()
		name, _, _ := strings.Cut(entry, "=")
		if err := c.Environ([]string{entry}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", entry, err)
		}
	}
}

// What print writes, check reads, and every key says what it is for.
func TestYAMLIsReadBack(t *testing.T) {
	c := Default()
	c.Bus.URLs, c.Sinks = []string{"nats://a:4222"}, []Sink{{Name: "siem", Type: "webhook", URL: "https://x", Timeout: time.Second, Rotate: 1 << 20}}
	text, err := c.YAML()
	if err != nil {
		t.Fatal(err)
	}
	got, err := load(t, string(text))
	if diff := cmp.Diff(c, got, cmpopts.EquateEmpty()); diff != "" || err != nil {
		t.Errorf("%v %s\n%s", err, diff, text)
	}
	if n, keys := strings.Count(string(text), "#"), strings.Count(string(text), ": "); n < 60 || keys < 60 {
		t.Errorf("%d comments and %d keys", n, keys)
	}
}

func TestValidate(t *testing.T) {
	if c := Default(); c.Validate() != nil {
		t.Error("the default is not valid")
	}
	f := func(want string, change func(*Config)) {
		t.Helper()
		c := Default()
		change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: want %q", err, want)
		}
	}
	f("cluster", func(c *Config) { c.Cluster = "a/b" })
	f("rules.matching", func(c *Config) { c.Rules.Matching = "some" })
	f("API servers want TLS", func(c *Config) { c.Webhook.Listen = ":9443" })
	f("anybody could write events", func(c *Config) { c.Webhook = Webhook{Listen: ":9443", Cert: "a", Key: "b", MaxBody: 1} })
	f("go together", func(c *Config) { c.Webhook.Cert = "a" })
	f("ADDRESS:PORT", func(c *Config) { c.Ops.Listen = "localhost" })
	f("bus.urls", func(c *Config) { c.Bus.URLs = []string{"http://x"} })
	f("agents want TLS", func(c *Config) { c.Bus.Listen = ":4222" })
	f("no agent could come in", func(c *Config) { c.Bus.Listen, c.Bus.Cert, c.Bus.Key = ":4222", "a", "b" })
	f("bus.sync", func(c *Config) { c.Bus.Sync = "never" })
	f("anybody could write alerts", func(c *Config) { c.Falco.Listen = "0.0.0.0:2801" })
	f("the name is taken", func(c *Config) { c.Sinks = []Sink{{Type: "file", File: "x"}, {Type: "file", File: "y"}} })
	f("url or urlFile is missing", func(c *Config) { c.Sinks = []Sink{{Type: "webhook"}} })
	f("credentials belong into a file", func(c *Config) { c.Bus.URLs = []string{"nats://user:secret@host:4222"} })
	f("credentials belong into a file", func(c *Config) { c.Sinks = []Sink{{Type: "webhook", URL: "https://user:secret@host/"}} })
	f("want file, nats or webhook", func(c *Config) { c.Sinks = []Sink{{Type: "elastic"}} })
}
