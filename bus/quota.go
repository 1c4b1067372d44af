package bus

import (
	"sync"
	"time"
)

// quota is how much each node may still store: a bucket of bytes that fills up over a period. It is safe for use by several
// goroutines.
type quota struct {
	most   float64
	rate   float64 // bytes per nanosecond
	now    func() time.Time
	mu     sync.Mutex
	used   map[string]usage // of those whose bucket is not full; guarded by mu
	swept  time.Time        // guarded by mu
	period time.Duration
}

// usage is what was taken from a bucket, at a time.
type usage struct {
	bytes float64
	at    time.Time
}

func newQuota(bytes int64, period time.Duration) *quota {
	return &quota{most: float64(bytes), rate: float64(bytes) / float64(period), now: time.Now, used: make(map[string]usage), period: period}
}

// take takes n bytes of a node's share, or nothing where it has not that much left.
func (q *quota) take(node string, n int64) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.now()
	q.sweep(now)
	left := q.left(q.used[node], now)
	if left+float64(n) > q.most {
		return false
	}
	q.used[node] = usage{left + float64(n), now}
	return true
}

// left is what is left of a usage now.
func (q *quota) left(u usage, now time.Time) float64 {
	return max(0, u.bytes-float64(now.Sub(u.at))*q.rate)
}

// sweep forgets, once a period, the nodes that have their whole share: there are no more entries than nodes were let in.
func (q *quota) sweep(now time.Time) {
	if now.Sub(q.swept) < q.period {
		return
	}
	q.swept = now
	for node, u := range q.used {
		if q.left(u, now) == 0 {
			delete(q.used, node)
		}
	}
}
