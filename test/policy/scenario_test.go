package policy

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/parallax-sec/parallax/detector"
	"github.com/parallax-sec/parallax/ingest/audit"
	"github.com/parallax-sec/parallax/ingest/kernel"
	"github.com/parallax-sec/parallax/ingest/kernel/kerneltest"
	"github.com/parallax-sec/parallax/pipeline"
	"github.com/parallax-sec/parallax/pipeline/scenario"
	"github.com/parallax-sec/parallax/rules"
	"github.com/parallax-sec/parallax/rules/builtin"
	"github.com/parallax-sec/parallax/setup/auditpolicy"
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
		if s.Events[i].Data, err = p.ReduceAll(s.Events[i].Data); err != nil {
			t.Fatal(err)
		}
	}
	r, err := scenario.Run(s, load)
	if err != nil {
		t.Fatal(err)
	}
	return r.Diff
}

// load makes the parts of a pipeline with the built-in rules and those of a scenario.
func load(more []scenario.File) (*scenario.Loaded, error) {
	set, err := loadSet(more)
	if err != nil {
		return nil, err
	}
	l := &scenario.Loaded{
		Worker:   func() (pipeline.Decoder, pipeline.Judge) { return audit.NewDecoder(), set.NewJudge(rules.MatchAll) },
		Kernel:   func() (pipeline.Decoder, pipeline.Judge) { return kernel.NewDecoder(), set.NewJudge(rules.MatchAll) },
		Stream:   kerneltest.Read,
		Detector: func() pipeline.Detector { return detector.New(detector.DefaultConfig()) },
	}
	for _, r := range set.Rules() {
		l.Rules = append(l.Rules, scenario.Rule{ID: r.ID, Name: r.Name, Source: r.Source, Scope: r.Scope, Cond: r.Node})
	}
	return l, nil
}

func loadSet(more []scenario.File) (*rules.Set, error) {
	names, err := fs.Glob(builtin.Files, "*.yaml")
	if err != nil {
		return nil, err
	}
	var files []rules.File
	for _, name := range names {
		data, err := builtin.Files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		files = append(files, rules.File{Name: name, Data: data, Builtin: true})
	}
	for _, f := range more {
		files = append(files, rules.File{Name: f.Name, Data: f.Data})
	}
	set, found := rules.Load(rules.Env{Fields: slices.Concat(audit.Fields(), kernel.Fields())}, files)
	if set == nil {
		return nil, fmt.Errorf("rules: %w", found)
	}
	return set, nil
}
