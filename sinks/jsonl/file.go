package jsonl

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// file is a regular file that lines are appended to.
type file struct {
	cfg    Config
	log    *slog.Logger
	f      *os.File // nil: it could not be opened again
	cut    int64    // where the file is to be cut before the next lines, since what is behind is of no use; -1: nowhere
	period int64    // of RotateAfter in which something was last written
	number int      // of the finished file that has the highest
	syncer syncer
}

// filePath returns the path of a regular file that name is, or can become, with links resolved; nothing where it is something else.
func filePath(name string) (string, error) {
	path, err := filepath.Abs(name)
	if err != nil {
		return "", err
	}
	if strings.HasPrefix(path, "/dev/") || strings.HasPrefix(path, "/proc/") {
		return "", nil // /dev/stdout may be a file, but is not ours to rename
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().IsRegular() || info.IsDir() {
		return path, nil // opening it tells what is wrong
	}
	return "", nil
}

// openFile opens the file and adds to known what the files hold. mu is held by whoever calls methods of the file.
func openFile(cfg Config, mu *sync.Mutex, known *known) (*file, error) {
	every, err := parseSync(cfg.Sync)
	if err != nil {
		return nil, err
	}
	f := &file{cfg: cfg, log: cfg.log(), cut: -1, syncer: syncer{every: every, mu: mu}}
	if f.number, err = highestNumber(cfg.File); err != nil {
		return nil, err
	}
	if err := f.open(); err != nil {
		return nil, err
	}
	if err := f.readBack(known); err != nil {
		return nil, errors.Join(err, f.close())
	}
	return f, nil
}

// open opens the file, or makes it, takes the lock and cuts off a torn last line.
func (f *file) open() error {
	var err error
	if f.f, err = openLocked(f.cfg.File); err != nil {
		return err
	}
	f.cut = -1
	f.period = f.periodOf(f.written())
	if err := f.cutTorn(); err != nil {
		return errors.Join(fmt.Errorf("cut a torn last line: %w", err), f.close())
	}
	return f.syncer.dir(f.cfg.File)
}

// openLocked opens the file that has the name and locks it. The lock ends with the process, or when the file is closed.
func openLocked(name string) (*os.File, error) {
	for {
		f, err := os.OpenFile(name, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o600) // alerts tell much about a cluster
		if err != nil {
			return nil, err
		}
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = errors.New("another process writes to it")
		}
		if err != nil {
			return nil, errors.Join(fmt.Errorf("lock %s: %w", name, err), f.Close())
		}
		if hasName(f, name) {
			return f, nil
		}
		_ = f.Close() // it was moved away before it was locked
	}
}

// hasName says whether f is the file that has the name.
func hasName(f *os.File, name string) bool {
	own, err := f.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(name)
	return err == nil && os.SameFile(own, named)
}

// ready opens the file anew where it was moved away or deleted, undoes what a failed write has left, and begins a new file when
// its time has come.
func (f *file) ready(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := f.syncer.failed(); err != nil {
		return err
	}
	if f.f == nil || !hasName(f.f, f.cfg.File) {
		if err := f.reopen(); err != nil {
			return err
		}
	}
	return f.undo()
}

func (f *file) reopen() error {
	if err := f.close(); err != nil {
		f.log.Warn("close the file that was moved away", "error", err)
	}
	return f.open()
}

// write appends lines, all or none.
func (f *file) write(_ context.Context, lines []byte) (int, bool, error) {
	size, err := f.size()
	if err != nil {
		return 0, false, err
	}
	if f.due(size, len(lines)) {
		if err := f.rotate(); err != nil {
			return 0, false, fmt.Errorf("begin a new file: %w", err)
		}
		size = 0
	}
	_, err = f.f.Write(lines)
	if err == nil {
		err = f.syncer.written(f.f)
	}
	if err != nil {
		f.cut = size
		return 0, false, errors.Join(err, f.undo())
	}
	f.period = f.periodOf(time.Now())
	return len(lines), false, nil
}

// undo cuts off what a failed write has left.
func (f *file) undo() error {
	if f.cut < 0 {
		return nil
	}
	if err := f.f.Truncate(f.cut); err != nil {
		return fmt.Errorf("undo a failed write: %w", err)
	}
	f.cut = -1
	return nil
}

func (f *file) size() (int64, error) {
	info, err := f.f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// written is when the file was last written to.
func (f *file) written() time.Time {
	info, err := f.f.Stat()
	if err != nil {
		return time.Now()
	}
	return info.ModTime()
}

func (f *file) close() error {
	if f.f == nil {
		return nil
	}
	err := errors.Join(f.syncer.now(), f.f.Close())
	f.f = nil
	return err
}
