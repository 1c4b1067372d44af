package pipeline

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// saveEvery is how far apart checkpoints are stored at least.
const saveEvery = 200 * time.Millisecond

// finalSave bounds how long the last checkpoint may take when the run has ended.
const finalSave = 5 * time.Second

// Saver stores the checkpoint of a stream, not each one, and never an older one after a newer one. Use NewSaver.
type Saver struct {
	save  func(context.Context, Checkpoint) error
	retry func(error) bool
	wake  chan struct{}

	mu     sync.Mutex
	latest Checkpoint // guarded by mu
}

// NewSaver returns a saver that stores with save, and tries again what failed with an error that retry says so of; nil: of none.
func NewSaver(save func(context.Context, Checkpoint) error, retry func(error) bool) *Saver {
	return &Saver{save: save, retry: retry, wake: make(chan struct{}, 1)}
}

// Set tells of a checkpoint, which is stored soon. It does not block.
func (s *Saver) Set(c Checkpoint) {
	s.mu.Lock()
	s.latest = c
	s.mu.Unlock()
	signal(s.wake)
}

// Run stores checkpoints until ctx ends, and then the last one. It returns what storing failed with for good.
func (s *Saver) Run(ctx context.Context) error {
	for {
		select {
		case <-s.wake:
		case <-ctx.Done():
			return s.last(ctx)
		}
		if err := s.store(ctx); err != nil {
			return err
		}
		_ = pause(ctx, saveEvery)
	}
}

// store stores the latest checkpoint. Where that has to be tried again, Run does so.
func (s *Saver) store(ctx context.Context) error {
	s.mu.Lock()
	c := s.latest
	s.mu.Unlock()
	err := s.save(ctx, c)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil || s.retry != nil && s.retry(err):
		signal(s.wake)
		return nil
	}
	return fmt.Errorf("store the checkpoint: %w", err)
}

// last stores the last checkpoint, where it is not stored, though ctx has ended.
func (s *Saver) last(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), finalSave)
	defer cancel()
	for {
		select {
		case <-s.wake:
		default:
			return nil
		}
		if err := s.store(ctx); err != nil {
			return err
		}
		if len(s.wake) > 0 && pause(ctx, saveEvery) != nil {
			return fmt.Errorf("store the checkpoint: %w", ctx.Err())
		}
	}
}
