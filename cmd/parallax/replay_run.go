package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/parallax-sec/parallax/detector"
	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/audit"
	"github.com/parallax-sec/parallax/ingest/audit/logfile"
	"github.com/parallax-sec/parallax/pipeline"
	"github.com/parallax-sec/parallax/sinks"
	"github.com/parallax-sec/parallax/sinks/jsonl"
	"github.com/parallax-sec/parallax/sinks/text"
)

// maxFaultsShown is how many bad lines are told one by one.
const maxFaultsShown = 20

// replay is one replay, ready to run.
type replay struct {
	app    *app
	cfg    pipeline.Config
	failOn int // severity; 0 is never
	rules  *ruleSet
	reader *logfile.Reader
	sink   sinks.Sink
	screen *screen
	toFile bool // alerts go to a file
	faults int
}

// newReplay checks the flags, loads the rules, opens the logs and then the output, in this order: nothing is written before
// all else is known to be right.
func (a *app) newReplay(f *replayFlags, files []string, now time.Time) (*replay, error) {
	r := &replay{app: a, screen: &screen{w: a.err}, toFile: f.out != ""}
	var err error
	if r.cfg, err = f.config(now); err != nil {
		return nil, err
	}
	if r.failOn, err = severityFlag("fail-on", f.failOn); err != nil {
		return nil, err
	}
	format, err := f.format(a.outTerminal)
	if err != nil {
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
	if r.reader, err = logfile.Open(logfile.DefaultConfig(), files, a.in); err != nil {
		return nil, err
	}
	if r.sink, err = a.openSink(format, f.out); err != nil {
		return nil, errors.Join(err, r.reader.Close())
	}
	return r, nil
}

// openSink opens the sink for alerts of a format; out is a file's name, or empty for standard output.
func (a *app) openSink(format, out string) (sinks.Sink, error) {
	var w io.WriteCloser = keepOpen{a.out}
	if out != "" {
		file, err := os.OpenFile(out, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600) // alerts tell much about a cluster
		if err != nil {
			return nil, fmt.Errorf("open output: %w", err)
		}
		w = file
	}
	if format == "json" {
		return jsonl.New(w), nil
	}
	return text.New(text.Config{Colour: out == "" && a.outTerminal && a.env("NO_COLOR") == "" && a.env("TERM") != "dumb"}, w), nil
}

// keepOpen is standard output, which is not closed.
type keepOpen struct{ io.Writer }

func (keepOpen) Close() error { return nil }

// run runs the replay and tells what came of it.
func (r *replay) run(ctx context.Context) error {
	r.cfg.Fault = r.fault
	rules := r.rules.alertRules()
	d := detector.New(detector.DefaultConfig(), rules)
	p := pipeline.New(r.cfg, pipeline.Parts{
		Lanes: []pipeline.Lane{{
			Source: r.reader,
			Worker: func() (pipeline.Decoder, pipeline.Judge) { return audit.NewDecoder(), r.rules.judge() },
		}},
		Detector: d,
		Sink:     r.sink,
	})
	began := time.Now()
	stopWatching := r.watch(p, began)
	report, err := p.Run(ctx)
	stopWatching()
	s := summary{Report: report, Stats: d.Stats(), elapsed: time.Since(began), titles: titles(rules)}
	if s.interrupted = errors.Is(err, context.Canceled); s.interrupted {
		err = nil
	}
	err = errors.Join(err, r.sink.Close(), r.reader.Close())
	if errors.Is(err, syscall.EPIPE) {
		err = nil // whoever read the alerts has seen enough
	}
	s.print(r.app.err)
	return r.status(err, &s)
}

// watch shows how far p has come, on a terminal that alerts are not shown on at the same time.
func (r *replay) watch(p *pipeline.Pipeline, began time.Time) (stop func()) {
	if !r.app.errTerminal || r.app.outTerminal && !r.toFile {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		watch(ctx, r.screen, func() progress {
			read, total := r.reader.Progress()
			return progress{readBytes: read, totalBytes: total, events: p.Events(), elapsed: time.Since(began)}
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
	for severity := range s.BySeverity {
		if r.failOn != 0 && severity >= r.failOn {
			return said(exitAlert)
		}
	}
	return nil
}

func titles(rules []event.Rule) map[string]string {
	out := make(map[string]string, len(rules))
	for i := range rules {
		out[rules[i].Key()] = rules[i].Name
	}
	return out
}
