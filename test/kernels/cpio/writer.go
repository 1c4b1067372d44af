package cpio

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
)

// The types of file that an archive can hold (inode(7)).
const (
	typeDir     = 0o040000
	typeRegular = 0o100000
	typeLink    = 0o120000
)

const (
	magic   = "070701"
	trailer = "TRAILER!!!"
)

// Writer writes an archive to another writer.
type Writer struct {
	w    io.Writer
	ino  uint32
	dirs map[string]bool
}

// NewWriter returns a writer of an archive to w. Close ends the archive and leaves w open.
func NewWriter(w io.Writer) *Writer {
	return &Writer{w: w, dirs: map[string]bool{}}
}

// Dir adds a folder, and those above it, with mode 0755. One that is there already is not added again.
func (w *Writer) Dir(name string) error {
	name = clean(name)
	if name == "" || w.dirs[name] {
		return nil
	}
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		if err := w.Dir(name[:i]); err != nil {
			return err
		}
	}
	w.dirs[name] = true
	return w.header(name, typeDir|0o755, 0)
}

// File adds a regular file of size bytes, which it reads from r, and the folders above it.
func (w *Writer) File(name string, mode uint32, size int64, r io.Reader) error {
	if err := w.begin(&name, typeRegular|mode&0o7777, size); err != nil {
		return err
	}
	n, err := io.CopyN(w.w, r, size)
	if err != nil {
		return fmt.Errorf("add %s after %d of %d bytes: %w", name, n, size, err)
	}
	return w.align(size)
}

// Symlink adds a symbolic link to target, and the folders above it.
func (w *Writer) Symlink(name, target string) error {
	size := int64(len(target))
	if err := w.begin(&name, typeLink|0o777, size); err != nil {
		return err
	}
	if _, err := io.WriteString(w.w, target); err != nil {
		return fmt.Errorf("add %s: %w", name, err)
	}
	return w.align(size)
}

// Close ends the archive.
func (w *Writer) Close() error { return w.header(trailer, 0, 0) }

// begin adds the folders above a file and its header.
func (w *Writer) begin(name *string, mode uint32, size int64) error {
	*name = clean(*name)
	if *name == "" {
		return errors.New("add a file to the archive: it has no name")
	}
	if size < 0 || size > math.MaxUint32 {
		return fmt.Errorf("add %s: %d bytes do not fit in an archive of this format", *name, size)
	}
	if i := strings.LastIndexByte(*name, '/'); i >= 0 {
		if err := w.Dir((*name)[:i]); err != nil {
			return err
		}
	}
	return w.header(*name, mode, size)
}

// header writes the head of a file: the magic, 13 numbers of 8 hexadecimal digits, the name and its NUL.
func (w *Writer) header(name string, mode uint32, size int64) error {
	w.ino++
	fields := [13]uint32{0: w.ino, 1: mode, 4: 1, 6: uint32(size), 11: uint32(len(name) + 1)}
	var b strings.Builder
	b.WriteString(magic)
	for _, f := range fields {
		fmt.Fprintf(&b, "%08x", f)
	}
	b.WriteString(name)
	b.WriteByte(0)
	n, err := io.WriteString(w.w, b.String())
	if err != nil {
		return fmt.Errorf("add %s: %w", name, err)
	}
	return w.align(int64(n))
}

// align fills up to a multiple of 4 bytes behind a piece of n bytes that began at one.
func (w *Writer) align(n int64) error {
	_, err := w.w.Write(make([]byte, -n&3))
	return err
}

func clean(name string) string { return strings.Trim(name, "/") }
