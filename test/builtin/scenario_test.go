package builtin

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parallax-sec/parallax/pipeline/scenario"

	"github.com/parallax-sec/parallax/test/loaded"
)

var update = flag.Bool("update", false, "write the alerts that came into the scenarios")

const scenarios = "../../rules/builtin/testdata"

func TestScenarios(t *testing.T) {
	files, err := filepath.Glob(scenarios + "/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios in %s: %v", scenarios, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { runScenario(t, file) })
	}
}

func runScenario(t *testing.T, file string) {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s, err := scenario.Parse(filepath.Base(file), data)
	if err != nil {
		t.Fatal(err)
	}
	r, err := scenario.Run(s, loaded.Load)
	if err != nil {
		t.Fatal(err)
	}
	if !r.Failed() {
		return
	}
	t.Errorf("%s, %s:\n%s", s.Name, r.Variant, r.Diff)
	if *update && r.CanUpdate() {
		if err := os.WriteFile(file, r.Updated(), 0o644); err != nil {
			t.Error(err)
		}
	}
}

// TestEveryRuleHasItsScenarios wants for each rule a scenario that fires it (rNN-fires.txtar) and a benign twin (rNN-quiet.txtar) that raises nothing of that rule.
func TestEveryRuleHasItsScenarios(t *testing.T) {
	for _, r := range mustLoad(t).Rules() {
		fires, quiet := read(t, r.ID, "fires"), read(t, r.ID, "quiet")
		if fires == nil || quiet == nil {
			continue
		}
		if !wants(fires, r.ID) {
			t.Errorf("%s: its alerts do not name %s", fires.Name, r.ID)
		}
		if wants(quiet, r.ID) {
			t.Errorf("%s: its alerts name %s", quiet.Name, r.ID)
		}
	}
}

func read(t *testing.T, id, kind string) *scenario.Scenario {
	t.Helper()
	name := strings.ToLower(id) + "-" + kind + ".txtar"
	data, err := os.ReadFile(filepath.Join(scenarios, name))
	if err != nil {
		t.Errorf("%s has no scenario %s: %v", id, name, err)
		return nil
	}
	s, err := scenario.Parse(name, data)
	if err != nil {
		t.Error(err)
	}
	return s
}

func wants(s *scenario.Scenario, id string) bool {
	for _, x := range s.Want {
		if x.Rule == id {
			return true
		}
	}
	return false
}
