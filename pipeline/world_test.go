package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/parallax-sec/parallax/detector"
	"github.com/parallax-sec/parallax/event"
)

// world is what outlives a process: a stream, and the stores of alerts, facts, quarantined pieces and the checkpoint.
type world struct {
	stream     []event.Batch
	alerts     map[string]bool // ID.REVISION
	order      []string        // of alerts, as they were first stored
	puts       int             // of alerts, repeated ones too
	facts      map[string]event.Fact
	quarantine map[string]bool
	checkpoint Checkpoint

	// step is called before and after each thing that is done to a store; an error ends the process there.
	step func() error
	// keep says whether a checkpoint is stored, of which not all are; nil: each is.
	keep func() bool
}

func newWorld(stream ...event.Batch) *world {
	w := &world{alerts: map[string]bool{}, facts: map[string]event.Fact{}, quarantine: map[string]bool{}}
	for _, b := range stream {
		w.append(b)
	}
	return w
}

// append puts b at the end of the stream. Its receipt time is that of the batch, or a second after that of the one before.
func (w *world) append(b event.Batch) {
	b.Seq = uint64(len(w.stream) + 1)
	if b.ReceivedNs == 0 && len(w.stream) > 0 {
		b.ReceivedNs = w.stream[len(w.stream)-1].ReceivedNs
	}
	if b.ReceivedNs == 0 {
		b.ReceivedNs = 1000 * second
	}
	w.stream = append(w.stream, b)
}

// do does something to a store, between two chances to be killed.
func (w *world) do(f func()) error {
	if err := w.step1(); err != nil {
		return err
	}
	f()
	return w.step1()
}

func (w *world) step1() error {
	if w.step == nil {
		return nil
	}
	return w.step()
}

func (w *world) Write(_ context.Context, alerts []*event.Alert) error {
	for _, a := range alerts {
		if err := w.do(func() {
			key := fmt.Sprintf("%s.%d", a.ID, a.Revision)
			if w.puts++; !w.alerts[key] {
				w.alerts[key] = true
				w.order = append(w.order, a.Details.EventID+" "+a.Rule.Key())
			}
		}); err != nil {
			return err
		}
	}
	return nil
}

func (w *world) putFacts(_ context.Context, facts []event.Fact) error {
	return w.do(func() {
		for _, f := range facts {
			if key := f.Kind + " " + f.Key; w.facts[key].Seq < f.Seq {
				w.facts[key] = f
			}
		}
	})
}

func (w *world) putFault(_ context.Context, f event.Fault, kind event.BatchKind, seq uint64) error {
	return w.do(func() { w.quarantine[fmt.Sprintf("%d %d %s", kind, seq, f.Error())] = true })
}

func (w *world) position(c Checkpoint) {
	if w.keep == nil || w.keep() {
		w.checkpoint = c
	}
}

// source reads the stream from a place on, as it is when it is read. before is called before each batch; it may be nil.
type worldSource struct {
	w      *world
	next   uint64
	before func(seq uint64)
	end    error // nil: io.EOF
}

func (s *worldSource) Next(ctx context.Context) (*event.Batch, error) {
	if s.next > uint64(len(s.w.stream)) {
		if errors.Is(s.end, errSilent) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return nil, cmpOr(s.end, io.EOF)
	}
	if s.before != nil {
		s.before(s.next)
	}
	b := s.w.stream[s.next-1]
	s.next++
	return &b, nil
}

// errSilent as the end of a source is no end: nothing comes, until the context ends.
var errSilent = errors.New("silent")

func cmpOr(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// testSet is a rule set by which every rule holds that a line names.
func testSet(hash string) RuleSet {
	return RuleSet{Hash: hash, New: func() Judge { return fakeJudge{} }, SourceOf: func(key string) (event.Source, bool) {
		return event.SourceAudit, strings.HasPrefix(key, "R")
	}}
}

// process is a hub that begins with what the world has stored.
type process struct {
	*Stream
	source   *worldSource
	rules    *RuleSets
	detector *detector.Detector
}

func (w *world) start(cfg StreamConfig, change ...func(*StreamParts)) *process {
	c := w.checkpoint
	p := &process{source: &worldSource{w: w, next: max(c.RebuildFrom, 1)}, rules: NewRuleSets(testSet("one")), detector: detector.New(detector.DefaultConfig())}
	for key := range w.alerts {
		id, _, _ := strings.Cut(key, ".")
		p.detector.Known(id)
	}
	for _, f := range w.facts {
		p.detector.Load(f)
	}
	cfg.From, cfg.Stored = p.source.next, c.Seq
	parts := StreamParts{
		Source: p.source, Rules: p.rules, Detector: p.detector, Sink: w, Facts: w.putFacts, Quarantine: w.putFault, Position: w.position,
		Worker: StreamWorkers{
			Audit: func() Decoder { return fakeDecoder{} }, Falco: func() Decoder { return fakeDecoder{} }, Rules: p.rules,
		}.New,
	}
	for _, f := range change {
		f(&parts)
	}
	p.Stream = NewStream(cfg, parts)
	return p
}

// run runs a process to the end of the stream.
func (w *world) run(t *testing.T, cfg StreamConfig) Report {
	t.Helper()
	report, err := w.start(cfg).Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// ids are the alerts that were stored.
func (w *world) ids() (out []string) {
	for key := range w.alerts {
		out = append(out, key)
	}
	slices.Sort(out)
	return out
}

// lines is an audit batch, received at a second; 0: when the one before was.
func auditLines(received int64, lines ...string) event.Batch {
	return event.Batch{Origin: "audit/c/api", Line: 1, Data: []byte(strings.Join(lines, "\n")), ReceivedNs: received * second}
}

// agentBatch is a batch of a node, with a match of rule K for each of some ids, at the time of receipt.
func agentBatch(node string, epoch, seq uint64, received int64, facts []event.Fact, ids ...string) event.Batch {
	var matches []event.Match
	for _, id := range ids {
		matches = append(matches, event.Match{
			Rule: &event.Rule{ID: "K"}, Severity: event.SeverityHigh,
			Details: &event.Details{Source: event.SourceKernel, EventID: contentID(id), TimeNs: received * second, Kernel: &event.Kernel{Node: node}},
		})
	}
	head := event.Head{Node: node, BootID: "b", Epoch: epoch, Seq: seq, NewestNs: received * second}
	return event.Batch{Kind: event.BatchMatches, Origin: "node/" + node, Data: event.AppendMatches(nil, head, matches, facts), ReceivedNs: received * second}
}

func contentID(s string) string { return string(event.AppendContentID(nil, []byte(s))) }

func controlBatch(data string) event.Batch {
	return event.Batch{Kind: event.BatchControl, Origin: "ctl/rules", Data: []byte(data)}
}
