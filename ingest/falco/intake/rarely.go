package intake

import (
	"log/slog"
	"sync"
	"time"
)

// quiet is how long a warning is not said again.
const quiet = 10 * time.Second

// rarely logs warnings, each at most once in a while.
type rarely struct {
	log *slog.Logger

	mu   sync.Mutex
	last map[string]time.Time // by message, which is one of ours; guarded by mu
}

func newRarely(log *slog.Logger) *rarely {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &rarely{log: log, last: map[string]time.Time{}}
}

func (r *rarely) warn(msg string, args ...any) {
	r.mu.Lock()
	now := time.Now()
	said, before := r.last[msg]
	again := !before || now.Sub(said) >= quiet
	if again {
		r.last[msg] = now
	}
	r.mu.Unlock()
	if again {
		r.log.Warn(msg, args...)
	}
}
