package rules_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/parallax-sec/parallax/ingest/kernel"
	"github.com/parallax-sec/parallax/rules"
)

// stockDir is where Falco's own rule files lie; they are not ours to ship.
func stockDir(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("PARALLAX_TEST_DATA")
	if dir == "" {
		t.Skip("PARALLAX_TEST_DATA is not set: it names the directory with Falco's rule files, falco/stock/*.yaml")
	}
	return filepath.Join(dir, "falco", "stock")
}

func readFile(t *testing.T, path string) rules.File {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return rules.File{Name: filepath.Base(path), Data: data}
}

func TestStockSyscallFilesLoad(t *testing.T) {
	dir := stockDir(t)
	for name, want := range map[string]int{"falco_rules.yaml": 25, "falco-incubating_rules.yaml": 31, "falco-sandbox_rules.yaml": 37} {
		set, found := rules.Load(rules.Env{Fields: kernel.Fields()}, []rules.File{readFile(t, filepath.Join(dir, name))})
		if found.HasErrors() {
			t.Errorf("%s: %v", name, found)
			continue
		}
		if got := len(set.Rules()); got != want {
			t.Errorf("%s: %d rules, want %d", name, got, want)
		}
		for _, r := range set.Rules() {
			if r.Blind == "" {
				t.Errorf("%s: rule %q is not blind", name, r.Name)
			}
		}
	}
}
