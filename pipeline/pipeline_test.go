package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parallax-sec/parallax/detector"
	"github.com/parallax-sec/parallax/event"
)

// The tests' events are lines of "SECONDS ID RULE...": the rules that hold for it. A line "bad" cannot be read.

const second = int64(1e9)

type fakeEvent struct {
	timeNs int64
	id     string
	rules  []int
}

func (e *fakeEvent) Source() event.Source     { return event.SourceAudit }
func (e *fakeEvent) BodyFault() error         { return nil }
func (e *fakeEvent) TimeNs() int64            { return e.timeNs }
func (e *fakeEvent) Elements(event.Scope) int { return 1 }
func (e *fakeEvent) Details(event.Scope, int) *event.Details {
	return &event.Details{TimeNs: e.timeNs, EventID: e.id, RequestID: e.id, User: e.id}
}

type fakeDecoder struct{}

func (fakeDecoder) Decode(b *event.Batch, yield func(event.Event), fault func(event.Fault)) {
	for i, line := range strings.Split(string(b.Data), "\n") {
		if line == "bad" {
			fault(event.Fault{Origin: b.Origin, Line: b.Line + int64(i), Reason: "bad"})
			continue
		}
		var e fakeEvent
		words := strings.Fields(line)
		if _, err := fmt.Sscan(words[0], &e.timeNs); err != nil {
			panic(err)
		}
		e.timeNs *= second
		e.id = words[1]
		for _, w := range words[2:] {
			e.rules = append(e.rules, int(w[0]-'0'))
		}
		for range rand.IntN(3) {
			runtime.Gosched() // so that workers overtake one another
		}
		yield(&e)
	}
}

type fakeJudge struct{}

func (fakeJudge) Judge(e event.Event, dst []event.Match) []event.Match {
	for _, r := range e.(*fakeEvent).rules {
		dst = append(dst, event.Match{Rule: &testRules[r], Severity: 47, Message: "m", Details: e.Details(event.ScopeEvent, 0)})
	}
	return dst
}

// fakeSource hands out batches; LowNs is given with them. Where silent, nothing comes after them, not even an end.
type fakeSource struct {
	batches []event.Batch
	err     error
	silent  bool
}

func (s *fakeSource) Next(ctx context.Context) (*event.Batch, error) {
	if len(s.batches) == 0 {
		if s.silent {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return nil, s.err
	}
	b := s.batches[0]
	s.batches = s.batches[1:]
	return &b, nil
}

type sinkFunc func([]*event.Alert) error

func (f sinkFunc) Write(_ context.Context, alerts []*event.Alert) error { return f(alerts) }

// collectLines is a sink that keeps "SECONDS ID RULE" of each alert, with " late" where it was.
func collectLines(out *[]string) Sink {
	return sinkFunc(func(alerts []*event.Alert) error {
		for _, a := range alerts {
			line := fmt.Sprintf("%d %s %s", a.TimeNs/second, a.Details.EventID, a.Rule.Key())
			if a.Late {
				line += " late"
			}
			*out = append(*out, line)
		}
		return nil
	})
}

var testRules = []event.Rule{{ID: "R0"}, {ID: "R1", Order: 1}, {ID: "R2", Order: 2}}

func fakeLane(batches ...event.Batch) Lane {
	return Lane{Source: &fakeSource{batches: batches, err: io.EOF}, Worker: func() Worker { return Judged(fakeDecoder{}, fakeJudge{}) }}
}

func parts(batches []event.Batch, sink Sink) Parts {
	return Parts{
		Lanes:    []Lane{fakeLane(batches...)},
		Detector: detector.New(detector.DefaultConfig()),
		Sink:     sink,
	}
}

func batch(line int64, lowSeconds int64, lines ...string) event.Batch {
	return event.Batch{Origin: "f", Line: line, Data: []byte(strings.Join(lines, "\n")), LowNs: lowSeconds * second}
}

func run(t *testing.T, cfg Config, batches ...event.Batch) ([]string, Report) {
	t.Helper()
	var out []string
	report, err := New(cfg, parts(batches, collectLines(&out))).Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return out, report
}

func TestOrder(t *testing.T) {
	out, report := run(t, DefaultConfig(),
		batch(1, 100, "100 b 1 0", "99 z 2", "100 a 1"),
		batch(4, 120, "120 c", "61 d 0"),   // from another file
		batch(6, 300, "40 e 0", "300 f 0"), // the low mark was 120, and 120 - 60 s had been given out
		batch(8, 0, "200 g 0"),             // and now 300 - 60 s
	)
	want := []string{"61 d R0", "99 z R2", "100 a R1", "100 b R0", "100 b R1", "200 g R0 late", "300 f R0"}
	want = slices.Insert(want, 0, "40 e R0 late")
	if diff := cmp.Diff(want, out); diff != "" {
		t.Error(diff)
	}
	wantReport := Report{
		Events: 8, FirstNs: 40 * second, LastNs: 300 * second, Matches: 8, Late: 2, Alerts: 8,
		BySeverity: map[int]uint64{47: 8}, ByRule: map[string]uint64{"R0": 5, "R1": 2, "R2": 1},
	}
	if diff := cmp.Diff(wantReport, report); diff != "" {
		t.Error(diff)
	}
}

// Random batches, whose times go back and forth, give the same with any number of workers and any timing.
func TestWorkersDoNotMatter(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var batches []event.Batch
	for i := range int64(200) {
		var lines []string
		for j := range 1 + rnd.IntN(20) {
			lines = append(lines, fmt.Sprintf("%d e%d-%d %d", max(0, i*3+rnd.Int64N(120)-80), i, rnd.IntN(j+1), rnd.IntN(3)))
		}
		batches = append(batches, batch(i*100, i*3, lines...))
	}
	cfg := DefaultConfig()
	cfg.WindowBytes = 400 * fixedBytes // small enough to be reached at times
	first, firstReport := run(t, cfg, batches...)
	for range 20 {
		cfg.Workers = 1 + rnd.IntN(8)
		out, report := run(t, cfg, batches...)
		if diff := cmp.Diff(first, out); diff != "" {
			t.Fatalf("%d workers: %s", cfg.Workers, diff)
		}
		if diff := cmp.Diff(firstReport, report); diff != "" {
			t.Fatalf("%d workers: %s", cfg.Workers, diff)
		}
	}
	if firstReport.Late == 0 {
		t.Error("nothing was late: the test should try that too")
	}
}

func TestFaults(t *testing.T) {
	b := batch(10, 0, "1 a 0", "bad", "2 b 0")
	b.Faults = []event.Fault{{Origin: "f", Line: 9, Reason: "too long"}}
	batches := []event.Batch{b, batch(20, 0, "bad"), batch(21, 0, "3 c 0")}

	var told []string
	cfg := DefaultConfig()
	cfg.Fault = func(f event.Fault) { told = append(told, f.Error()) }
	out, report := run(t, cfg, batches...)
	if diff := cmp.Diff([]string{"f:9: too long", "f:11: bad", "f:20: bad"}, told); diff != "" {
		t.Error(diff)
	}
	if len(out) != 3 || report.Faults != 3 {
		t.Errorf("%d alerts, %d faults", len(out), report.Faults)
	}

	cfg.Strict, out = true, nil
	report, err := New(cfg, parts(batches, collectLines(&out))).Run(t.Context())
	var fault event.Fault
	if !errors.As(err, &fault) || fault.Line != 9 {
		t.Errorf("strict: %v", err)
	}
	if len(out) != 0 || report.Faults != 1 {
		t.Errorf("strict: %d alerts, %d faults", len(out), report.Faults)
	}
}

func TestStrictJudgesNothingBehindAFault(t *testing.T) {
	var out []string
	cfg := DefaultConfig()
	cfg.Strict = true
	report, err := New(cfg, parts([]event.Batch{batch(1, 0, "1 a 0", "bad", "2 b 0"), batch(4, 0, "3 c 0")}, collectLines(&out))).Run(t.Context())
	var fault event.Fault
	if !errors.As(err, &fault) || fault.Line != 2 {
		t.Errorf("%v", err)
	}
	if diff := cmp.Diff([]string{"1 a R0"}, out); diff != "" || report.Events != 1 {
		t.Errorf("%d events: %s", report.Events, diff)
	}
}

func TestSourceFails(t *testing.T) {
	var out []string
	p := parts([]event.Batch{batch(1, 0, "1 a 0")}, collectLines(&out))
	broken := errors.New("input/output error")
	p.Lanes[0].Source.(*fakeSource).err = broken
	_, err := New(DefaultConfig(), p).Run(t.Context())
	if !errors.Is(err, broken) || len(out) != 1 {
		t.Errorf("%v, %q", err, out)
	}
}

func TestSinkFails(t *testing.T) {
	full, calls := errors.New("no space left"), 0
	p := parts(nil, sinkFunc(func([]*event.Alert) error { calls++; return full }))
	src := p.Lanes[0].Source.(*fakeSource)
	for i := range int64(1000) {
		src.batches = append(src.batches, batch(i, 1000+i, fmt.Sprintf("%d a%d 0", i, i)))
	}
	_, err := New(DefaultConfig(), p).Run(t.Context())
	if !errors.Is(err, full) || calls != 1 {
		t.Errorf("%v after %d calls", err, calls)
	}
}

func TestCancelGivesOutWhatIsMerged(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var out []string
	p := parts([]event.Batch{batch(1, 0, "1 a 0", "bad")}, collectLines(&out))
	p.Lanes[0].Source.(*fakeSource).silent = true // a terminal, say
	cfg := DefaultConfig()
	cfg.Fault = func(event.Fault) { cancel() }
	report, err := New(cfg, p).Run(ctx)
	if !errors.Is(err, context.Canceled) || len(out) != 1 || report.Events != 1 {
		t.Errorf("%v, %q, %+v", err, out, report)
	}
}

// A reader that is interrupted while it waits for room must not look like one that came to the end of its input.
func TestCancelWhileWaitingForRoom(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	full := event.Batch{Data: make([]byte, maxBytesInFlight)}
	p, unblock := parts([]event.Batch{full, full}, nil), make(chan struct{})
	p.Lanes[0].Worker = func() Worker {
		return Judged(decoderFunc(func(*event.Batch, func(event.Event), func(event.Fault)) { <-unblock }), fakeJudge{})
	}
	s := startStage(ctx, p.Lanes[0], Config{Workers: 1})
	defer s.stop()
	cancel()
	close(unblock)
	for {
		j, err := s.next(context.Background())
		if j != nil {
			continue
		}
		if !errors.Is(err, context.Canceled) {
			t.Errorf("the stage ended with %v", err)
		}
		return
	}
}

func TestFilter(t *testing.T) {
	a := &event.Alert{TimeNs: 10, Severity: event.SeverityMedium, Rule: &event.Rule{ID: "R1", Name: "one"}}
	f := func(filter Filter, want bool) {
		t.Helper()
		if got := filter.keep(a); got != want {
			t.Errorf("%+v: %v", filter, got)
		}
	}
	f(Filter{}, true)
	f(Filter{Since: time.Unix(0, 10), Until: time.Unix(0, 11), Rules: []string{"R0", "R1"}, MinSeverity: 47}, true)
	f(Filter{Rules: []string{"one"}}, true)
	f(Filter{Since: time.Unix(0, 11)}, false)
	f(Filter{Until: time.Unix(0, 10)}, false)
	f(Filter{Rules: []string{"R0"}}, false)
	f(Filter{MinSeverity: 48}, false)
}

// Every event comes out before its alerts, whatever rules and severities are asked for, if its time is.
func TestEveryEvent(t *testing.T) {
	var out []string
	lane := fakeLane(batch(1, 0, "3 c 1", "1 a 0", "2 b"))
	lane.Worker = func() Worker { return Judged(fakeDecoder{}, EveryEvent(fakeJudge{})) }
	cfg := DefaultConfig()
	cfg.Filter = Filter{Since: time.Unix(2, 0), Rules: []string{"R1"}, MinSeverity: 40}
	report, err := New(cfg, Parts{
		Lanes: []Lane{lane}, Detector: detector.New(detector.DefaultConfig()), Sink: collectLines(&out),
	}).Run(t.Context())
	if diff := cmp.Diff([]string{"2 b ", "3 c ", "3 c R1"}, out); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	if report.Plain != 2 || report.Alerts != 1 || report.Matches != 2 {
		t.Errorf("%+v", report)
	}
}

// An event without a match allocates nothing in the loop itself.
func TestNoMatchAllocatesNothing(t *testing.T) {
	e := &fakeEvent{timeNs: 1}
	j, b := &job{}, event.Batch{}
	var d Decoder = decoderFunc(func(_ *event.Batch, yield func(event.Event), _ func(event.Fault)) {
		for range 1000 {
			yield(e)
		}
	})
	worker := Judged(d, fakeJudge{})
	if n := testing.AllocsPerRun(10, func() { j.batch = &b; j.run(worker, false) }); n > 5 {
		t.Errorf("%v allocations for 1000 events", n)
	}
}

type decoderFunc func(*event.Batch, func(event.Event), func(event.Fault))

func (f decoderFunc) Decode(b *event.Batch, yield func(event.Event), fault func(event.Fault)) {
	f(b, yield, fault)
}
