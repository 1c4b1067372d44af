package main

import (
	"context"
	"errors"
	"time"

	"github.com/parallax-sec/parallax/pipeline"
)

// How long a run that was told to stop may take to give out what it has, and then to end without.
const (
	drainTime = 5 * time.Second
	abortTime = time.Second
)

// errStuck is what a run ends with that cannot give out what it has, since nobody takes it.
var errStuck = errors.New("what takes the alerts has taken none for 6 s: those that it had not taken are lost")

// stopInSteps runs a pipeline until it ends. When ctx is done, intake ends and what was taken in is given out, for a bounded time; then
// the pipeline's own context ends; what even then hangs in a write is left behind.
func stopInSteps(ctx context.Context, stop func(), run func(context.Context) (pipeline.Report, error)) (pipeline.Report, error) {
	type outcome struct {
		report pipeline.Report
		err    error
	}
	hard, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	done := make(chan outcome, 1)
	go func() {
		report, err := run(hard)
		done <- outcome{report, err}
	}()
	select {
	case o := <-done:
		return o.report, o.err
	case <-ctx.Done():
		stop()
	}
	for _, wait := range []time.Duration{drainTime, abortTime} {
		select {
		case o := <-done:
			if errors.Is(o.err, context.Canceled) {
				o.err = errStuck
			}
			return o.report, o.err
		case <-time.After(wait):
			cancel()
		}
	}
	return pipeline.Report{}, errStuck
}
