package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/detector"
	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/kernel"
	"github.com/parallax-sec/parallax/ingest/kernel/runtimefiles"
	"github.com/parallax-sec/parallax/ingest/kernel/sensor"
	"github.com/parallax-sec/parallax/pipeline"
)

// liveRun is one run of the sensor, ready to begin.
type liveRun struct {
	app    *app
	flags  *runFlags
	failOn int // severity; 0 is never
	rules  *ruleSet
	kernel *bpf.Sensor
	source *sensor.Source
	sink   *counting
	screen *screen
	keeper *keeper
	faults int
}

// newRun checks the flags, loads the rules, then the sensor, and opens the output at last.
func (a *app) newRun(f *runFlags) (*liveRun, error) {
	r := &liveRun{app: a, flags: f, screen: &screen{w: a.err}}
	var err error
	if r.failOn, err = severityFlag("fail-on", f.failOn); err != nil {
		return nil, err
	}
	if err := f.outFlags.check(); err != nil {
		return nil, err
	}
	if r.rules, err = a.loadRules(&f.ruleFlags); err != nil {
		return nil, err
	}
	if r.kernel, err = bpf.Load(f.sensorFlags.config()); err != nil {
		return nil, err
	}
	if r.source, err = a.newSource(r.kernel, &f.sensorFlags, r.ready); err != nil {
		return nil, errors.Join(err, r.kernel.Close())
	}
	sink, err := a.openSink(&f.outFlags, os.O_APPEND)
	if err != nil {
		return nil, errors.Join(err, r.kernel.Close())
	}
	r.sink = &counting{Sink: sink, bySeverity: map[int]uint64{}}
	return r, nil
}

// newSource is the stream of a sensor. ready is told when it is live.
func (a *app) newSource(s *bpf.Sensor, f *sensorFlags, ready func(*kernel.Start)) (*sensor.Source, error) {
	files, err := runtimefiles.New(runtimefiles.Config{})
	if err != nil {
		return nil, err
	}
	cfg := sensor.DefaultConfig()
	cfg.NodeName, cfg.Version, cfg.Ready = f.nodeName(a.env), buildVersion(), ready
	if f.state != "" {
		cfg.Sessions = sensor.State{Path: f.state}.Load
	}
	return sensor.New(cfg, s, sensor.NodeClock{}, sensor.NewNode(files, f.host)), nil
}

// run watches until ctx is done, then stops in two steps, and tells what came of it.
func (r *liveRun) run(ctx context.Context) error {
	r.keeper = &keeper{Decoder: kernel.NewDecoder(), state: sensor.State{Path: r.flags.state}, now: time.Now, failed: func(err error) {
		r.screen.println(event.Escape(err.Error()) + ": after a restart, what runs in containers now will be of unseen origin")
	}}
	rules := r.rules.alertRules()
	d := detector.New(detector.DefaultConfig(), rules)
	p := pipeline.New(r.config(), pipeline.Parts{
		Lanes:    []pipeline.Lane{{Source: r.source, Worker: r.worker, InOrder: true}},
		Detector: d,
		Sink:     r.sink,
	})
	stopMetrics, err := r.serveMetrics(p)
	if err != nil {
		return errors.Join(err, r.sink.Close(), r.kernel.Close())
	}
	defer stopMetrics()
	began := time.Now()
	report, err := stopInSteps(ctx, r.source.Stop, p.Run)
	if !errors.Is(err, errStuck) {
		r.keeper.keep()
	}
	s := liveSummary{
		summary: summary{Report: report, Stats: d.Stats(), elapsed: time.Since(began), titles: titles(rules)}, sensor: r.source.Stats(),
	}
	if !errors.Is(err, errStuck) {
		err = errors.Join(err, r.sink.Close())
	}
	err = errors.Join(err, r.kernel.Close())
	if errors.Is(err, syscall.EPIPE) {
		err = nil // whoever read the alerts has seen enough
	}
	s.print(r.app.err)
	return r.status(err, &s.summary)
}

// serveMetrics serves metrics where they are asked for.
func (r *liveRun) serveMetrics(p *pipeline.Pipeline) (stop func(), err error) {
	if r.flags.metrics == "" {
		return func() {}, nil
	}
	return serveMetrics(r.flags.metrics, newRunMetrics(p.Events, r.source.Stats, r.sink.counts))
}

// config is how the pipeline runs: what happens is given out at once.
func (r *liveRun) config() pipeline.Config {
	cfg := pipeline.DefaultConfig()
	cfg.Live, cfg.Fault = true, r.fault
	return cfg
}

// worker makes what decodes and judges the stream.
func (r *liveRun) worker() (pipeline.Decoder, pipeline.Judge) {
	judge := r.rules.judge()
	if r.flags.events {
		judge = pipeline.EveryEvent(judge)
	}
	return r.keeper, judge
}

// ready says on standard error that nothing is missed from now on, and what is not seen at all.
func (r *liveRun) ready(s *kernel.Start) {
	var missing []string
	for _, h := range s.Hooks {
		if h.Mechanism == "" {
			missing = append(missing, h.Name)
		}
	}
	if len(missing) > 0 {
		r.screen.println("not watched, since this kernel has no way for it ('parallax doctor' tells more): " + strings.Join(missing, ", "))
	}
	r.screen.println(fmt.Sprintf("ready: kernel sensor on %s, %d of %d hooks, %s",
		event.Escape(s.Node), len(s.Hooks)-len(missing), len(s.Hooks), counted(uint64(len(r.rules.Rules())), "rule", "rules")))
}

// fault tells of a record that could not be read: there should be none.
func (r *liveRun) fault(f event.Fault) {
	r.faults++
	switch {
	case r.faults <= maxFaultsShown:
		r.screen.println(event.Escape(f.Error()))
	case r.faults == maxFaultsShown+1:
		r.screen.println("further bad records are counted and not shown")
	}
}

// status turns what happened into the command's error.
func (r *liveRun) status(err error, s *summary) error {
	if err != nil {
		return err
	}
	if s.reached(r.failOn) {
		return said(exitAlert)
	}
	return nil
}
