//go:build linux

package act

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// spaceVerbs change namespaces, and look into other processes.
func spaceVerbs() map[string]verb {
	return map[string]verb{"unshare": unshare, "setns": setns, "pidfdns": pidfdNS, "ptrace": ptrace, "join": join}
}

// spaceFlag returns the flag of a namespace, by its name in /proc/PID/ns.
func spaceFlag(name string) (int, error) {
	flags := map[string]int{
		"mnt": unix.CLONE_NEWNS, "pid": unix.CLONE_NEWPID, "net": unix.CLONE_NEWNET, "ipc": unix.CLONE_NEWIPC,
		"uts": unix.CLONE_NEWUTS, "user": unix.CLONE_NEWUSER, "cgroup": unix.CLONE_NEWCGROUP,
	}
	f, ok := flags[name]
	if !ok {
		return 0, fmt.Errorf("no kind of namespace is called %q", name)
	}
	return f, nil
}

// unshare makes new namespaces in one call: "unshare mnt,uts".
func unshare(args []string) error {
	if err := want(args, 1); err != nil {
		return err
	}
	flags := 0
	for name := range strings.SplitSeq(args[0], ",") {
		f, err := spaceFlag(name)
		if err != nil {
			return err
		}
		flags |= f
	}
	return call(unix.SYS_UNSHARE, uintptr(flags))
}

// setns enters namespaces of a process, one by one, as nsenter(1) does: "setns PID pid,mnt".
func setns(args []string) error {
	if err := want(args, 2); err != nil {
		return err
	}
	if err := ownFS(args[1]); err != nil {
		return err
	}
	var files []*os.File // all are opened first: /proc of another mount namespace may be another
	for name := range strings.SplitSeq(args[1], ",") {
		f, err := os.Open("/proc/" + args[0] + "/ns/" + name)
		if err != nil {
			return err
		}
		defer f.Close()
		files = append(files, f)
	}
	for _, f := range files {
		if err := unix.Setns(int(f.Fd()), 0); err != nil {
			return err
		}
	}
	return nil
}

// pidfdNS enters several namespaces of a process by one call, which takes a pidfd since Linux 5.8: "pidfdns PID pid,mnt".
func pidfdNS(args []string) error {
	if err := want(args, 2); err != nil {
		return err
	}
	pid, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	if err := ownFS(args[1]); err != nil {
		return err
	}
	flags := 0
	for name := range strings.SplitSeq(args[1], ",") {
		f, err := spaceFlag(name)
		if err != nil {
			return err
		}
		flags |= f
	}
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return err
	}
	return unix.Setns(fd, flags)
}

// ownFS gives this thread a root and a current folder of its own where it is to enter a mount namespace: the kernel wants that
// (setns(2)).
func ownFS(names string) error {
	if !strings.Contains(names, "mnt") {
		return nil
	}
	return unix.Unshare(unix.CLONE_FS)
}

// join moves this process into a cgroup: "join /sys/fs/cgroup/a".
func join(args []string) error {
	if err := want(args, 1); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(args[0], "cgroup.procs"), []byte("0"), 0)
}

// ptrace attaches to a process and lets it go again: "ptrace PID".
func ptrace(args []string) error {
	if err := want(args, 1); err != nil {
		return err
	}
	pid, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	if err := unix.PtraceAttach(pid); err != nil {
		return err
	}
	if _, err := unix.Wait4(pid, nil, unix.WALL, nil); err != nil {
		return err
	}
	return unix.PtraceDetach(pid)
}
