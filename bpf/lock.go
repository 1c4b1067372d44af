package bpf

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// lockFile takes the lock that keeps a second sensor from this node. The kernel takes it back when the process ends, however it ends.
func lockFile(path string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("make the folder of the lock: %w", err)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW|unix.O_NONBLOCK, 0o644)
	if err != nil {
		return nil, fmt.Errorf("open the lock: %w", err)
	}
	err = tryLock(f)
	for range dyingWait / dyingPause {
		if !errors.Is(err, unix.EWOULDBLOCK) || !dying(holder(f)) {
			break
		}
		time.Sleep(dyingPause)
		err = tryLock(f)
	}
	switch {
	case errors.Is(err, unix.EWOULDBLOCK):
		return nil, errors.Join(locked(f), f.Close())
	case err != nil:
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.Close())
	}
	if err := sign(f); err != nil {
		return nil, errors.Join(fmt.Errorf("write the lock: %w", err), f.Close())
	}
	return f, nil
}

// A sensor that was killed holds the lock until the kernel has taken its hooks away, which takes seconds where they are tracepoints.
const (
	dyingWait  = 15 * time.Second
	dyingPause = 100 * time.Millisecond
)

func tryLock(f *os.File) error { return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) }

// dying says whether a process has ended but for what the kernel has yet to do: it is gone, or a zombie (state Z or X of proc_pid_stat(5)),
// whose memory is gone already.
func dying(pid int) bool {
	if pid <= 0 {
		return false
	}
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return errors.Is(err, fs.ErrNotExist)
	}
	_, rest, _ := strings.Cut(string(b[strings.LastIndexByte(string(b), ')')+1:]), " ")
	return rest != "" && strings.IndexByte("ZX", rest[0]) >= 0
}

// holder is the process that signed the lock; 0 where none can be read.
func holder(f *os.File) int {
	var b [32]byte
	n, _ := f.ReadAt(b[:], 0)
	pid, err := strconv.Atoi(strings.TrimSpace(string(b[:n])))
	if err != nil {
		return 0
	}
	return pid
}

// sign writes into the lock who holds it.
func sign(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

// locked says who holds the lock f.
func locked(f *os.File) error {
	pid := holder(f)
	if pid == 0 {
		return lacks(ErrLocked, "another sensor runs on this node (it holds %s): stop it first", f.Name())
	}
	return lacks(ErrLocked, "another sensor runs on this node (process %d holds %s): stop it first", pid, f.Name())
}
