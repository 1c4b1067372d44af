package jsonl

import (
	"bytes"
	"context"
	"io"
	"os"
	"time"
)

// stream is a pipe, a terminal or whatever else takes bytes and does not give them back.
type stream struct {
	w    io.WriteCloser
	rest []byte // of a line that was cut off when a write failed
}

// openStream opens what is no regular file. A pipe is opened for reading too, since opening it would wait for a reader otherwise.
func openStream(name string) (*stream, error) {
	how := os.O_WRONLY | os.O_APPEND
	if info, err := os.Stat(name); err == nil && info.Mode()&os.ModeNamedPipe != 0 {
		how = os.O_RDWR
	}
	f, err := os.OpenFile(name, how, 0)
	if err != nil {
		return nil, err
	}
	return &stream{w: f}, nil
}

// ready completes a line that was cut off.
func (s *stream) ready(ctx context.Context) error {
	if len(s.rest) == 0 {
		return nil
	}
	n, err := s.put(ctx, s.rest)
	s.rest = s.rest[n:]
	return err
}

func (s *stream) write(ctx context.Context, lines []byte) (whole int, begun bool, err error) {
	n, err := s.put(ctx, lines)
	if err == nil {
		return n, false, nil
	}
	whole = bytes.LastIndexByte(lines[:n], '\n') + 1
	if whole == n {
		return n, false, err
	}
	end := n + bytes.IndexByte(lines[n:], '\n') + 1
	s.rest = bytes.Clone(lines[n:end])
	return whole, true, err
}

// put writes b and gives up when ctx is done, where w can be waited for so.
func (s *stream) put(ctx context.Context, b []byte) (int, error) {
	w, ok := s.w.(interface{ SetWriteDeadline(time.Time) error })
	if !ok {
		return s.w.Write(b)
	}
	fired := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(fired)
		_ = w.SetWriteDeadline(time.Unix(1, 0))
	})
	n, err := s.w.Write(b)
	if !stop() {
		<-fired
		_ = w.SetWriteDeadline(time.Time{})
	}
	return n, err
}

func (s *stream) reopen() error { return nil }
func (s *stream) close() error  { return s.w.Close() }
