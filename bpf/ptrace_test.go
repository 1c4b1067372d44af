package bpf

import (
	"testing"

	"golang.org/x/sys/unix"
)

// The target of a ptrace is the one that was asked for, not whoever else the caller traces.
func TestPtraceTarget(t *testing.T) {
	u := newUnits(t, map[string]uint64{"cfg_host": 1})
	traced := func() uint32 {
		t.Helper()
		cmd := child("exec") // waits for the end of its input
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			in.Close()
			_ = cmd.Process.Kill()
			_ = cmd.Wait() // says that it was killed
		})
		if err := unix.PtraceSeize(cmd.Process.Pid); err != nil {
			t.Fatal(err)
		}
		return uint32(cmd.Process.Pid)
	}
	first, second := traced(), traced()
	f := func(what string, vpid, want uint32) {
		t.Helper()
		u.run("ptrace", 0, uint64(vpid))
		records := u.records(mapRare)
		if len(records) != 1 {
			t.Fatalf("%s: %d records", what, len(records))
		}
		r, err := ParsePtrace(records[0])
		if err != nil || r.TargetPid != want || r.TargetVpid != vpid {
			t.Errorf("%s: %d known as %d, %v, want %d", what, r.TargetPid, r.TargetVpid, err, want)
		}
	}
	f("the last", second, second)
	f("the one before", first, first)
	f("one that has ended", 1<<22, 0)
}
