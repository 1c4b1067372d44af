package intake

import (
	"context"
	"time"
)

// Store keeps an alert, a JSON object in one line, of a sender. It returns nil when the alert is durable; any error may be tried again. It
// does not keep the slice. It may be called by several goroutines.
type Store func(ctx context.Context, sender string, alert []byte) error

// The times between tries to store.
const (
	firstRetry = 50 * time.Millisecond
	lastRetry  = 2 * time.Second
)

// persist stores an alert, again and again until ctx ends; then it returns the store's last error. failed is told of each error.
func persist(ctx context.Context, store Store, sender string, alert []byte, failed func(error)) error {
	for wait := firstRetry; ; wait = min(2*wait, lastRetry) {
		err := store(ctx, sender, alert)
		if err == nil {
			return nil
		}
		failed(err)
		if !sleep(ctx, wait) {
			return err
		}
	}
}

// sleep waits, and says whether ctx lasted as long.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
