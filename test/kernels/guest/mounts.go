package main

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// leaveRootfs makes the first file system a mount like any other. As the kernel mounts it, it has no parent, and pivot_root(2),
// which container runtimes call, refuses to leave it (EINVAL).
func leaveRootfs() error {
	const step = "/.root"
	if err := os.Mkdir(step, 0o755); err != nil {
		return err
	}
	if err := unix.Mount("/", step, "", unix.MS_BIND, ""); err != nil {
		return fmt.Errorf("bind the first file system: %w", err)
	}
	if err := unix.Chdir(step); err != nil {
		return err
	}
	if err := unix.Mount(".", "/", "", unix.MS_MOVE, ""); err != nil {
		return fmt.Errorf("move the first file system over itself: %w", err)
	}
	if err := unix.Chroot("."); err != nil {
		return err
	}
	return unix.Chdir("/")
}

type mount struct {
	fstype, target string
	flags          uintptr
	options        string
}

// mounts are what systemd mounts on a node, as far as containers and the sensor need it.
func mounts() []mount {
	const quiet = unix.MS_NOSUID | unix.MS_NOEXEC | unix.MS_NODEV
	return []mount{
		{"proc", "/proc", quiet, ""},
		{"sysfs", "/sys", quiet, ""},
		{"devtmpfs", "/dev", unix.MS_NOSUID, "mode=755"},
		{"devpts", "/dev/pts", unix.MS_NOSUID | unix.MS_NOEXEC, "mode=620,ptmxmode=666"},
		{"tmpfs", "/dev/shm", unix.MS_NOSUID | unix.MS_NODEV, ""},
		{"tmpfs", "/run", unix.MS_NOSUID | unix.MS_NODEV, "mode=755"},
		{"tmpfs", "/tmp", 0, "mode=1777"},
		{"cgroup2", "/sys/fs/cgroup", quiet, ""},
		{"securityfs", "/sys/kernel/security", quiet, ""},
		{"tracefs", "/sys/kernel/tracing", quiet, ""},
		{"bpf", "/sys/fs/bpf", quiet, "mode=700"},
	}
}

func mountAll() error {
	for _, m := range mounts() {
		if err := os.MkdirAll(m.target, 0o755); err != nil {
			return err
		}
		if err := unix.Mount(m.fstype, m.target, m.fstype, m.flags, m.options); err != nil {
			return fmt.Errorf("mount %s on %s: %w", m.fstype, m.target, err)
		}
	}
	return nil
}
