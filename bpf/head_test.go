package bpf

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

func TestHead(t *testing.T) {
	got := newUnits(t, nil).self()
	sid, _ := unix.Getsid(0)
	groups := func(name string) uint32 { return uint32(inode(t, "/proc/thread-self/ns/"+name)) }
	want := got
	want.Pid, want.Tid, want.Vpid, want.Vtid = uint32(os.Getpid()), uint32(unix.Gettid()), vpid(t, "NStgid"), vpid(t, "NSpid")
	want.Ppid, want.Sid, want.Pgid = uint32(os.Getppid()), uint32(sid), uint32(unix.Getpgrp())
	want.Cred.Uid, want.Cred.Euid, want.Cred.Gid, want.Cred.Egid = uint32(os.Getuid()), uint32(os.Geteuid()), uint32(os.Getgid()), uint32(os.Getegid())
	want.Cred.CapInheritable, want.Cred.CapPermitted, want.Cred.CapEffective = capabilities(t, "CapInh"), capabilities(t, "CapPrm"), capabilities(t, "CapEff")
	want.Cred.CapBounding, want.Cred.CapAmbient = capabilities(t, "CapBnd"), capabilities(t, "CapAmb")
	want.Cred.Userns = groups("user")
	want.Ns.Mnt, want.Ns.Pid, want.Ns.Net, want.Ns.Ipc = groups("mnt"), groups("pid"), groups("net"), groups("ipc")
	want.Ns.Uts, want.Ns.Cgroup = groups("uts"), groups("cgroup")
	copy(want.Comm[:], status(t, "Name")+"\x00")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("head (-/proc +kernel):\n%s", diff)
	}
	if got.Version != RecordVersion || got.TimeNs < got.StartNs || got.Seq != 1 {
		t.Errorf("version %d, time %d, start %d, seq %d", got.Version, got.TimeNs, got.StartNs, got.Seq)
	}
	var ticks uint64
	if _, err := fmt.Sscan(statFields(t)[19], &ticks); err != nil {
		t.Fatal(err)
	}
	if got.StartNs/10_000_000 != ticks {
		t.Errorf("start %d ns, /proc has %d ticks of 10 ms", got.StartNs, ticks)
	}
}

// status returns a line of /proc/thread-self/status.
func status(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile("/proc/thread-self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut("\n"+string(b), "\n"+name+":")
	line, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(line)
}

// statFields returns what stands in /proc/self/stat behind the name, from field 3 on.
func statFields(t testing.TB) []string {
	t.Helper()
	b, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
}

func capabilities(t testing.TB, name string) (set uint64) {
	t.Helper()
	if _, err := fmt.Sscanf(status(t, name), "%x", &set); err != nil {
		t.Fatal(err)
	}
	return set
}

// vpid returns the number in the innermost pid namespace, which is the last of such a line.
func vpid(t testing.TB, name string) (n uint32) {
	t.Helper()
	numbers := strings.Fields(status(t, name))
	if _, err := fmt.Sscan(numbers[len(numbers)-1], &n); err != nil {
		t.Fatal(err)
	}
	return n
}

func inode(t testing.TB, path string) uint64 {
	t.Helper()
	var st unix.Stat_t
	if err := unix.Stat(path, &st); err != nil {
		t.Fatal(err)
	}
	return st.Ino
}
