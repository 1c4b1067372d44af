package pipeline

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSaver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var saved []uint64
		s := NewSaver(func(_ context.Context, c Checkpoint) error {
			saved = append(saved, c.Seq)
			return nil
		}, nil)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- s.Run(ctx) }()
		for i := range uint64(1000) { // for a second
			s.Set(Checkpoint{Seq: i + 1})
			time.Sleep(time.Millisecond)
		}
		synctest.Wait()
		if len(saved) != 6 || saved[0] != 1 {
			t.Errorf("%v", saved)
		}
		cancel()
		if err := <-done; err != nil || saved[len(saved)-1] != 1000 {
			t.Errorf("%v, %v", err, saved)
		}
	})
}

func TestSaverTriesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		away, tries := errors.New("away"), []uint64(nil)
		s := NewSaver(func(_ context.Context, c Checkpoint) error {
			if tries = append(tries, c.Seq); len(tries) < 4 {
				return away
			}
			return nil
		}, func(err error) bool { return errors.Is(err, away) })
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- s.Run(ctx) }()
		s.Set(Checkpoint{Seq: 1})
		synctest.Wait()
		s.Set(Checkpoint{Seq: 2})
		time.Sleep(300 * time.Millisecond)
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff([]uint64{1, 2, 2, 2}, tries); diff != "" {
			t.Error(diff)
		}
	})
}

// A checkpoint that another process has written since ends the run; one that cannot be written at the end is told of, in a bounded time.
func TestSaverFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fenced := errors.New("fenced")
		for _, retry := range []bool{false, true} {
			s := NewSaver(func(context.Context, Checkpoint) error { return fenced }, func(error) bool { return retry })
			s.Set(Checkpoint{Seq: 1})
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			began := time.Now()
			if err := s.Run(ctx); err == nil || !retry && !errors.Is(err, fenced) || time.Since(began) > finalSave+2*time.Second {
				t.Errorf("%v after %s", err, time.Since(began))
			}
			cancel()
		}
	})
}
