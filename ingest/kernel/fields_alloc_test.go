//go:build !race

// The race detector allocates for itself, so what this test counts means nothing under it.

package kernel

import (
	"testing"

	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/event"
)

// No field allocates, once the memory of event and value has grown.
func TestFieldsDoNotAllocate(t *testing.T) {
	parts := append(
		shellInPod(),
		inShell(mountRecord(bpf.Mount{Op: 1, Flags: 1 << 12}, "/dev/sda1", "/mnt", "ext4", "data")),
		inShell(bytesOf(&bpf.Creds{Op: 1}, bpf.KindCreds)), inShell(bytesOf(&bpf.NSOp{Op: 1, Flags: 0x20000}, bpf.KindNS)),
		inShell(bytesOf(&bpf.Ptrace{Request: 16, TargetPid: 1}, bpf.KindPtrace)), inShell(bytesOf(&bpf.Exit{}, bpf.KindExit)),
		&Fact{Lost: &Lost{Reason: "bulk_full", N: 1}},
	)
	var v event.Value
	fields := Fields()
	faults := decode(frames(t, parts...), func(e *Event) {
		for i := range fields {
			f := &fields[i]
			arg := event.Arg{Text: "res", Has: f.Arg == event.ArgKey, Index: -1}
			if f.Get == nil || f.Name == "container.labels" { // which sorts
				continue
			}
			if n := testing.AllocsPerRun(3, func() {
				e.texts.reset()
				f.Get(e, &arg, &v)
			}); n > 0 {
				t.Errorf("%s of %s: %v allocations", f.Name, e.Type(), n)
			}
		}
	})
	if faults != nil {
		t.Error(faults)
	}
}
