package daemon

import (
	"context"
	"io"
	"sync"

	"github.com/parallax-sec/parallax/bus"
	"github.com/parallax-sec/parallax/detector"
	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/pipeline"
)

// term is one run of the stream, from the checkpoint on.
type term struct {
	hub      *hub
	stream   *pipeline.Stream
	detector *detector.Detector
	source   *drainable
	writer   string     // tells the checkpoints of this term from another hub's
	lease    *bus.Lease // nil where none is needed, or not yet had
	end      context.CancelCauseFunc

	saver *pipeline.Saver

	mu         sync.Mutex
	checkpoint bus.Checkpoint // guarded by mu: what is stored
	led        bool           // guarded by mu: this hub has been the active one
	done       uint64         // guarded by mu: what this term has saved
}

func (t *term) leading() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.led
}

// saved is the position that a restart goes on from.
func (t *term) saved() uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.done
}

// rebuildFrom is where a restart begins to read; 0: not known.
func (t *term) rebuildFrom() uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.checkpoint.RebuildFrom
}

// lead says that this hub is the active one from now on.
func (t *term) lead() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.led, t.done = true, t.checkpoint.Seq
}

// keepSaving saves the position while it moves, until ctx is done.
func (t *term) keepSaving(ctx context.Context) {
	if err := t.saver.Run(ctx); err != nil {
		t.end(err)
	}
}

// save saves a position. A restart reads again what is behind it.
func (t *term) save(ctx context.Context, to pipeline.Checkpoint) error {
	t.mu.Lock()
	next := t.checkpoint
	t.mu.Unlock()
	next.Seq, next.RebuildFrom, next.Rules, next.Writer = to.Seq, to.RebuildFrom, to.Rules, t.writer
	if err := t.active(); err != nil {
		return err
	}
	if err := t.hub.d.bus.SaveCheckpoint(ctx, &next); err != nil {
		return err
	}
	t.mu.Lock()
	t.checkpoint, t.done = next, next.Seq
	t.mu.Unlock()
	return nil
}

// active says with an error that another hub may be the active one.
func (t *term) active() error {
	if t.lease != nil && !t.lease.Held() {
		return bus.ErrFenced
	}
	return nil
}

// alertStore puts alerts into the stream of alerts. Events that are given out as they are go around it, last, since they would be
// given out again where the alerts have to wait.
type alertStore struct{ hub *hub }

// Write stores alerts.
func (s alertStore) Write(ctx context.Context, alerts []*event.Alert) error {
	var plain, stored []*event.Alert
	for _, a := range alerts {
		if a.Plain {
			plain = append(plain, a)
		} else {
			stored = append(stored, a)
		}
	}
	if len(stored) > 0 {
		if err := s.hub.d.bus.PutAlerts(ctx, stored); err != nil {
			return err
		}
	}
	if len(plain) == 0 {
		return nil
	}
	return s.hub.d.output.Write(ctx, plain)
}

// drainable is the stream as a source that can be told where to end.
type drainable struct {
	reader *bus.Reader

	mu     sync.Mutex
	last   uint64             // guarded by mu: of the batches that were handed out
	until  uint64             // guarded by mu: the last one that is wanted; 0: no end
	stop   context.CancelFunc // guarded by mu: ends the waiting for a batch
	isOver bool               // guarded by mu
}

// Next returns the next batch, and io.EOF behind the last one that is wanted.
func (s *drainable) Next(ctx context.Context) (*event.Batch, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.mu.Lock()
	s.stop = cancel
	over := s.over()
	s.mu.Unlock()
	if over {
		return nil, io.EOF
	}
	b, err := s.reader.Next(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		if s.over() {
			err = io.EOF
		}
		return nil, err
	}
	s.last = b.Seq
	return b, nil
}

// over says whether nothing more is wanted. mu is held.
func (s *drainable) over() bool {
	s.isOver = s.until != 0 && s.last >= s.until
	return s.isOver
}

// endAt says which batch is the last one that is wanted.
func (s *drainable) endAt(seq uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.until = max(seq, 1)
	if s.last >= seq && s.stop != nil {
		s.last = max(s.last, 1)
		s.stop()
	}
}

func (s *drainable) ended() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.isOver
}

func (s *drainable) end() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.until
}
