package kernel

import (
	"testing"

	"github.com/parallax-sec/parallax/bpf"
)

// The shell of these is in mount namespace 11 of its container; 1 is the node's.
func TestTargetOfSetns(t *testing.T) {
	const newNS, newUser = 0x20000, 0x10000000
	f := func(before, after uint32, flags uint64, want string) {
		t.Helper()
		got := "no event"
		r := inShell(bytesOf(&bpf.NSOp{Head: bpf.Head{Ns: bpf.NS{Mnt: after}}, Op: opSetns, Flags: flags}, bpf.KindNS))
		op, err := bpf.ParseNSOp(r)
		if err != nil {
			t.Fatal(err)
		}
		op.Before = op.Head.Ns
		op.Before.Mnt = before
		op.ChildrenPidns, op.ChildrenPidnsBefore = op.Head.Ns.Pid, op.Head.Ns.Pid
		decode(frames(t, append(shellInPod(), r)...), func(e *Event) { got = e.nsTarget() })
		if got != want {
			t.Errorf("from %d to %d with flags %#x: %q, want %q", before, after, flags, got, want)
		}
	}
	f(11, 1, newNS, targetHost)
	f(11, 1, 0, targetHost)
	f(1, 11, newNS, targetContainer)
	f(11, 99, newNS, targetOther)
	f(1, 1, newNS, targetSame)
	f(11, 11, newNS, targetSame)
	f(11, 11, newUser, targetOther) // records do not say which ones it had
	f(11, 11, 0, targetOther)
}
