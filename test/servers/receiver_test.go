//go:build servers

package servers

import (
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/parallax-sec/parallax/test/rig"
)

// receiver is a web server that alerts are posted to, by whichever hub is the active one.
type receiver struct {
	url string

	mu    sync.Mutex
	got   map[rig.Key]int // guarded by mu
	first []time.Time     // guarded by mu: when an alert came that had not come before
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &receiver{url: "http://" + l.Addr().String() + "/alerts", got: map[rig.Key]int{}}
	server := &http.Server{Handler: http.HandlerFunc(r.take)}
	go func() { _ = server.Serve(l) }() // until it is closed
	t.Cleanup(func() { _ = server.Close() })
	return r
}

// take takes one alert.
func (r *receiver) take(w http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(q.Body)
	if err != nil {
		return
	}
	key, err := rig.ParseKey(body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.got[key]++; r.got[key] == 1 {
		r.first = append(r.first, time.Now())
	}
}

// keys are the alerts that came, each once: a web server that took one, whose answer was lost, gets it again.
func (r *receiver) keys() map[rig.Key]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make(map[rig.Key]int, len(r.got))
	for k := range r.got {
		out[k] = 1
	}
	return out
}

// twice is how many alerts came that had come before.
func (r *receiver) twice() (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, times := range r.got {
		n += times - 1
	}
	return n
}

// count is how many different alerts came.
func (r *receiver) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.got)
}

// longestGap is the longest time in which no new alert came, from a moment on.
func (r *receiver) longestGap(since time.Time) (gap time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, at := range r.first {
		if at.After(since) {
			gap, since = max(gap, at.Sub(since)), at
		}
	}
	return gap
}
