package webhook

import (
	"bytes"
	"log/slog"
	"sync"
	"time"
)

// logEvery is how often one kind of thing is logged: senders decide how often it happens.
const logEvery = 10 * time.Second

// rarely logs each kind of thing at most once in logEvery, with how often it was not logged.
type rarely struct {
	log *slog.Logger

	mu    sync.Mutex
	kinds map[string]*quiet // guarded by mu; the kinds are few, and constants
}

type quiet struct {
	last    time.Time
	skipped int
}

func (l *rarely) warn(kind string, args ...any) {
	if skipped, due := l.due(kind, time.Now()); due {
		l.log.Warn(kind, append(args, "more", skipped)...)
	}
}

func (l *rarely) due(kind string, now time.Time) (skipped int, due bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	q := l.kinds[kind]
	if q == nil {
		q = new(quiet)
		l.kinds[kind] = q
	} else if now.Sub(q.last) < logEvery {
		q.skipped++
		return 0, false
	}
	skipped, q.skipped, q.last = q.skipped, 0, now
	return skipped, true
}

// Write takes what net/http logs, one line a call: handshakes that failed, mostly.
func (l *rarely) Write(line []byte) (int, error) {
	l.warn("audit webhook: connection", "error", string(bytes.TrimSpace(line)))
	return len(line), nil
}
