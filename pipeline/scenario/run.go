package scenario

import (
	"bytes"
	"slices"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/pipeline"
	"github.com/parallax-sec/parallax/rules/program"
)

// Load reads a scenario's rule files on top of those that are always there, and returns what judges by them. Each file's name is
// the scenario's, and its lines are at their places in it.
type Load func(rules []File) (*Loaded, error)

// Loaded is a rule set and the parts of a pipeline that judge by it.
type Loaded struct {
	Rules  []Rule                                    // all that can raise alerts
	Worker func() (pipeline.Decoder, pipeline.Judge) // of audit events
	// Kernel makes what decodes and judges one stream of the kernel's. Stream makes such a stream, a frame a batch, of what a person
	// wrote; its errors are event.Faults, whose lines, like those of the batches, count from 1. Both are nil where there are none.
	Kernel func() (pipeline.Decoder, pipeline.Judge)
	Stream func(data []byte) ([]event.Batch, error)
	// Falco makes what decodes and judges Falco's alerts; nil where there is none.
	Falco    func() (pipeline.Decoder, pipeline.Judge)
	Detector func() pipeline.Detector
}

// Rule is what an explanation needs of a rule.
type Rule struct {
	ID, Name string
	Source   event.Source
	Scope    event.Scope
	Cond     *program.Node
}

// Report is what came of a scenario.
type Report struct {
	Scenario *Scenario
	Variant  string // the first variant that went wrong; empty where none did
	Diff     string // what went wrong; empty where nothing did
	Got      []*event.Alert
}

// Failed says whether the alerts were not those that the scenario wants.
func (r *Report) Failed() bool { return r.Diff != "" }

// Run replays s in all its variants. An error says that it could not be run: its rules do not load, its events are not audit events.
func Run(s *Scenario, load Load) (*Report, error) {
	l, err := load(s.rulesInPlace())
	if err != nil {
		return nil, err
	}
	in, err := s.input(l)
	if err != nil {
		return nil, err
	}
	r := &Report{Scenario: s}
	for i, v := range variants(in, pipeline.DefaultConfig().Window) {
		got, err := l.replay(s.Name, v)
		if err != nil {
			return nil, err
		}
		got = s.compared(got)
		if i == 0 {
			r.Got, r.Diff = got, diffExpected(s, &why{l, in}, got)
		} else {
			r.Diff = diffVariants(r.Got, got)
		}
		if r.Diff != "" {
			r.Variant = v.name
			return r, nil
		}
	}
	return r, nil
}

// rulesInPlace returns the rule files under the scenario's name and at their lines in it, so that errors name those.
func (s *Scenario) rulesInPlace() []File {
	var out []File
	for _, f := range s.Rules {
		out = append(out, File{s.Name, 1, append(bytes.Repeat([]byte("\n"), f.Line-1), f.Data...)})
	}
	return out
}

// compared leaves out alerts of rules that the scenario does not ask about.
func (s *Scenario) compared(got []*event.Alert) []*event.Alert {
	if len(s.Only) == 0 {
		return got
	}
	return slices.DeleteFunc(got, func(a *event.Alert) bool {
		return !slices.ContainsFunc(s.Only, func(name string) bool { return isRule(a, name) })
	})
}

func isRule(a *event.Alert, name string) bool { return a.Rule.ID == name || a.Rule.Name == name }
