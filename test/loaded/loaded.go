// Package loaded puts together what tests run the built-in rules with: the rules, and the parts of a pipeline for each source.
package loaded

import (
	"io/fs"
	"slices"

	"github.com/parallax-sec/parallax/detector"
	"github.com/parallax-sec/parallax/ingest/audit"
	"github.com/parallax-sec/parallax/ingest/falco"
	"github.com/parallax-sec/parallax/ingest/kernel"
	"github.com/parallax-sec/parallax/ingest/kernel/kerneltest"
	"github.com/parallax-sec/parallax/pipeline"
	"github.com/parallax-sec/parallax/pipeline/scenario"
	"github.com/parallax-sec/parallax/rules"
	"github.com/parallax-sec/parallax/rules/builtin"
)

// Files returns the built-in rule files.
func Files() ([]rules.File, error) {
	names, err := fs.Glob(builtin.Files, "*.yaml")
	if err != nil {
		return nil, err
	}
	var out []rules.File
	for _, name := range names {
		data, err := builtin.Files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		out = append(out, rules.File{Name: name, Data: data, Builtin: true})
	}
	return out, nil
}

// Set loads the built-in rules and more of a scenario. Warnings are errors here.
func Set(more []scenario.File) (*rules.Set, error) {
	files, err := Files()
	if err != nil {
		return nil, err
	}
	for _, f := range more {
		files = append(files, rules.File{Name: f.Name, Data: f.Data})
	}
	set, found := rules.Load(rules.Env{Fields: slices.Concat(audit.Fields(), kernel.Fields(), falco.Fields())}, files)
	if len(found) > 0 {
		return nil, found
	}
	return set, nil
}

// Load makes the parts of a pipeline that scenarios are run with.
func Load(more []scenario.File) (*scenario.Loaded, error) {
	set, err := Set(more)
	if err != nil {
		return nil, err
	}
	return Parts(set), nil
}

// Parts makes the parts of a pipeline that judge by a set.
func Parts(set *rules.Set) *scenario.Loaded {
	l := &scenario.Loaded{
		Worker: func() (pipeline.Decoder, pipeline.Judge) { return audit.NewDecoder(), set.NewJudge(rules.MatchAll) },
		Kernel: func() (pipeline.Decoder, pipeline.Judge) { return kernel.NewDecoder(), set.NewJudge(rules.MatchAll) },
		Stream: kerneltest.Read,
		Falco: func() (pipeline.Decoder, pipeline.Judge) {
			return falco.NewDecoder(), falco.PassOn(set.NewJudge(rules.MatchAll))
		},
	}
	for _, r := range set.Rules() {
		l.Rules = append(l.Rules, scenario.Rule{ID: r.ID, Name: r.Name, Source: r.Source, Scope: r.Scope, Cond: r.Node})
	}
	l.Detector = func() pipeline.Detector { return detector.New(detector.DefaultConfig()) }
	return l
}
