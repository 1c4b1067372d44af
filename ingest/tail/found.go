package tail

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// found is a file as it was when it was looked at.
type found struct {
	path     string
	kind     compression
	dev, ino uint64
	size     int64  // as it is stored
	head     []byte // its first headBytes bytes, decompressed; fewer where it has fewer
	file     *os.File
}

func (f *found) close() {
	if f != nil && f.file != nil {
		_ = f.file.Close()
		f.file = nil
	}
}

// open opens a regular file to read. It does not wait for the other end of a pipe.
func open(path string) (*os.File, fs.FileInfo, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return f, info, nil
}

// look opens a file and says what it is. The caller closes it.
func look(path string) (*found, error) {
	file, info, err := open(path)
	if err != nil {
		return nil, err
	}
	f := &found{path: path, size: info.Size(), file: file}
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		f.dev, f.ino = uint64(s.Dev), s.Ino
	}
	if err := f.readHead(); err != nil {
		f.close()
		return nil, err
	}
	return f, nil
}

// readHead reads the first bytes of the file's text. What cannot be decompressed has a shorter head.
func (f *found) readHead() error {
	head := make([]byte, headBytes)
	n, err := f.file.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read beginning: %w", err)
	}
	if f.kind = compressionOf(head[:n]); f.kind == plain {
		f.head = head[:n]
		return nil
	}
	text, err := newUnpacked(f.file, f.kind)
	if err != nil {
		return nil // told where it is read
	}
	defer text.stop()
	n, _ = io.ReadFull(text, head)
	f.head = head[:n]
	return nil
}

// inode is the number of the file at path; ok is false where there is none.
func inode(path string) (dev, ino uint64, ok bool) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, 0, false
	}
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0, false
	}
	return uint64(s.Dev), s.Ino, true
}

// endsLine says whether the file ends in a newline.
func (f *found) endsLine() bool {
	var last [1]byte
	_, err := f.file.ReadAt(last[:], f.size-1)
	return err == nil && last[0] == '\n'
}
