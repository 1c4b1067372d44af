package bpf

import (
	"strings"
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

// A call whose return was not seen is not told in place of the next one that returns.
func TestCallsAreToldByTheirOwnReturn(t *testing.T) {
	f := func(unit string, begins, returns, want int) {
		t.Helper()
		u := newUnits(t, map[string]uint64{"cfg_host": 1})
		u.run(unit, uint64(begins), uint64(returns), 0, 0)
		if got := len(u.records(mapRare)) + len(u.records(mapBulk)); got != want {
			t.Errorf("call %d begins, %d returns: %d records, want %d", begins, returns, got, want)
		}
		if calls := u.Maps["calls"].Iterate(); calls.Next(new(uint64), new([]byte)) {
			t.Errorf("call %d begins, %d returns: it is still remembered", begins, returns)
		}
	}
	f("cred", unix.SYS_SETUID, unix.SYS_SETUID, 1)
	f("cred", unix.SYS_SETUID, unix.SYS_SETGID, 0)
	f("cred", unix.SYS_UNSHARE, unix.SYS_SETUID, 0)
	f("ns", unix.SYS_UNSHARE, unix.SYS_UNSHARE, 1)
	f("ns", unix.SYS_SETUID, unix.SYS_UNSHARE, 0)
}

// Between the two programs of a call no call may be remembered that nobody takes back.
func TestReturnsAreAttachedFirst(t *testing.T) {
	needsRoot(t)
	release, err := KernelRelease()
	if err != nil {
		t.Fatal(err)
	}
	spec, err := specFor(testConfig(t), release)
	if err != nil {
		t.Fatal(err)
	}
	p, err := newPrograms(spec)
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	a := newAttacher(p, release)
	defer a.close()
	if err := a.fallback("setns", "no_entry", "no_return"); err == nil || !strings.Contains(err.Error(), "no_return") {
		t.Errorf("%v, want the return to be tried first", err)
	}
}
