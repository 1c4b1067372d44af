package daemon

import (
	"context"
	"slices"
	"strings"
	"sync"
)

// waiting knows which inputs are not live yet. Its methods may be called from any goroutine.
type waiting struct {
	mu    sync.Mutex
	open  map[string]bool // guarded by mu: inputs that are not live
	texts []string        // guarded by mu: what each that is live tells
	all   chan struct{}   // closed when all are
	begun bool            // guarded by mu: all that there are have been named
}

func newWaiting() *waiting { return &waiting{open: map[string]bool{}, all: make(chan struct{})} }

// expect names an input, before wait.
func (w *waiting) expect(name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open[name] = true
}

// reached says that an input is live; the second time it says nothing.
func (w *waiting) reached(name, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.open[name] {
		return
	}
	delete(w.open, name)
	if text != "" {
		w.texts = append(w.texts, text)
	}
	w.check()
}

// wait waits until all inputs are live, or returns the context's error.
func (w *waiting) wait(ctx context.Context) error {
	w.mu.Lock()
	w.begun = true
	w.check()
	w.mu.Unlock()
	select {
	case <-w.all:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// check ends the waiting where nothing is open. mu is held.
func (w *waiting) check() {
	if w.begun && len(w.open) == 0 {
		select {
		case <-w.all:
		default:
			close(w.all)
		}
	}
}

// missing names the inputs that are not live.
func (w *waiting) missing() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
	for name := range w.open {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// text tells what is live.
func (w *waiting) text() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	slices.Sort(w.texts)
	return strings.Join(w.texts, "; ")
}
