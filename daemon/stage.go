package daemon

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// stage is a number of parts that are stopped together. A part is a function that runs until its context ends.
type stage struct {
	ctx     context.Context
	cancel  context.CancelFunc
	failed  func(error) // told of each part that ends with an error, or too early; any goroutine calls it
	running sync.WaitGroup
}

// newStage returns a stage whose parts do not end with ctx, but when stop is called.
func newStage(ctx context.Context, failed func(error)) *stage {
	s := &stage{failed: failed}
	s.ctx, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	return s
}

// start runs a part.
func (s *stage) start(name string, run func(context.Context) error) {
	s.running.Go(func() {
		err := run(s.ctx)
		if s.ctx.Err() != nil && (err == nil || errors.Is(err, context.Canceled)) {
			return
		}
		if err == nil {
			err = errors.New("ended by itself")
		}
		s.failed(fmt.Errorf("%s: %w", name, err))
	})
}

// stop ends the parts and waits for them until grace is done, and a little longer. It says whether all have ended.
func (s *stage) stop(grace context.Context) bool {
	s.cancel()
	return s.wait(grace) || s.wait(soon(context.WithoutCancel(grace)))
}

// soon is done in a time in which everything ends that does not hang.
func soon(ctx context.Context) context.Context {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	context.AfterFunc(ctx, cancel)
	return ctx
}

// wait waits for the parts until grace is done, and says whether all have ended.
func (s *stage) wait(grace context.Context) bool {
	done := make(chan struct{})
	go func() {
		s.running.Wait()
		close(done)
	}()
	select {
	case <-done:
		return true
	case <-grace.Done():
		return false
	}
}
