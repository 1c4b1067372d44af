package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/parallax-sec/parallax/daemon"
	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/kernel"
	"github.com/parallax-sec/parallax/ingest/kernel/sensor"
)

// record is one recording, ready to begin.
type record struct {
	app    *app
	flags  *recordFlags
	source *daemon.Sensor
	file   *recordingFile
	screen *screen
}

// newRecord checks the flags, loads the sensor, and creates the file at last.
func (a *app) newRecord(f *recordFlags) (*record, error) {
	if err := f.check(a.outTerminal); err != nil {
		return nil, err
	}
	r := &record{app: a, flags: f, screen: &screen{w: a.err}}
	if err := r.openAll(); err != nil {
		return nil, errors.Join(err, r.close())
	}
	return r, nil
}

func (r *record) openAll() (err error) {
	cfg := sensor.DefaultConfig()
	cfg.Ready, cfg.Version = r.ready, buildVersion()
	if r.source, err = daemon.OpenSensor(cfg, &r.flags.sensor, r.app.env); err != nil {
		return configured(err)
	}
	r.file, err = r.app.createRecording(r.flags.out, r.flags.force)
	return err
}

// close closes what was opened, the file first.
func (r *record) close() (err error) {
	if r.file != nil {
		err = r.file.Close()
	}
	if r.source != nil {
		err = errors.Join(err, r.source.Close())
	}
	return err
}

func (r *record) ready(s *kernel.Start) { r.screen.println(readyLine(s, "recording to "+r.flags.out)) }

// run records until ctx is done or the time is over, and tells what came of it.
func (r *record) run(ctx context.Context) error {
	if r.flags.duration > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, r.flags.duration)
		defer cancel()
	}
	defer context.AfterFunc(ctx, r.source.Stop)()
	began := time.Now()
	stopFlushing := r.file.keepFlushing()
	stopWatching := r.watch(began)
	err := r.copy(context.WithoutCancel(ctx))
	stopWatching()
	err = errors.Join(err, stopFlushing(), r.close())
	s := r.source.Stats()
	fmt.Fprintf(r.app.err, "%s in %s, %s\n", counted(s.Records, "record", "records"), time.Since(began).Round(time.Second), size(float64(r.file.written.Load())))
	printLosses(r.app.err, &s)
	return err
}

// copy writes what comes until the source ends.
func (r *record) copy(ctx context.Context) error {
	for {
		b, err := r.source.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, f := range b.Faults {
			r.screen.println(event.Escape(f.Error()))
		}
		err = r.file.Write(b.Data)
		b.Release()
		if err != nil {
			return err
		}
	}
}

// watch shows how far the recording has come, on a terminal.
func (r *record) watch(began time.Time) (stop func()) {
	if !r.app.errTerminal {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		watch(ctx, r.screen, func() string {
			s := r.source.Stats()
			return recordLine(&s, r.file.written.Load(), time.Since(began))
		})
	})
	return func() {
		cancel()
		running.Wait()
	}
}

// recordLine is one line of at most 79 characters.
func recordLine(s *sensor.Stats, written int64, elapsed time.Duration) string {
	line := fmt.Sprintf("%s  %s, %s", elapsed.Round(time.Second), counted(s.Records, "record", "records"), size(float64(written)))
	if n := s.LostRecords(); n > 0 {
		line += fmt.Sprintf(", %s lost", grouped(n))
	}
	return line
}
