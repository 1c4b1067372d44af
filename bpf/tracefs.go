package bpf

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// traceFS is the kernel's list of tracepoints. Opening it leaves nothing behind: where nobody has mounted it, a mount is made that
// hangs in no namespace and ends with close.
type traceFS struct {
	root *os.File
}

// openTraceFS opens tracefs where it is mounted, or a mount of its own.
func openTraceFS() (*traceFS, error) {
	for _, dir := range []string{"/sys/kernel/tracing", "/sys/kernel/debug/tracing"} {
		var st unix.Statfs_t
		if unix.Statfs(dir, &st) != nil || st.Type != unix.TRACEFS_MAGIC {
			continue
		}
		if root, err := os.Open(dir); err == nil {
			return &traceFS{root}, nil
		}
	}
	root, err := mountDetached("tracefs")
	if err != nil {
		return nil, err
	}
	return &traceFS{root}, nil
}

// mountDetached mounts a file system nowhere (fsopen(2), fsmount(2): Linux 5.2); it is there as long as the file is open.
func mountDetached(fstype string) (*os.File, error) {
	ctx, err := unix.Fsopen(fstype, unix.FSOPEN_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("open file system %s: %w", fstype, err)
	}
	defer unix.Close(ctx)
	if err := unix.FsconfigCreate(ctx); err != nil {
		return nil, fmt.Errorf("make file system %s: %w", fstype, err)
	}
	fd, err := unix.Fsmount(ctx, unix.FSMOUNT_CLOEXEC, unix.MOUNT_ATTR_NOSUID|unix.MOUNT_ATTR_NODEV|unix.MOUNT_ATTR_NOEXEC)
	if err != nil {
		return nil, fmt.Errorf("mount file system %s: %w", fstype, err)
	}
	return os.NewFile(uintptr(fd), fstype), nil
}

// errNoTracepoint: the kernel has no tracepoint of that name.
var errNoTracepoint = errors.New("the kernel has no such tracepoint")

// id returns the number of a tracepoint, by which perf_event_open(2) knows it.
func (t *traceFS) id(group, name string) (uint64, error) {
	fd, err := unix.Openat(int(t.root.Fd()), "events/"+group+"/"+name+"/id", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if errors.Is(err, unix.ENOENT) {
		return 0, fmt.Errorf("%s/%s: %w", group, name, errNoTracepoint)
	}
	if err != nil {
		return 0, fmt.Errorf("open tracepoint %s/%s: %w", group, name, err)
	}
	f := os.NewFile(uintptr(fd), name)
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, 32))
	if err != nil {
		return 0, fmt.Errorf("read tracepoint %s/%s: %w", group, name, err)
	}
	id, err := strconv.ParseUint(strings.TrimSpace(string(b)), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("tracepoint %s/%s: %w", group, name, err)
	}
	return id, nil
}

func (t *traceFS) close() error { return t.root.Close() }
