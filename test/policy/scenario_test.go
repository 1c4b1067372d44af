package policy

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/parallax-sec/parallax/pipeline/scenario"
	"github.com/parallax-sec/parallax/setup/auditpolicy"
	"github.com/parallax-sec/parallax/test/loaded"
)

// Every built-in rule says the same of its scenarios when it sees only what the shipped policy logs.
func TestScenariosUnderTheShippedPolicy(t *testing.T) {
	p := parse(t, auditpolicy.YAML())
	for _, file := range scenarioFiles(t) {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		t.Run(name, func(t *testing.T) {
			if diff := underPolicy(t, p, file); diff != "" {
				t.Errorf("the policy changes its alerts:\n%s", diff)
			}
		})
	}
}

// underPolicy tells how a scenario's alerts are not what it wants when its events come through a policy.
func underPolicy(t *testing.T, p *auditpolicy.Policy, file string) string {
	t.Helper()
	s, err := scenario.Parse(filepath.Base(file), read(t, file))
	if err != nil {
		t.Fatal(err)
	}
	for i := range s.Events {
		if s.Events[i].Data, _, err = p.ReduceAll(s.Events[i].Data); err != nil {
			t.Fatal(err)
		}
	}
	r, err := scenario.Run(s, loaded.Load)
	if err != nil {
		t.Fatal(err)
	}
	return r.Diff
}
