package scenario

import (
	"encoding/json"
	"time"

	"github.com/parallax-sec/parallax/detector"
	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/pipeline"
	"github.com/parallax-sec/parallax/rules/program"
)

// fakeEvent is what the tests' events hold. Each of Parts is an element of the scope container.
type fakeEvent struct {
	ID, User, Verb, Namespace string
	StageTimestamp            time.Time
	Parts                     []string
}

func (e *fakeEvent) Source() event.Source { return event.SourceAudit }
func (e *fakeEvent) BodyFault() error     { return nil }
func (e *fakeEvent) TimeNs() int64        { return e.StageTimestamp.UnixNano() }

func (e *fakeEvent) Elements(s event.Scope) int {
	if s == event.ScopeContainer {
		return len(e.Parts)
	}
	return 1
}

func (e *fakeEvent) Details(s event.Scope, elem int) *event.Details {
	d := &event.Details{
		TimeNs: e.TimeNs(), EventID: e.ID, RequestID: e.ID, User: e.User, Action: e.Verb, Resource: "pods", Namespace: e.Namespace,
	}
	if s == event.ScopeContainer {
		d.Container = e.Parts[elem]
	}
	return d
}

type fakeDecoder struct{}

func (fakeDecoder) Decode(b *event.Batch, yield func(event.Event), fault func(event.Fault)) {
	var e fakeEvent
	if err := json.Unmarshal(b.Data, &e); err != nil {
		fault(event.Fault{Origin: b.Origin, Line: b.Line, Reason: "not an event"})
		return
	}
	yield(&e)
}

var fakeFields = map[string]*event.Field{
	"verb": {Name: "verb", Get: func(e event.Event, _ *event.Arg, v *event.Value) { v.SetText(e.(*fakeEvent).Verb) }},
	"namespace": {Name: "namespace", Get: func(e event.Event, _ *event.Arg, v *event.Value) {
		if ns := e.(*fakeEvent).Namespace; ns != "" {
			v.SetText(ns)
		}
	}},
	"part": {Name: "part", Scope: event.ScopeContainer, Get: func(e event.Event, a *event.Arg, v *event.Value) {
		v.SetText(e.(*fakeEvent).Parts[a.Elem])
	}},
}

func check(field string, op program.Op, texts ...string) *program.Node {
	return &program.Node{Kind: program.Check, Test: &program.Test{
		Left: &program.FieldTerm{Field: fakeFields[field]}, Op: op, Right: program.Right{Texts: texts},
	}}
}

func all(kids ...*program.Node) *program.Node { return &program.Node{Kind: program.And, Kids: kids} }

func any1(kids ...*program.Node) *program.Node {
	return &program.Node{Kind: program.Or, Kids: kids}
}

func not(kid *program.Node) *program.Node {
	return &program.Node{Kind: program.Not, Kids: []*program.Node{kid}}
}

// fakeJudge judges by a program; every match is medium.
type fakeJudge struct {
	rules []Rule
	eval  *program.Evaluator
}

func (j *fakeJudge) Judge(e event.Event, dst []event.Match) []event.Match {
	for _, h := range j.eval.Eval(e, nil) {
		dst = append(dst, event.Match{
			Rule: &event.Rule{ID: j.rules[h.Index].ID, Name: j.rules[h.Index].Name, Request: true, Order: h.Index}, Output: "it did", Message: "it", Severity: event.SeverityMedium, Details: e.Details(j.rules[h.Index].Scope, h.Elem),
		})
	}
	return dst
}

// loadFake returns what loads rules, whatever the scenario says.
func loadFake(rules ...Rule) Load {
	return func([]File) (*Loaded, error) {
		var inputs []program.Input
		for _, r := range rules {
			inputs = append(inputs, program.Input{Source: r.Source, Scope: r.Scope, Cond: r.Cond})
		}
		p, err := program.Compile(inputs)
		if err != nil {
			return nil, err
		}
		return &Loaded{
			Rules: rules,
			Worker: func() (pipeline.Decoder, pipeline.Judge) {
				return fakeDecoder{}, &fakeJudge{rules, program.NewEvaluator(p)}
			},
			Detector: func() pipeline.Detector { return detector.New(detector.DefaultConfig()) },
		}, nil
	}
}
