package pipeline

import (
	"context"
	"math"
	"sync"
)

// Lane is one kind of input, with an order of its own.
type Lane struct {
	Source Source
	// Worker makes one worker.
	Worker func() Worker
	// InOrder says that the worker keeps state from batch to batch: one goroutine reads, decodes and judges, with nothing
	// between reading and judging. Otherwise Config.Workers share the batches.
	InOrder bool
}

// lane is a Lane at work, and how far it has come.
type lane struct {
	*stage
	lowNs int64 // nothing older is expected of it; the least number there is where that is not known
}

func startLanes(ctx context.Context, inputs []Lane, cfg Config) []*lane {
	var out []*lane
	for _, in := range inputs {
		out = append(out, &lane{startStage(ctx, in, cfg), math.MinInt64})
	}
	return out
}

// note takes the low mark of a batch; 0 says nothing.
func (l *lane) note(lowNs int64) {
	if lowNs != 0 {
		l.lowNs = lowNs
	}
}

// furthestBehind returns the lane of the least low mark, the first of several.
func furthestBehind(lanes []*lane) *lane {
	least := lanes[0]
	for _, l := range lanes[1:] {
		if l.lowNs < least.lowNs {
			least = l
		}
	}
	return least
}

// lowOf is the low mark of all lanes together; 0 where it is not known.
func lowOf(lanes []*lane) int64 {
	if l := furthestBehind(lanes); l.lowNs != math.MinInt64 {
		return l.lowNs
	}
	return 0
}

// outcome is what a lane gave: a job, or its end, with the error that it ended with.
type outcome struct {
	lane *lane
	job  *job
	err  error
}

// asTheyCome hands out what any of the lanes gives, in the order in which it comes, and the end of each. stop ends that.
func asTheyCome(ctx context.Context, lanes []*lane) (results <-chan outcome, stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	out, quit := make(chan outcome), make(chan struct{})
	var running sync.WaitGroup
	for _, l := range lanes {
		running.Go(func() {
			for more := true; more; {
				j, err := l.next(ctx)
				more = j != nil
				select {
				case out <- outcome{l, j, err}:
				case <-quit:
					return
				}
			}
		})
	}
	return out, func() {
		cancel()
		close(quit)
		running.Wait()
	}
}
