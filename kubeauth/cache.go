package kubeauth

import (
	"crypto/sha256"
	"time"
)

// key is what is kept of a token: its hash.
type key [sha256.Size]byte

// answer is what a token came to.
type answer struct {
	node  string // accepted
	err   error  // refused
	until time.Time
}

// cache remembers answers for a time that is the same for all, so that the oldest is the first to end. At its bound the oldest is forgotten.
// Its methods are not safe for concurrent use.
type cache struct {
	ttl     time.Duration
	answers map[key]answer
	order   []key // ring of those in answers, the oldest at next
	next    int
}

func newCache(ttl time.Duration, most int) *cache {
	return &cache{ttl: ttl, answers: map[key]answer{}, order: make([]key, 0, most)}
}

// get returns what is known of a token.
func (c *cache) get(k key, now time.Time) (answer, bool) {
	a, ok := c.answers[k]
	if ok && !now.Before(a.until) {
		return answer{}, false
	}
	return a, ok
}

// put remembers an answer. One that replaces another keeps its place, and so may be forgotten early.
func (c *cache) put(k key, a answer, now time.Time) {
	if c.ttl == 0 {
		return
	}
	a.until = now.Add(c.ttl)
	if _, known := c.answers[k]; !known {
		c.makeRoom(k)
	}
	c.answers[k] = a
}

func (c *cache) makeRoom(k key) {
	if len(c.order) < cap(c.order) {
		c.order = append(c.order, k)
		return
	}
	delete(c.answers, c.order[c.next])
	c.order[c.next] = k
	c.next = (c.next + 1) % len(c.order)
}
