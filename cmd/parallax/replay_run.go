package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/parallax-sec/parallax/detector"
	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/pipeline"
	"github.com/parallax-sec/parallax/sinks"
)

// maxFaultsShown is how many bad lines are told one by one.
const maxFaultsShown = 20

// replay is one replay, ready to run.
type replay struct {
	app    *app
	cfg    pipeline.Config
	failOn int // severity; 0 is never
	rules  *ruleSet
	inputs *inputs
	events bool // every event is given out
	sink   sinks.Sink
	screen *screen
	toFile bool // alerts go to a file
	faults int
}

// newReplay checks the flags, loads the rules, opens the inputs and then the output, in this order: nothing is written before
// all else is known to be right.
func (a *app) newReplay(ctx context.Context, f *replayFlags, files []string, now time.Time) (*replay, error) {
	r := &replay{app: a, screen: &screen{w: a.err}, toFile: f.out != "", events: f.events}
	var err error
	if r.cfg, err = f.config(now); err != nil {
		return nil, err
	}
	if r.failOn, err = severityFlag("fail-on", f.failOn); err != nil {
		return nil, err
	}
	if err := f.checkForm(); err != nil {
		return nil, err
	}
	if r.rules, err = a.loadRules(&f.ruleFlags); err != nil {
		return nil, err
	}
	if err := r.rules.known(f.only); err != nil {
		return nil, err
	}
	if err := checkOut(f.out, files); err != nil {
		return nil, err
	}
	if r.inputs, err = a.openInputs(ctx, files); err != nil {
		return nil, err
	}
	if r.sink, err = a.openSink(&f.outFlags, os.O_TRUNC); err != nil {
		return nil, errors.Join(err, r.inputs.Close())
	}
	return r, nil
}

// run runs the replay and tells what came of it.
func (r *replay) run(ctx context.Context) error {
	r.cfg.Fault = r.fault
	d := detector.New(detector.DefaultConfig())
	p := pipeline.New(r.cfg, pipeline.Parts{
		Lanes:    r.inputs.lanes(r.judge),
		Detector: d,
		Sink:     r.sink,
	})
	began := time.Now()
	stopWatching := r.watch(p, began)
	report, err := p.Run(ctx)
	stopWatching()
	s := summary{Report: report, Stats: d.Stats(), elapsed: time.Since(began), titles: r.rules.titles(), lost: r.inputs.lost(), full: r.inputs.full(), seen: &r.inputs.seen}
	if s.interrupted = errors.Is(err, context.Canceled); s.interrupted {
		err = nil
	}
	err = errors.Join(err, r.sink.Close(), r.inputs.Close())
	if errors.Is(err, syscall.EPIPE) {
		err = nil // whoever read the alerts has seen enough
	}
	s.print(r.app.err)
	return r.status(err, &s)
}

// judge makes the judge of a worker.
func (r *replay) judge() pipeline.Judge {
	if r.events {
		return pipeline.EveryEvent(r.rules.judge())
	}
	return r.rules.judge()
}

// watch shows how far p has come, on a terminal that alerts are not shown on at the same time.
func (r *replay) watch(p *pipeline.Pipeline, began time.Time) (stop func()) {
	if !r.app.errTerminal || r.app.outTerminal && !r.toFile {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		watch(ctx, r.screen, func() string {
			read, total := r.inputs.progress()
			return progress{readBytes: read, totalBytes: total, events: p.Events(), elapsed: time.Since(began)}.line()
		})
	})
	return func() {
		cancel()
		running.Wait()
	}
}

// fault tells of a piece of input that could not be read.
func (r *replay) fault(f event.Fault) {
	r.faults++
	switch {
	case r.cfg.Strict: // run's error tells it
	case r.faults <= maxFaultsShown:
		r.screen.println(event.Escape(f.Error()))
	case r.faults == maxFaultsShown+1:
		r.screen.println("further bad lines are counted and not shown")
	}
}

// status turns what happened into the command's error.
func (r *replay) status(err error, s *summary) error {
	var fault event.Fault
	switch {
	case errors.As(err, &fault):
		return fmt.Errorf("bad line (--strict): %s", event.Escape(fault.Error()))
	case err != nil:
		return err
	case s.interrupted:
		return said(exitFailed)
	}
	if s.reached(r.failOn) {
		return said(exitAlert)
	}
	return nil
}
