package kernel

import (
	"testing"

	"github.com/parallax-sec/parallax/bpf"
)

func TestRepeated(t *testing.T) {
	var r repeated
	f := func(cpu uint16, seq, timeNs uint64, want bool) {
		t.Helper()
		if got := r.has(&bpf.Head{Cpu: cpu, Seq: seq, TimeNs: timeNs}); got != want {
			t.Errorf("CPU %d, record %d at %d: read before %v, want %v", cpu, seq, timeNs, got, want)
		}
	}
	f(0, 1, 10, false)
	f(0, 1, 10, true)
	f(1, 1, 10, false)
	f(0, 3, 30, false)
	f(0, 2, 31, false) // out of order
	f(0, 2, 31, true)
	f(0, 3, 32, false) // a number taken twice
	f(0, 2+repeatedWindow, 90, false)
	f(0, 2, 31, false) // behind the window: it was held, or nobody knows
	f(0, 2+repeatedWindow, 90, true)
}

// Records that were held come behind any number of younger ones of their CPU, and are events like others.
func TestRecordsThatWereHeld(t *testing.T) {
	for _, between := range []uint64{1, repeatedWindow, repeatedWindow + 1, 1000} {
		parts := []any{testStart}
		fork := func(seq uint64) {
			parts = append(parts, bytesOf(&bpf.Head{TimeNs: 1000 + seq, Seq: seq, Pid: uint32(seq), StartNs: 1000 + seq}, bpf.KindFork))
		}
		for seq := range between {
			fork(seq + 3)
		}
		fork(1)
		fork(2)
		seen := map[string]bool{}
		faults := decode(frames(t, parts...), func(e *Event) { seen[e.EventID()] = true })
		if len(seen) != int(between)+2 || len(faults) != 0 {
			t.Errorf("%d records between: %d events, faults %q", between, len(seen), faults)
		}
	}
}
