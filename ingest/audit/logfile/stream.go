package logfile

import (
	"context"
	"errors"
	"io"
	"os"
	"sync/atomic"

	"github.com/parallax-sec/parallax/event"
)

// stream is an open input: its text, cut into batches. As batches, it reads when it is asked to: the block that was released
// last, still in the cache, takes the next bytes.
type stream struct {
	frames *framer
	text   content
	src    io.Closer
}

func (s *stream) next(context.Context) (*event.Batch, error) { return s.frames.next() }

func (s *stream) close() {
	s.frames.w.drop()
	s.text.close()
	_ = s.src.Close()
}

// failed is an input that could not be opened.
type failed struct{ err error }

func (f failed) next(context.Context) (*event.Batch, error) { return nil, f.err }

func (f failed) close() {}

// openFile opens a file: a plain one is read directly, a compressed one by a goroutine of its own.
func (r *Reader) openFile(path string) batches {
	file, err := os.Open(path)
	if err != nil {
		return failed{reason(err)}
	}
	s, err := r.newStream(path, file)
	switch {
	case err != nil:
		return failed{err}
	case s.text.compressed:
		return readAheadOf(func() (*stream, error) { return s, nil }, true)
	}
	return s
}

// openStdin reads standard input on a goroutine of its own, whatever it holds, so that waiting for it can be given up.
func (r *Reader) openStdin() batches {
	return readAheadOf(func() (*stream, error) { return r.newStream(stdinName, io.NopCloser(r.stdin)) }, false)
}

// newStream takes src over.
func (r *Reader) newStream(name string, src io.ReadCloser) (*stream, error) {
	text, err := openContent(r.cfg, &gate{src: &tap{src: src, read: &r.read}, stopped: &r.stopped})
	if err != nil {
		_ = src.Close()
		return nil, err
	}
	frames := newFramer(r.cfg, &r.pool, name, &gate{src: text, stopped: &r.stopped})
	return &stream{frames: frames, text: text, src: src}, nil
}

var errStopped = errors.New("reader is closed")

// gate ends a stream when the Reader is stopped. One stands before decompression, since a stream may have much that makes no
// text, and one behind it, since it may have little that makes much.
type gate struct {
	src     io.Reader
	stopped *atomic.Bool
}

func (g *gate) Read(p []byte) (int, error) {
	if g.stopped.Load() {
		return 0, errStopped
	}
	return g.src.Read(p)
}

// tap counts what is read, for Progress.
type tap struct {
	src  io.Reader
	read *atomic.Int64
}

func (t *tap) Read(p []byte) (int, error) {
	n, err := t.src.Read(p)
	t.read.Add(int64(n))
	return n, err
}

// How much of a file is looked at for its first time stamp: little, then more where little has none, since a first line may
// be long. What is read of the file for that is bounded too.
const (
	peekBytes    = 64 << 10
	peekMaxBytes = 1 << 20
	peekRawBytes = 4 << 20
)

// errLeft is what firstTime returns for what another reader is for.
var errLeft = errors.New("left to another reader")

// leaves says whether another reader is for the file.
func (r *Reader) leaves(file io.ReaderAt) bool {
	var head [16]byte
	n, _ := file.ReadAt(head[:], 0)
	return r.cfg.Leave != nil && r.cfg.Leave(head[:n])
}

// firstTime returns the smallest time at the beginning of a file, 0 where there is none, and an error for what is no log.
// Errors further on, like a broken archive, are left to be found where the file is read.
func (r *Reader) firstTime(path string) (int64, error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, reason(err)
	}
	defer file.Close()
	if r.leaves(file) {
		return 0, errLeft
	}
	text, err := openContent(r.cfg, io.LimitReader(file, peekRawBytes))
	if err != nil {
		return 0, err
	}
	defer text.close()
	head := make([]byte, peekBytes)
	n, err := readFull(text, head)
	first := oldestTime(head[:n])
	if first != 0 || err != nil {
		return first, nil
	}
	head = append(head, make([]byte, peekMaxBytes-peekBytes)...)
	more, _ := readFull(text, head[n:])
	return oldestTime(head[:n+more]), nil
}
