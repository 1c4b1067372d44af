package webhook

import "sync"

// room is what requests under way may hold together.
type room struct {
	maxBytes                 int64
	maxRequests, maxBySource int
	mu                       sync.Mutex
	bytes                    int64 // guarded by mu, as all below
	requests                 int
	bySource                 map[source]int // of those that have any
}

// enter lets a request of a source in; nil where there is no room.
func (r *room) enter(of source) *place {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.requests >= r.maxRequests || r.bySource[of] >= r.maxBySource {
		return nil
	}
	r.requests++
	r.bySource[of]++
	return &place{room: r, of: of, users: 1}
}

// now returns how many requests are under way and how many bytes they hold.
func (r *room) now() (requests int, bytes int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.requests, r.bytes
}

// place is what one request holds of the room, until all who use it have left.
type place struct {
	room  *room
	of    source
	bytes int64 // guarded by room.mu
	users int   // guarded by room.mu
}

// take reserves n bytes more; n may be negative. It is false where there are none left.
func (p *place) take(n int64) bool {
	p.room.mu.Lock()
	defer p.room.mu.Unlock()
	if p.room.bytes+n > p.room.maxBytes {
		return false
	}
	p.room.bytes += n
	p.bytes += n
	return true
}

// share adds a user.
func (p *place) share() {
	p.room.mu.Lock()
	defer p.room.mu.Unlock()
	p.users++
}

// leave ends one use; the last one gives everything back.
func (p *place) leave() {
	r := p.room
	r.mu.Lock()
	defer r.mu.Unlock()
	if p.users--; p.users > 0 {
		return
	}
	r.bytes -= p.bytes
	r.requests--
	if r.bySource[p.of]--; r.bySource[p.of] == 0 {
		delete(r.bySource, p.of)
	}
}
