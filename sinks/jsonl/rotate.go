package jsonl

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// due says whether n more bytes want a new file.
func (f *file) due(size int64, n int) bool {
	switch {
	case size == 0:
		return false
	case f.cfg.RotateBytes > 0 && size+int64(n) > f.cfg.RotateBytes:
		return true
	}
	return f.cfg.RotateAfter > 0 && f.periodOf(time.Now()) > f.period
}

// periodOf numbers the periods of RotateAfter since 1970.
func (f *file) periodOf(t time.Time) int64 {
	if f.cfg.RotateAfter == 0 {
		return 0
	}
	return t.UnixNano() / int64(f.cfg.RotateAfter)
}

// rotate gives the file the name of a finished one and begins a new one.
func (f *file) rotate() error {
	if err := f.syncer.now(); err != nil {
		return err
	}
	if err := f.moveAway(); err != nil {
		return err
	}
	if err := f.close(); err != nil {
		return err
	}
	if err := f.open(); err != nil {
		return err
	}
	if err := f.prune(); err != nil {
		f.log.Warn("old files stay", "error", err)
	}
	return nil
}

// moveAway renames the file. No other file loses its name by that.
func (f *file) moveAway() error {
	for range 100 {
		f.number++
		err := renameNew(f.cfg.File, finishedName(f.cfg.File, f.number, time.Now()))
		if !errors.Is(err, os.ErrExist) {
			return err
		}
	}
	return fmt.Errorf("names of finished files up to %d are taken", f.number)
}

// renameNew renames a file to a name that no file has. Where the file system cannot do both at once (NFS), it looks first.
func renameNew(from, to string) error {
	err := unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, unix.RENAME_NOREPLACE)
	if !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENOSYS) {
		return err
	}
	if _, err := os.Lstat(to); !errors.Is(err, os.ErrNotExist) {
		return errors.Join(os.ErrExist, err)
	}
	return os.Rename(from, to)
}

// finishedName is the name of a finished file: the number first, so that names sort whatever the clock does.
func finishedName(file string, number int, now time.Time) string {
	return fmt.Sprintf("%s.%08d-%s", file, number, now.UTC().Format("20060102T150405Z"))
}

// finishedNumber is the number in such a name.
func finishedNumber(file, path string) (int, bool) {
	rest, ok := strings.CutPrefix(path, file+".")
	digits, _, more := strings.Cut(rest, "-")
	if !ok || !more || len(digits) < 8 {
		return 0, false
	}
	n, err := strconv.Atoi(digits)
	return n, err == nil && n > 0
}

// finished returns the finished files, oldest first.
func finished(file string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Dir(file))
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		path := filepath.Join(filepath.Dir(file), e.Name())
		if _, ok := finishedNumber(file, path); ok && e.Type().IsRegular() {
			out = append(out, path)
		}
	}
	slices.SortFunc(out, func(a, b string) int {
		x, _ := finishedNumber(file, a)
		y, _ := finishedNumber(file, b)
		return x - y
	})
	return out, nil
}

// highestNumber is that of the newest finished file.
func highestNumber(file string) (int, error) {
	all, err := finished(file)
	if err != nil || len(all) == 0 {
		return 0, err
	}
	n, _ := finishedNumber(file, all[len(all)-1])
	return n, nil
}

// prune deletes the oldest finished files beyond those that are kept.
func (f *file) prune() error {
	if f.cfg.Keep == 0 {
		return nil
	}
	all, err := finished(f.cfg.File)
	if err != nil {
		return err
	}
	for _, path := range all[:max(0, len(all)-f.cfg.Keep)] {
		err = errors.Join(err, os.Remove(path))
	}
	return err
}
