package main

import (
	"context"
	"errors"
	"os"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/parallax-sec/parallax/detector"
	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/kernel"
	"github.com/parallax-sec/parallax/ingest/kernel/sensor"
	"github.com/parallax-sec/parallax/pipeline"
)

// liveRun is one run of the sensor, ready to begin.
type liveRun struct {
	app    *app
	flags  *runFlags
	failOn int // severity; 0 is never
	rules  *ruleSet
	source *sensor.Source
	keeper *keeper
	sink   *counting
	tape   *recordingFile // nil: nothing is recorded
	screen *screen
	open   closers
	faults int
}

// newRun checks the flags, loads the rules, then the sensor, and opens the outputs at last.
func (a *app) newRun(f *runFlags) (*liveRun, error) {
	r := &liveRun{app: a, flags: f, screen: &screen{w: a.err}}
	var err error
	if r.failOn, err = severityFlag("fail-on", f.failOn); err != nil {
		return nil, err
	}
	if err := f.checkForm(); err != nil {
		return nil, err
	}
	if r.rules, err = a.loadRules(&f.ruleFlags); err != nil {
		return nil, err
	}
	if err := r.openAll(); err != nil {
		return nil, errors.Join(err, r.open.close())
	}
	return r, nil
}

func (r *liveRun) openAll() error {
	r.keeper = &keeper{Decoder: kernel.NewDecoder(), state: sensor.State{Path: r.flags.state}, failed: func(err error) {
		r.screen.println(event.Escape(err.Error()) + ": after a restart, what runs in containers now will be of unseen origin")
	}}
	cfg := sensor.DefaultConfig()
	cfg.Ready, cfg.Tick = r.ready, r.keeper.keep
	var err error
	if r.source, err = r.app.openSensor(cfg, &r.flags.sensorFlags, &r.open); err != nil {
		return err
	}
	if r.flags.record != "" {
		if r.tape, err = r.app.createRecording(r.flags.record, false); err != nil {
			return err
		}
		r.open.add(r.tape.Close)
	}
	sink, err := r.app.openSink(&r.flags.outFlags, os.O_APPEND)
	if err != nil {
		return err
	}
	r.open.add(sink.Close)
	r.sink = &counting{Sink: sink, bySeverity: map[int]uint64{}}
	return nil
}

// run watches until ctx is done, then stops in two steps, and tells what came of it.
func (r *liveRun) run(ctx context.Context) error {
	d := detector.New(detector.DefaultConfig())
	p := r.pipeline(d)
	stopMetrics, err := r.serveMetrics(p)
	if err != nil {
		return errors.Join(err, r.open.close())
	}
	began := time.Now()
	report, err := stopInSteps(ctx, r.source.Stop, p.Run)
	stopMetrics()
	s := liveSummary{summary{Report: report, Stats: d.Stats(), elapsed: time.Since(began), titles: r.rules.titles()}, r.stats()}
	if !errors.Is(err, errStuck) { // else the pipeline holds on to what would be closed
		r.keeper.finish()
		err = errors.Join(err, r.open.close())
	}
	if errors.Is(err, syscall.EPIPE) {
		err = nil // whoever read the alerts has seen enough
	}
	s.print(r.app.err)
	if err == nil && s.reached(r.failOn) {
		return said(exitAlert)
	}
	return err
}

// pipeline is what the stream goes through. What happens is given out at once.
func (r *liveRun) pipeline(d *detector.Detector) *pipeline.Pipeline {
	cfg := pipeline.DefaultConfig()
	cfg.Live, cfg.Fault = true, r.fault
	judge := r.rules.judge()
	if r.flags.events {
		judge = pipeline.EveryEvent(judge)
	}
	return pipeline.New(cfg, pipeline.Parts{
		Lanes: []pipeline.Lane{{
			Source: r.taped(), Worker: func() pipeline.Worker { return pipeline.Judged(r.keeper, judge) }, InOrder: true,
		}},
		Detector: d,
		Sink:     r.sink,
	})
}

// taped is the source, of which a recording gets what comes where it is asked for. Alerts go on where that fails.
func (r *liveRun) taped() pipeline.Source {
	if r.tape == nil {
		return r.source
	}
	r.open.add(r.tape.keepFlushing())
	failed := false
	return teed{r.source, func(frames []byte) {
		if err := r.tape.Write(frames); err != nil && !failed {
			failed = true
			r.screen.println(event.Escape(err.Error()) + ": the recording ends here")
		}
	}}
}

// stats is what the source has counted, and what the decoder had no room for.
func (r *liveRun) stats() sensor.Stats {
	s := r.source.Stats()
	s.Lost = withLost(s.Lost, r.keeper.Lost())
	return s
}

// serveMetrics serves metrics where they are asked for.
func (r *liveRun) serveMetrics(p *pipeline.Pipeline) (stop func(), err error) {
	if r.flags.metrics == "" {
		return func() {}, nil
	}
	return serveMetrics(r.flags.metrics, newRunMetrics(p.Events, r.stats, r.sink.counts))
}

// ready says on standard error that nothing is missed from now on. What loading took of memory, which is most that the program ever
// takes, goes back.
func (r *liveRun) ready(s *kernel.Start) {
	go debug.FreeOSMemory()
	r.screen.println(readyLine(s, counted(uint64(len(r.rules.Rules())), "rule", "rules")))
}

// fault tells of what went wrong in the stream: there should be nothing.
func (r *liveRun) fault(f event.Fault) {
	r.faults++
	switch {
	case r.faults <= maxFaultsShown:
		r.screen.println(event.Escape(f.Error()))
	case r.faults == maxFaultsShown+1:
		r.screen.println("further faults are counted and not shown")
	}
}
