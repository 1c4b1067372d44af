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
	f(0, 2, 31, true) // behind the window
}
