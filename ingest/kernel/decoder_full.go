package kernel

import (
	"sync/atomic"

	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/event"
)

// fullReasons say what a decoder's own tables had no room for; they are the reasons of its events drop, beside those of Lost facts.
var fullReasons = [...]string{
	"table_full",      // processes that run and are forgotten
	"sessions_lost",   // those of them whose session is forgotten as well, and sessions from before a restart
	"containers_full", // containers, cgroups of containers and labels that were not taken
}

// full counts these, in their order.
type full [len(fullReasons)]uint64

func (s *stream) full() full {
	t := s.processes.Stats()
	return full{t.EvictedRunning, t.SessionsLost, s.containers.Refused()}
}

// tellFull makes what found no room since it was last told an event each, of a boot time. It is called when a fact says that time has
// passed, so that how many there are is bounded by the facts.
func (d *Decoder) tellFull(bootNs uint64, yield func(event.Event)) {
	now := d.stream.full()
	for i, n := range now {
		if more := n - d.stream.toldFull[i]; more > 0 {
			d.lost(&Lost{BootNs: bootNs, CPU: -1, Reason: fullReasons[i], N: more})
			d.yield(yield)
		}
	}
	d.stream.toldFull = now
}

// fullTotals are what found no room in all streams of a decoder.
type fullTotals struct {
	before full // in streams before this one
	public [len(fullReasons)]atomic.Uint64
}

// ended takes in the end of a stream.
func (t *fullTotals) ended(n full) {
	for i := range n {
		t.before[i] += n[i]
	}
}

// publish lets other goroutines see what there was, with a stream that goes on.
func (t *fullTotals) publish(n full) {
	for i := range n {
		t.public[i].Store(t.before[i] + n[i])
	}
}

// Lost is what the decoder's own tables had no room for, as running totals up to the last batch, by reason; what is zero is left out. It
// may be called from any goroutine.
func (d *Decoder) Lost() (out []bpf.Lost) {
	for i := range d.full.public {
		if n := d.full.public[i].Load(); n > 0 {
			out = append(out, bpf.Lost{CPU: -1, Reason: fullReasons[i], N: n})
		}
	}
	return out
}
