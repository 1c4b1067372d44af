package bpf

import (
	"testing"

	"golang.org/x/sys/unix"
)

// What anybody can do in a loop must not fill the ring of rare records.
func TestWhatTakesNoRightsIsNotRare(t *testing.T) {
	const failed = -int64(unix.EPERM)
	u := newUnits(t, map[string]uint64{"cfg_host": 1})
	f := func(ring, unit string, context ...int64) {
		t.Helper()
		words := make([]uint64, len(context))
		for i, c := range context {
			words[i] = uint64(c)
		}
		u.run(unit, words...)
		rare, bulk := len(u.records(mapRare)), len(u.records(mapBulk))
		if ring == mapRare && (rare != 1 || bulk != 0) || ring == mapBulk && (rare != 0 || bulk != 1) {
			t.Errorf("%s %d: %d rare records, %d others, want it to be %s", unit, context, rare, bulk, ring)
		}
	}
	f(mapRare, "mount", int64(sensorMountOpOP_MOUNT), 0, 0)
	f(mapBulk, "mount", int64(sensorMountOpOP_MOUNT), failed, 0)
	f(mapRare, "mount", int64(sensorMountOpOP_OPEN_TREE), 3, 1)
	f(mapBulk, "mount", int64(sensorMountOpOP_OPEN_TREE), 3, 0)
	f(mapRare, "ns", unix.SYS_SETNS, unix.SYS_SETNS, 0, 3)
	f(mapBulk, "ns", unix.SYS_SETNS, unix.SYS_SETNS, failed, 3)
	f(mapRare, "ns", unix.SYS_UNSHARE, unix.SYS_UNSHARE, 0, unix.CLONE_NEWUSER)
	f(mapBulk, "ns", unix.SYS_UNSHARE, unix.SYS_UNSHARE, failed, unix.CLONE_NEWUSER)
	f(mapBulk, "ns", unix.SYS_UNSHARE, unix.SYS_UNSHARE, 0, unix.CLONE_FS)
	f(mapRare, "ptrace", 0, 0)
	f(mapBulk, "ptrace", failed, 0)
}
