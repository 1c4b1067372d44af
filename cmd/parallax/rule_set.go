package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/audit"
	"github.com/parallax-sec/parallax/ingest/falco"
	"github.com/parallax-sec/parallax/ingest/kernel"
	"github.com/parallax-sec/parallax/pipeline"
	"github.com/parallax-sec/parallax/rules"
)

// ruleSet is loaded rules and how they are matched.
type ruleSet struct {
	*rules.Set
	matching rules.Matching
}

// allFields are the tables of fields that rules are checked against.
func allFields() []event.Field { return slices.Concat(audit.Fields(), kernel.Fields(), falco.Fields()) }

func env() rules.Env { return rules.Env{Fields: allFields()} }

// loadRules reads and loads the rules that the flags name.
func (a *app) loadRules(f *ruleFlags) (*ruleSet, error) {
	files, err := f.files()
	if err != nil {
		return nil, err
	}
	return a.loadFiles(f, files)
}

// loadFiles loads rule files. Errors in them are printed, all at once; warnings are not: `rules check` is there for them.
func (a *app) loadFiles(f *ruleFlags, files []rules.File) (*ruleSet, error) {
	matching := rules.MatchAll
	if f.matching != "" {
		var err error
		if matching, err = rules.ParseMatching(f.matching); err != nil {
			return nil, usageError("--matching: %w", err)
		}
	}
	if len(files) == 0 {
		return nil, usageError("--no-builtin leaves no rules: name some with --rules")
	}
	set, found := rules.Load(env(), files)
	if set == nil {
		return nil, a.badRules(found)
	}
	return &ruleSet{set, matching}, nil
}

// badRules prints what is wrong with rules that do not load.
func (a *app) badRules(found rules.Diagnostics) error {
	errors := rules.Diagnostics{}
	for _, d := range found {
		if !d.Warning {
			errors = append(errors, d)
		}
	}
	if err := errors.Print(a.err); err != nil {
		return err
	}
	return &statusError{code: exitUsage, err: fmt.Errorf("the rules do not load: %s", counted(uint64(len(errors)), "error", "errors"))}
}

// judge returns a judge for one worker.
func (s *ruleSet) judge() pipeline.Judge { return falco.PassOn(s.NewJudge(s.matching)) }

// titles are the names of the rules by what alerts call them.
func (s *ruleSet) titles() map[string]string {
	out := map[string]string{}
	for _, r := range s.Rules() {
		out[cmp.Or(r.ID, r.Name)] = r.Name
	}
	return out
}

// known refuses names of rules that there are not, or that can give no alert, and replaces names by what alerts call the rules.
func (s *ruleSet) known(names []string) error {
	for i, name := range names {
		r := s.Find(name)
		switch {
		case r == nil:
			return usageError("--rule %s: no rule has this id or name ('parallax rules list' has them)", name)
		case !r.Enabled:
			return usageError("--rule %s: the rule is disabled", name)
		case !r.Alert:
			return usageError("--rule %s: the rule is a building block and gives no alert", name)
		}
		names[i] = r.Name
	}
	return nil
}

// status is how a rule takes part: on, off, block (gives no alert of its own) or blind.
func status(r *rules.Rule) string {
	switch {
	case !r.Enabled:
		return "off"
	case r.Blind != "":
		return "blind"
	case !r.Alert:
		return "block"
	}
	return "on"
}

// severityOf is the severity of a rule's matches, before adjustments.
func severityOf(r *rules.Rule) string {
	return strings.ToLower(event.SeverityName(r.Priority.Severity()))
}
