package tail

import (
	"context"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"time"
)

// follower is the goroutine of a log.
type follower struct {
	*log
	run   *run          // whose it is
	awake chan struct{} // something may have been written
	dirs  []string      // where its files are
	stop  context.CancelFunc

	view view // guarded by run.mu
}

// follow hands out what the log has, again and again, until ctx ends.
func (f *follower) follow(ctx context.Context) {
	defer f.close()
	for ctx.Err() == nil {
		now := time.Now()
		c := f.next(now)
		if c == nil {
			f.show(true)
			f.rest(ctx)
			continue
		}
		if !f.deliver(ctx, *c) {
			return
		}
		f.commit()
		f.show(false)
	}
}

// deliver calls store until it takes c; false where ctx ended first.
func (f *follower) deliver(ctx context.Context, c Chunk) bool {
	for try := 0; ; try++ {
		if f.run.store(ctx, c) == nil {
			f.counts.chunks.Add(1)
			return true
		}
		f.counts.retries.Add(1)
		if !sleep(ctx, backoff(try)) {
			return false
		}
	}
}

// Delays before store is called again.
const (
	firstBackoff = 100 * time.Millisecond
	maxBackoff   = 5 * time.Second
)

// backoff is the delay before a further try: doubled each time, and up to a quarter more so that logs do not try in step.
func backoff(try int) time.Duration {
	d := min(firstBackoff<<min(try, 10), maxBackoff)
	return d + rand.N(d/4)
}

// rest waits until something may have been written, and a little for more of it.
func (f *follower) rest(ctx context.Context) {
	if f.unsteady {
		sleep(ctx, f.cfg.settle)
		return
	}
	select {
	case <-ctx.Done():
	case <-f.awake:
		sleep(ctx, f.cfg.Gather)
	}
}

// sleep says whether d passed before ctx ended.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}

func (f *follower) wake() {
	select {
	case f.awake <- struct{}{}:
	default: // it is awake
	}
}

// concerns says whether a change of the file at path may concern the log.
func (f *follower) concerns(path string) bool {
	return path == f.path || slices.Contains(f.dirs, filepath.Dir(path))
}

// dirsOf are the directories that the files of a log are in.
func dirsOf(path string) []string {
	return slices.Compact([]string{filepath.Dir(path), filepath.Dir(realPath(path))})
}

// show lets others see how far the log has come. caughtUp says that everything has been read.
func (f *follower) show(caughtUp bool) {
	t := f.run.Tail
	t.mu.Lock()
	defer t.mu.Unlock()
	if caughtUp || f.view.caughtUp.IsZero() {
		f.view.caughtUp = time.Now()
	}
	f.view.path, f.view.atRest = f.path, caughtUp && len(f.open) == 0
	if f.moved {
		f.view.files, f.moved, t.dirty = f.marks(), false, true
	}
}

// seen is what show has shown.
func (f *follower) seen() view {
	f.run.mu.Lock()
	defer f.run.mu.Unlock()
	return f.view
}
