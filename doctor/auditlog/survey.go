package auditlog

import (
	"slices"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/audit"
	"github.com/parallax-sec/parallax/ingest/audit/envelope"
)

// Survey takes in the events of a log.
type Survey struct {
	ask       asker
	seen      audit.Seen
	events    uint64
	firstNs   int64
	lastNs    int64
	kinds     [envelope.NumKinds]uint64
	levels    map[string]uint64
	stages    map[string]uint64
	verbs     map[string]uint64
	has       map[string]uint64 // events that have a field of asked
	truncated uint64
	faults    uint64
	shapes    map[shape]*facts
	more      uint64 // events of shapes beyond maxShapes
}

// Bounds of what is remembered; what is beyond is counted under another name.
const (
	maxShapes = 4096
	maxNames  = 32
	maxText   = 64
	otherName = "(others)"
)

// shape is what kind of request an event is about.
type shape struct{ group, resource, subresource, verb string }

// facts are what the events of a shape have.
type facts struct {
	events uint64
	levels [numLevels]uint64
	stages []string
}

// levels of an audit policy, in their order.
var levels = []string{"None", "Metadata", "Request", "RequestResponse"}

const numLevels = 4

// asked are fields that a log may not have at all, with what people call them.
var asked = []struct{ field, name string }{
	{"audit.user", "the user"},
	{"audit.user.groups", "the user's groups"},
	{"audit.src", "source addresses"},
	{"audit.useragent", "user agents"},
	{"audit.code", "response codes"},
	{"audit.decision", "the authorizer's decision"},
	{"audit.obj.from", "bodies of requests and responses"},
}

// New returns an empty Survey.
func New() *Survey {
	return &Survey{
		ask: newAsker(), levels: map[string]uint64{}, stages: map[string]uint64{}, verbs: map[string]uint64{}, has: map[string]uint64{},
		shapes: map[shape]*facts{},
	}
}

// Seen is where decoders count for the Survey.
func (s *Survey) Seen() *audit.Seen { return &s.seen }

// Fault takes note of a piece that could not be read.
func (s *Survey) Fault(event.Fault) { s.faults++ }

// Add takes in an event. It is not kept.
func (s *Survey) Add(e *audit.Event) {
	ns := e.TimeNs()
	if s.events == 0 {
		s.firstNs, s.lastNs = ns, ns
	}
	s.firstNs, s.lastNs = min(s.firstNs, ns), max(s.lastNs, ns)
	s.events++
	s.kinds[e.Envelope()]++
	level, stage := s.ask.text(e, "audit.level"), s.ask.text(e, "audit.stage")
	s.count(s.levels, level)
	s.count(s.stages, stage)
	s.count(s.verbs, s.ask.text(e, "audit.verb"))
	for _, a := range asked {
		if s.ask.has(e, a.field) {
			s.has[a.field]++
		}
	}
	if s.ask.text(e, "audit.truncated") == "true" {
		s.truncated++
	}
	s.addShape(e, level, stage)
}

func (s *Survey) addShape(e *audit.Event, level, stage string) {
	sh := shape{s.ask.text(e, "audit.group"), s.ask.text(e, "audit.resource"), s.ask.text(e, "audit.subresource"), s.ask.text(e, "audit.verb")}
	f := s.shapes[sh]
	if f == nil {
		if len(s.shapes) >= maxShapes {
			s.more++
			return
		}
		f = new(facts)
		s.shapes[sh] = f
	}
	f.events++
	f.levels[max(0, slices.Index(levels, level))]++
	if !slices.Contains(f.stages, stage) && len(f.stages) < maxNames {
		f.stages = append(f.stages, stage)
	}
}

// count counts a name, of which there should be few.
func (s *Survey) count(in map[string]uint64, name string) {
	if _, known := in[name]; !known && len(in) >= maxNames {
		name = otherName
	}
	in[name]++
}

// asker asks events for fields by name.
type asker struct {
	fields map[string]*event.Field
	value  event.Value
}

func newAsker() asker {
	a := asker{fields: map[string]*event.Field{}}
	all := audit.Fields()
	for i := range all {
		a.fields[all[i].Name] = &all[i]
	}
	return a
}

func (a *asker) get(e event.Event, name string) *event.Value {
	a.value.Clear()
	if f := a.fields[name]; f != nil {
		f.Get(e, &event.Arg{Index: -1}, &a.value)
	}
	return &a.value
}

// text is a field's value, cut; "" where it is missing. It is a copy.
func (a *asker) text(e event.Event, name string) string {
	v := a.get(e, name)
	if v.Kind() != event.KindText {
		return ""
	}
	return string(append([]byte(nil), v.Text()[:min(len(v.Text()), maxText)]...))
}

func (a *asker) has(e event.Event, name string) bool { return a.get(e, name).Kind() != event.Missing }
