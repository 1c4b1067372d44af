package runtimefiles

import (
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// maxFile bounds what is read of a file, in bytes.
const maxFile = 1 << 20

// tree is a file system from a root on, out of which no symbolic link leads: absolute ones begin at the root (openat2(2),
// RESOLVE_IN_ROOT, kernel 5.6).
type tree struct{ root *os.File }

func openTree(path string) (tree, error) {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return tree{}, &os.PathError{Op: "open", Path: path, Err: err}
	}
	return tree{os.NewFile(uintptr(fd), path)}, nil
}

func (t tree) close() { _ = t.root.Close() }

// open opens what a path names below the root. It does not wait for the other end of a pipe.
func (t tree) open(path string, flags uint64) (*os.File, error) {
	how := unix.OpenHow{
		Flags:   flags | unix.O_RDONLY | unix.O_CLOEXEC | unix.O_NONBLOCK | unix.O_NOCTTY,
		Resolve: unix.RESOLVE_IN_ROOT | unix.RESOLVE_NO_MAGICLINKS,
	}
	fd, err := unix.Openat2(int(t.root.Fd()), path, &how)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	return os.NewFile(uintptr(fd), path), nil
}

var errNoFile = errors.New("not a regular file")

// read is the content of a regular file of at most limit bytes.
func (t tree) read(path string, limit int64) ([]byte, error) {
	file, err := t.open(path, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	st, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() {
		return nil, fmt.Errorf("read %s: %w", path, errNoFile)
	}
	b, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(b)) > limit {
		return nil, fmt.Errorf("read %s: more than %d bytes", path, limit)
	}
	return b, nil
}

// list is the names in a folder, at most limit of them, in no order.
func (t tree) list(path string, limit int) ([]string, error) {
	dir, err := t.open(path, unix.O_DIRECTORY)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(limit)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return names, err
}
