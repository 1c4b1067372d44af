package scenario

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/pipeline"
	"github.com/parallax-sec/parallax/rules/program"
)

// The tests' streams of a kernel are lines of fakeEvents, each filled up to frameBytes; their decoder gives an event the verb of the one
// before as its namespace.

const frameBytes = 160

func fakeStream(data []byte) (out []event.Batch, err error) {
	for i, line := range strings.Split(strings.TrimSuffix(string(data), "\n"), "\n") {
		var e fakeEvent
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			return nil, event.Fault{Line: int64(i + 1), Reason: "not an event"}
		}
		line += strings.Repeat(" ", frameBytes-len(line))
		out = append(out, event.Batch{Line: int64(i + 1), Data: []byte(line), NewestNs: e.TimeNs()})
	}
	return out, nil
}

type kernelEvent struct{ fakeEvent }

func (*kernelEvent) Source() event.Source { return event.SourceKernel }

func (e *kernelEvent) Details(s event.Scope, elem int) *event.Details {
	d := e.fakeEvent.Details(s, elem)
	d.Source, d.User = event.SourceKernel, ""
	return d
}

type kernelDecoder struct{ verb string }

func (d *kernelDecoder) Decode(b *event.Batch, yield func(event.Event), fault func(event.Fault)) {
	for rest := b.Data; len(rest) > 0; rest = rest[frameBytes:] {
		e := &kernelEvent{}
		if err := json.Unmarshal(rest[:frameBytes], &e.fakeEvent); err != nil {
			fault(event.Fault{Origin: b.Origin, Line: b.Line, Reason: err.Error()})
			continue
		}
		if e.Verb != d.verb {
			e.Namespace, d.verb = d.verb, e.Verb
		}
		yield(e)
	}
}

var kernelVerb = &event.Field{Name: "kernel.verb", Source: event.SourceKernel, Get: func(e event.Event, _ *event.Arg, v *event.Value) {
	v.SetText(e.(*kernelEvent).Verb)
}}

func mixedLoad(files []File) (*Loaded, error) {
	l, err := loadFake(createRule, Rule{ID: "K01", Source: event.SourceKernel, Cond: &program.Node{Kind: program.Check, Test: &program.Test{
		Left: &program.FieldTerm{Field: kernelVerb}, Op: program.Eq, Right: program.Right{Texts: []string{"mount"}},
	}}})(files)
	if err != nil {
		return nil, err
	}
	l.Stream = fakeStream
	l.Kernel = func() (pipeline.Decoder, pipeline.Judge) {
		_, judge := l.Worker()
		return &kernelDecoder{}, judge
	}
	return l, nil
}

const mixed = `-- events.jsonl --
` + twoEvents + `-- kernel.jsonl --
{"id":"k1","verb":"exec","stageTimestamp":"2026-01-01T00:00:10Z"}
{"id":"k2","verb":"mount","stageTimestamp":"2026-01-01T00:00:20Z"}
-- kernel-other.jsonl --
{"id":"o1","verb":"mount","stageTimestamp":"2026-01-01T00:00:15Z"}
-- alerts --
`

func runMixed(t *testing.T, text string) (*Report, error) {
	t.Helper()
	s, err := Parse("x.txtar", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return Run(s, mixedLoad)
}

func TestMixedScenario(t *testing.T) {
	r, err := runMixed(t, mixed+"R01 alice medium\nK01 - medium orchestrator.namespace=exec\nK01 - medium\n")
	if err != nil || r.Failed() {
		t.Fatalf("%v %+v", err, r)
	}
	var ids []string
	for _, a := range r.Got {
		ids = append(ids, a.Details.EventID)
	}
	if diff := cmp.Diff([]string{"1", "o1", "k2"}, ids); diff != "" {
		t.Error(diff)
	}
}

func TestMixedScenarioTellsWhy(t *testing.T) {
	r, err := runMixed(t, mixed+"R01 alice medium\nK01 - medium\n")
	if err != nil || !strings.Contains(r.Diff, "K01 held on line 6 (") {
		t.Errorf("%v %s", err, r.Diff)
	}
}

func TestFaultsOfKernelSections(t *testing.T) {
	_, err := runMixed(t, strings.Replace(mixed, `{"id":"k2"`, `{"id"`, 1)+"none\n")
	var place *SyntaxError
	if !errors.As(err, &place) || place.Line != 6 {
		t.Errorf("%v", err)
	}
}
