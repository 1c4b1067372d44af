package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/parallax-sec/parallax/event"
	"golang.org/x/sync/semaphore"
)

// stage reads the batches of a lane and has them judged. One goroutine reads, others decode and judge, or the same one where
// the lane is in order; next gives the results in the order of the input. The number of jobs bounds what is in flight: a
// reader that is ahead waits for one to be recycled.
type stage struct {
	input   Lane
	strict  bool          // nothing behind a fault is judged
	free    chan *job     // not in use
	work    chan *job     // read, for any worker
	ordered chan *job     // read, in the order of the input; closed at its end
	quit    chan struct{} // closed by stop
	cancel  context.CancelFunc
	running sync.WaitGroup
	room    *semaphore.Weighted // of maxBytesInFlight
	ahead   *job                // taken out of ordered, and not given yet; nil: none

	// err is what the source ended with, if not with io.EOF; it is set before ordered is closed.
	err error
}

// job is one batch and what a worker made of it. It is used again for later batches.
type job struct {
	Result
	batch *event.Batch
	done  chan struct{} // gets one value when the worker is done

	// Of the batch.
	lowNs      int64
	kind       event.BatchKind
	origin     string
	seq        uint64
	receivedNs int64
	rules      string
}

func startStage(ctx context.Context, input Lane, cfg Config) *stage {
	ctx, cancel := context.WithCancel(ctx)
	workers := max(cfg.Workers, 1)
	if input.InOrder {
		workers = 1
	}
	jobs := max(2*workers+1, cfg.ahead)
	s := &stage{
		input: input, strict: cfg.Strict, quit: make(chan struct{}), cancel: cancel,
		room: semaphore.NewWeighted(maxBytesInFlight), free: make(chan *job, jobs), work: make(chan *job, jobs), ordered: make(chan *job, jobs),
	}
	for range jobs {
		s.free <- &job{done: make(chan struct{}, 1)}
	}
	if input.InOrder {
		s.running.Go(func() { s.read(ctx, s.judgeHere()) })
		return s
	}
	s.running.Go(func() { s.read(ctx, s.handOn) })
	for range workers {
		s.running.Go(s.judge)
	}
	return s
}

// read hands out batches until the source ends or stop is called. No send blocks: there are no more jobs than room.
func (s *stage) read(ctx context.Context, judge func(context.Context, *job) error) {
	defer close(s.ordered)
	for {
		var j *job
		select {
		case j = <-s.free:
		case <-s.quit:
			return
		}
		var err error
		if j.batch, err = s.input.Source.Next(ctx); err == nil {
			err = judge(ctx, j)
		}
		if err != nil {
			s.err = readError(err)
			return
		}
		s.ordered <- j
	}
}

// handOn leaves j to the workers.
func (s *stage) handOn(ctx context.Context, j *job) error {
	if err := s.room.Acquire(ctx, j.weight()); err != nil {
		j.batch.Release()
		return err
	}
	s.work <- j
	return nil
}

// judgeHere returns what judges a job on the spot.
func (s *stage) judgeHere() func(context.Context, *job) error {
	worker := s.input.Worker()
	return func(_ context.Context, j *job) error {
		j.run(worker, s.strict)
		j.done <- struct{}{}
		return nil
	}
}

func readError(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return fmt.Errorf("read: %w", err)
}

func (s *stage) judge() {
	worker := s.input.Worker()
	for {
		select {
		case j := <-s.work:
			weight := j.weight()
			j.run(worker, s.strict)
			s.room.Release(weight)
			j.done <- struct{}{}
		case <-s.quit:
			return
		}
	}
}

// maxBytesInFlight bounds what has been read and not yet judged. Ordinary batches are far from it: it is for long lines.
const maxBytesInFlight = 16 << 20

// weight is the room that the job's batch takes, as much as there is for a larger one.
func (j *job) weight() int64 { return min(int64(len(j.batch.Data)), maxBytesInFlight) }

// run has the batch judged, with strict up to its first fault, and releases it.
func (j *job) run(worker Worker, strict bool) {
	b := j.batch
	j.reset(strict, b.ReceivedNs)
	j.Faults = append(j.Faults, b.Faults...)
	j.lowNs, j.kind, j.origin, j.seq, j.receivedNs, j.rules = b.LowNs, b.Kind, b.Origin, b.Seq, b.ReceivedNs, b.Rules
	worker.Work(b, &j.Result)
	b.Release()
	j.batch = nil
}

// next returns the next job that is done, or nil at the end, with the error that the source or the context ended with.
func (s *stage) next(ctx context.Context) (*job, error) {
	j := s.ahead
	if s.ahead = nil; j == nil {
		var more bool
		select {
		case j, more = <-s.ordered:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if !more {
			return nil, s.err
		}
	}
	<-j.done // soon: the workers run until stop
	return j, nil
}

// ready returns the next job if it is done by now, else nil.
func (s *stage) ready() *job {
	if s.ahead == nil {
		select {
		case s.ahead = <-s.ordered: // nil at the end, which next tells
		default:
		}
	}
	if s.ahead == nil {
		return nil
	}
	select {
	case <-s.ahead.done:
		j := s.ahead
		s.ahead = nil
		return j
	default:
		return nil
	}
}

// recycle takes back a job that next returned. Its matches are not used any more; the room of unusually many is let go.
func (s *stage) recycle(j *job) {
	j.forget()
	s.free <- j
}

// stop ends the reader and the workers, and waits for them.
func (s *stage) stop() {
	s.cancel()
	close(s.quit)
	s.running.Wait()
}
