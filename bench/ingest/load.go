package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/parallax-sec/parallax/bench/auditlog"
)

// load is how clients send.
type load struct {
	clients int
	every   time.Duration // a batch is due each time so much has passed, whoever has answered what; 0: as soon as the last is answered
	length  time.Duration
}

// send sends batches and returns how long each took to be answered, from when it was due.
func (l *load) send(ctx context.Context, client *http.Client, url string, events []auditlog.Template) ([]time.Duration, error) {
	var (
		mu    sync.Mutex
		took  []time.Duration // guarded by mu
		batch atomic.Int64
	)
	begun := time.Now()
	group, ctx := errgroup.WithContext(ctx)
	for range l.clients {
		group.Go(func() error {
			var body []byte
			for {
				n := batch.Add(1) - 1
				due := time.Now()
				if l.every > 0 {
					due = begun.Add(time.Duration(n) * l.every)
				}
				if due.Sub(begun) >= l.length {
					return nil
				}
				body = appendBatch(body[:0], events, n)
				if err := sleep(ctx, time.Until(due)); err != nil {
					return err
				}
				if l.every == 0 {
					due = time.Now()
				}
				if err := post(ctx, client, url, body); err != nil {
					return err
				}
				mu.Lock()
				took = append(took, time.Since(due))
				mu.Unlock()
			}
		})
	}
	return took, group.Wait()
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func post(ctx context.Context, client *http.Client, url string, body []byte) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"?timeout=30s", bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	a, err := client.Do(r)
	if err != nil {
		return err
	}
	defer a.Body.Close()
	if a.StatusCode != http.StatusOK || a.ProtoMajor != 2 {
		return fmt.Errorf("%s over %s", a.Status, a.Proto)
	}
	return nil
}

// itemHead is what the lines of a log begin with, and the items of a list do not.
var itemHead = []byte(`"kind":"Event","apiVersion":"audit.k8s.io/v1",`)

// appendBatch appends an EventList as the API server sends it: the n-th, of events that end now.
func appendBatch(body []byte, events []auditlog.Template, n int64) []byte {
	body = append(body, `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[`...)
	now := time.Now()
	var line []byte
	for i := range int64(batchEvents) {
		at := n*batchEvents + i
		line = events[at%int64(len(events))].AppendAt(line[:0], at, now)
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, '{')
		body = append(body, bytes.TrimPrefix(bytes.TrimSuffix(line, []byte("\n"))[1:], itemHead)...)
	}
	return append(body, "]}\n"...)
}
