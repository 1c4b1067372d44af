package watch

import (
	"context"
	"fmt"
	"sync"
)

// hub gives each document to the views that want it.
type hub struct {
	mu    sync.Mutex
	views map[*View]struct{} // guarded by mu
	err   error              // why no more documents come; guarded by mu
}

func newHub() *hub { return &hub{views: map[*View]struct{}{}} }

func (h *hub) put(d Document) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for v := range h.views {
		if v.want(d) {
			v.docs = append(v.docs, d)
			v.wake()
		}
	}
}

// end wakes everybody who waits: no more will come.
func (h *hub) end(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.err = err
	for v := range h.views {
		v.wake()
	}
}

// View is the documents of one kind that came since it was opened.
type View struct {
	hub  *hub
	want func(Document) bool
	docs []Document    // guarded by hub.mu
	came chan struct{} // of capacity 1
}

// View opens a view of the documents that want says yes to. want must not block.
func (h *hub) View(want func(Document) bool) *View {
	v := &View{hub: h, want: want, came: make(chan struct{}, 1)}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.views[v] = struct{}{}
	return v
}

// Close ends the view.
func (v *View) Close() {
	v.hub.mu.Lock()
	defer v.hub.mu.Unlock()
	delete(v.hub.views, v)
}

func (v *View) wake() {
	select {
	case v.came <- struct{}{}:
	default:
	}
}

// All returns the documents that came so far, in the order in which they came.
func (v *View) All() []Document {
	v.hub.mu.Lock()
	defer v.hub.mu.Unlock()
	return v.docs[:len(v.docs):len(v.docs)]
}

// Wait returns the first document that holds all of want, and waits for it as long as ctx allows. One goroutine at a time may wait.
func (v *View) Wait(ctx context.Context, want map[string]string) (Document, error) {
	found, err := v.WaitN(ctx, want, 1)
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// WaitN is Wait for the first n documents.
func (v *View) WaitN(ctx context.Context, want map[string]string, n int) ([]Document, error) {
	var found []Document
	for seen := 0; ; {
		docs, end := v.from(seen)
		seen += len(docs)
		for _, d := range docs {
			if d.Has(want) {
				found = append(found, d)
			}
			if len(found) == n {
				return found, nil
			}
		}
		if end != nil {
			return found, fmt.Errorf("%d of %d documents with %v came, %d others: %w", len(found), n, want, seen-len(found), end)
		}
		select {
		case <-v.came:
		case <-ctx.Done():
			return found, fmt.Errorf("%d of %d documents with %v came, %d others: %w", len(found), n, want, seen-len(found), ctx.Err())
		}
	}
}

// from returns the documents behind the first n, and why no more will come.
func (v *View) from(n int) ([]Document, error) {
	v.hub.mu.Lock()
	defer v.hub.mu.Unlock()
	if n < len(v.docs) {
		return v.docs[n:], nil
	}
	return nil, v.hub.err
}
