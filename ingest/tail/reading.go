package tail

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// reading is a file of a log that is being read: the current one, or one that was rotated away and may still grow a little.
type reading struct {
	mark
	path   string // as it was found
	kind   compression
	file   *os.File // closed by text.src
	text   lines
	failed bool      // it was given up
	since  time.Time // when it was last seen to grow, or was found to be rotated away
}

// newReading goes on in f at m, which is an empty mark for a file that is new. It takes f's file over.
func newReading(cfg *Config, f *found, m mark, now time.Time) *reading {
	if m.HeadBytes == 0 && m.Offset == 0 && !m.Cut {
		m.Line = 1
	}
	m.Path, m.Dev, m.Ino = realPath(f.path), f.dev, f.ino
	m.learn(f.head)
	r := &reading{mark: m, path: f.path, kind: f.kind, file: f.file, since: now}
	r.text = lines{cfg: cfg, src: newSource(f.file, f.kind), start: m.Offset, line: m.Line, cut: m.Cut, same: r.same}
	f.file = nil
	return r
}

// realPath is path with symbolic links followed.
func realPath(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}

// next returns the next lines; io.EOF where there are none for now.
func (r *reading) next(now time.Time) ([]byte, error) {
	if r.quiet() {
		return nil, io.EOF
	}
	data, err := r.text.next()
	if r.settle(); data != nil {
		r.since = now
	}
	if a, ok := r.text.src.(*archive); ok && err != nil && !errors.Is(err, io.EOF) {
		a.stop()
	}
	return data, err
}

// quiet says whether the file is as long as when it was read to its end.
func (r *reading) quiet() bool {
	info, err := r.file.Stat()
	return err == nil && r.kind == plain && info.Size() == r.end()
}

// commit remembers that what next returned is stored.
func (r *reading) commit() {
	r.text.commit()
	r.settle()
}

// settle moves the mark to where everything before it is stored or left out.
func (r *reading) settle() {
	if r.text.taken == 0 && !r.text.cut {
		r.Offset, r.Line, r.Cut = r.text.start, r.text.line, false
	}
}

// same is lines.same: the file is as long as what was read of it, and begins as it did.
func (r *reading) same(end int64) error {
	if r.kind != plain {
		return nil
	}
	info, err := r.file.Stat()
	if err != nil || info.Size() < end {
		return errChanged
	}
	head := make([]byte, headBytes)
	n, err := r.file.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) || !r.begins(head[:n]) {
		return errChanged
	}
	r.learn(head[:n])
	return nil
}

// quietFor says whether the file has not changed for so long.
func (r *reading) quietFor(d time.Duration, now time.Time) bool {
	if now.Sub(r.since) >= d {
		return true
	}
	info, err := r.file.Stat()
	if err != nil {
		return true
	}
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && now.Sub(time.Unix(s.Ctim.Unix())) >= d // renaming changes it, too
}

// end is how far the file was read, if not stored.
func (r *reading) end() int64 { return r.text.start + int64(len(r.text.buf)) }

func (r *reading) close() { _ = r.text.src.Close() }
