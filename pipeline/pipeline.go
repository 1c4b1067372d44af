package pipeline

import (
	"cmp"
	"context"
	"slices"
	"sync/atomic"
	"time"

	"github.com/parallax-sec/parallax/event"
)

// Source hands out batches. At the end of the input it returns io.EOF, and ctx's error when ctx ends; any other error ends
// the run. A live source that is to be drained returns io.EOF when it is told to stop.
type Source interface {
	Next(ctx context.Context) (*event.Batch, error)
}

// Worker says what a batch comes to. One goroutine at a time uses it.
type Worker interface {
	// Work appends to out what b comes to. It does not keep b, nor b's memory in out.
	Work(b *event.Batch, out *Result)
}

// Decoder reads the events of a batch.
type Decoder interface {
	// Decode calls yield for each event, which is valid until yield returns, and fault for each piece that cannot be read,
	// both in the order of the batch.
	Decode(b *event.Batch, yield func(event.Event), fault func(event.Fault))
}

// Judge finds the rules that hold for an event.
type Judge interface {
	// Judge appends a match for each. The matches own their memory.
	Judge(e event.Event, dst []event.Match) []event.Match
}

// Detector turns matches in event-time order into alerts; nil is none.
type Detector interface {
	Match(m *event.Match, late bool) *event.Alert
}

// Sink takes alerts. It does not keep the slice.
type Sink interface {
	Write(ctx context.Context, alerts []*event.Alert) error
}

// Config says how a pipeline runs.
type Config struct {
	Workers int // of each lane that is not in order; at least 1
	// Live says that batches tell of what happens now: they are taken from whichever lane has some, and what they come to is
	// given out at once. Window then only decides what is late.
	Live bool
	// Window is how long, in event time, a match waits for older ones from other origins, and WindowBytes how much memory
	// the waiting ones may take. Beyond it the oldest go out, and what should have come before them is late.
	Window      time.Duration
	WindowBytes int
	Strict      bool // the first piece that cannot be read ends the run
	Filter      Filter
	// Fault is told of each piece of input that could not be read, in the order of the input. It may be nil.
	Fault func(event.Fault)

	ahead int // batches of a lane that may be judged ahead at least
}

// DefaultConfig waits for 60 s of event time in at most 64 MB, with one worker.
func DefaultConfig() Config {
	return Config{Workers: 1, Window: time.Minute, WindowBytes: 64 << 20}
}

// Parts are what a pipeline is made of.
type Parts struct {
	Lanes    []Lane
	Detector Detector
	Sink     Sink
	// Reached is told, of live input, that everything up to an event time has been given to the detector, as far as one batch tells;
	// 0: it does not. nil: nobody is told.
	Reached func(newestNs int64)
}

// Pipeline is one run. Use New.
type Pipeline struct {
	cfg    Config
	parts  Parts
	lanes  []*lane // not at their end
	merge  merge
	report Report
	alerts []*event.Alert // not yet given to the sink; never grows
	// sinkErr is what the sink failed with. Nothing is written after it.
	sinkErr error
	events  atomic.Uint64
}

// New returns a pipeline of parts.
func New(cfg Config, parts Parts) *Pipeline {
	return &Pipeline{
		cfg: cfg, parts: parts, report: newReport(), alerts: make([]*event.Alert, 0, 256),
		merge: newMerge(cfg.Window, cfg.WindowBytes),
	}
}

// Events returns how many events have been judged so far. It may be called from any goroutine while the pipeline runs.
func (p *Pipeline) Events() uint64 { return p.events.Load() }

// Run runs until the source ends, ctx is done, or something fails, and gives out what has been merged until then. When ctx
// is done it returns the context's error. With Strict, an error that is an event.Fault is the piece that could not be read.
func (p *Pipeline) Run(ctx context.Context) (Report, error) {
	p.lanes = startLanes(ctx, p.parts.Lanes, p.cfg)
	all := slices.Clone(p.lanes)
	collect := p.collect
	if p.cfg.Live {
		collect = p.collectLive
	}
	err := collect(ctx)
	for _, l := range all {
		l.stop()
	}
	ctx = context.WithoutCancel(ctx) // what was taken in is given out
	p.merge.flush(func(m *event.Match, late bool) { p.emit(ctx, m, late) })
	p.write(ctx)
	return p.report, cmp.Or(p.sinkErr, err)
}

// collect takes results from the lane that is furthest behind in event time, until there are no more: what comes when
// depends on the input alone.
func (p *Pipeline) collect(ctx context.Context) error {
	for len(p.lanes) > 0 {
		l := furthestBehind(p.lanes)
		j, err := l.next(ctx)
		if err := p.take(ctx, outcome{l, j, err}); err != nil {
			return err
		}
	}
	return nil
}

// collectLive takes results as they come, until all lanes have ended.
func (p *Pipeline) collectLive(ctx context.Context) error {
	results, stop := asTheyCome(ctx, p.lanes)
	defer stop()
	for len(p.lanes) > 0 {
		if err := p.take(ctx, <-results); err != nil {
			return err
		}
	}
	return nil
}

// take merges the matches of one batch, gives out those that need not wait any longer, and passes on what could not be read.
// It returns what ends the run.
func (p *Pipeline) take(ctx context.Context, o outcome) error {
	if o.job == nil {
		p.lanes = slices.DeleteFunc(p.lanes, func(l *lane) bool { return l == o.lane })
		return o.err
	}
	p.report.addJob(o.job)
	p.events.Store(p.report.Events)
	for i := range o.job.Matches {
		p.merge.add(o.job.Matches[i])
	}
	o.lane.note(o.job.lowNs)
	p.giveOut(ctx)
	if p.parts.Reached != nil {
		p.parts.Reached(o.job.newestNs())
	}
	err := p.faults(o.job.Faults)
	o.lane.recycle(o.job)
	return cmp.Or(err, p.sinkErr)
}

// giveOut gives out what needs not wait any longer.
func (p *Pipeline) giveOut(ctx context.Context) {
	emit := func(m *event.Match, late bool) { p.emit(ctx, m, late) }
	p.merge.advance(lowOf(p.lanes), emit)
	if p.cfg.Live {
		p.merge.flush(emit)
	}
	p.write(ctx)
}

// faults passes on what could not be read. With Strict it returns the first.
func (p *Pipeline) faults(faults []event.Fault) error {
	for _, f := range faults {
		p.report.Faults++
		if p.cfg.Fault != nil {
			p.cfg.Fault(f)
		}
		if p.cfg.Strict {
			return f
		}
	}
	return nil
}

// emit hands the next match in event-time order to the detector.
func (p *Pipeline) emit(ctx context.Context, m *event.Match, late bool) {
	a := p.alert(m, late)
	if a == nil || !p.cfg.Filter.keep(a) || p.sinkErr != nil {
		return
	}
	p.report.addAlert(a)
	if p.alerts = append(p.alerts, a); len(p.alerts) == cap(p.alerts) {
		p.write(ctx)
	}
}

// alert returns what m comes to; nil is nothing.
func (p *Pipeline) alert(m *event.Match, late bool) *event.Alert {
	if m.Rule != nil {
		p.report.addMatch(late)
	}
	return p.parts.Detector.Match(m, late)
}

// write gives the alerts to the sink, unless that has failed.
func (p *Pipeline) write(ctx context.Context) {
	if len(p.alerts) > 0 && p.sinkErr == nil {
		p.sinkErr = p.parts.Sink.Write(ctx, p.alerts)
	}
	clear(p.alerts)
	p.alerts = p.alerts[:0]
}
