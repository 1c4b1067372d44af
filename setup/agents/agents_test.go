package agents

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/nkeys"
)

// apply plans and does what c asks for, and returns what the files hold.
func apply(t *testing.T, c Config) map[string]string {
	t.Helper()
	c.Permissions = func(node, tailOf string) (publish, subscribe []string, err error) {
		return []string{"to." + node, "log." + tailOf}, []string{"of." + node}, nil
	}
	p, err := NewPlan(c)
	if err == nil {
		err = p.Apply()
	}
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string]string)
	names, err := filepath.Glob(filepath.Join(c.Dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(name)] = string(data)
	}
	return files
}

func public(t *testing.T, seed string) string {
	t.Helper()
	pair, err := nkeys.FromSeed([]byte(strings.TrimSpace(seed)))
	if err != nil {
		t.Fatal(err)
	}
	key, err := pair.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestKeysStay(t *testing.T) {
	c := Config{Dir: filepath.Join(t.TempDir(), "agents"), Nodes: []string{"n1", "n2.example.com"}, TailNodes: []string{"cp"}, Cluster: "prod"}
	first := apply(t, c)
	for _, want := range []string{
		"\nn1 " + public(t, first["node-n1.nk"]) + "\n",
		"\ncp " + public(t, first["node-cp.nk"]) + " tail\n",
	} {
		if !strings.Contains(first[KeysFile], want) {
			t.Errorf("no %q in %s", want, first[KeysFile])
		}
	}
	for _, want := range []string{
		"{ nkey: " + public(t, first[HubSeed]) + " } # hubs",
		public(t, first["node-cp.nk"]) + `, permissions: { publish: { allow: ["to.cp", "log.prod"] }, subscribe: { allow: ["of.cp"] } } } # cp`,
		public(t, first["node-n1.nk"]) + `, permissions: { publish: { allow: ["to.n1", "log."] }`,
	} {
		if !strings.Contains(first[Authorization], want) {
			t.Errorf("no %q in %s", want, first[Authorization])
		}
	}
	again := apply(t, Config{Dir: c.Dir, Nodes: []string{"n3", "cp"}, Cluster: "prod"})
	if len(again) != len(first)+1 || !strings.Contains(again[KeysFile], "\nn3 U") {
		t.Errorf("%d files, then %d: %s", len(first), len(again), again[KeysFile])
	}
	for line := range strings.Lines(first[KeysFile]) {
		if !strings.Contains(again[KeysFile], line) {
			t.Errorf("%q is gone", line)
		}
	}
	for _, name := range []string{HubSeed, "node-n1.nk"} {
		if info, err := os.Stat(filepath.Join(c.Dir, name)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
}

func TestRevoke(t *testing.T) {
	c := Config{Dir: t.TempDir(), Nodes: []string{"n1", "n2"}}
	first := apply(t, c)
	gone := apply(t, Config{Dir: c.Dir, Revoke: []string{"n1"}})
	if key := public(t, first["node-n1.nk"]); strings.Contains(gone[KeysFile]+gone[Authorization], key) || gone["node-n1.nk"] != "" {
		t.Errorf("%s is still let in", key)
	}
	if again := apply(t, c); again["node-n1.nk"] == first["node-n1.nk"] || again["node-n2.nk"] != first["node-n2.nk"] {
		t.Error("a revoked key came back, or another one went")
	}
	if _, err := NewPlan(Config{Dir: c.Dir, Revoke: []string{"stranger"}}); err == nil {
		t.Error("revoked the key of nobody")
	}
}

func TestWrongNames(t *testing.T) {
	for _, name := range []string{"", "a b", "../x", "a\nb", "-a", strings.Repeat("a", 254), "*", "a#b"} {
		c := Config{Dir: t.TempDir(), Nodes: []string{name}}
		if c.Validate() == nil {
			t.Errorf("%q is taken", name)
		}
	}
	c := Config{Dir: t.TempDir(), Nodes: []string{"a"}, Revoke: []string{"a"}}
	if c.Validate() == nil {
		t.Error("made and revoked")
	}
}
