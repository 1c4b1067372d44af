package bpf

import (
	"testing"

	"golang.org/x/sys/unix"
)

// The numbers of the calls, as the architecture of the test has them, give the operation that records tell.
func TestCallNumbers(t *testing.T) {
	u := newUnits(t, nil)
	f := func(nr int, family, op uint32) {
		t.Helper()
		if got := u.run("call", uint64(nr)).Value; got != family<<8|op {
			t.Errorf("call %d: %#x, want family %d, operation %d", nr, got, family, op)
		}
	}
	mount := func(nr int, op sensorMountOp) { t.Helper(); f(nr, 1, uint32(op)) }
	cred := func(nr int, op sensorCredOp) { t.Helper(); f(nr, 2, uint32(op)) }
	mount(unix.SYS_MOUNT, sensorMountOpOP_MOUNT)
	mount(unix.SYS_UMOUNT2, sensorMountOpOP_UMOUNT)
	mount(unix.SYS_FSOPEN, sensorMountOpOP_FSOPEN)
	mount(unix.SYS_FSCONFIG, sensorMountOpOP_FSCONFIG)
	mount(unix.SYS_FSMOUNT, sensorMountOpOP_FSMOUNT)
	mount(unix.SYS_FSPICK, sensorMountOpOP_FSPICK)
	mount(unix.SYS_MOVE_MOUNT, sensorMountOpOP_MOVE_MOUNT)
	mount(unix.SYS_OPEN_TREE, sensorMountOpOP_OPEN_TREE)
	mount(unix.SYS_MOUNT_SETATTR, sensorMountOpOP_MOUNT_SETATTR)
	mount(unix.SYS_PIVOT_ROOT, sensorMountOpOP_PIVOT_ROOT)
	cred(unix.SYS_SETUID, sensorCredOpOP_SETUID)
	cred(unix.SYS_SETREUID, sensorCredOpOP_SETREUID)
	cred(unix.SYS_SETRESUID, sensorCredOpOP_SETRESUID)
	cred(unix.SYS_SETFSUID, sensorCredOpOP_SETFSUID)
	cred(unix.SYS_SETGID, sensorCredOpOP_SETGID)
	cred(unix.SYS_SETREGID, sensorCredOpOP_SETREGID)
	cred(unix.SYS_SETRESGID, sensorCredOpOP_SETRESGID)
	cred(unix.SYS_SETFSGID, sensorCredOpOP_SETFSGID)
	cred(unix.SYS_SETGROUPS, sensorCredOpOP_SETGROUPS)
	cred(unix.SYS_CAPSET, sensorCredOpOP_CAPSET)
	f(unix.SYS_SETNS, 3, uint32(sensorNsOpOP_SETNS))
	f(unix.SYS_UNSHARE, 3, uint32(sensorNsOpOP_UNSHARE))
	f(unix.SYS_PTRACE, 4, 0)
	f(unix.SYS_EXECVE, 5, 0)
	f(unix.SYS_EXECVEAT, 5, 1)
	f(unix.SYS_READ, 0, 0)
}
