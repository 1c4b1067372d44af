package jsonl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/sinks"
)

// Sink writes lines to one file. It implements sinks.Sink and sinks.Deduplicator. Reopen may be called by any goroutine.
type Sink struct {
	duplicates atomic.Uint64

	mu    sync.Mutex // guards all that follows
	out   output     // nil: closed
	known *known     // nil: nothing is known again
	begun key        // of the alert whose line is begun; zero: none
	enc   event.Encoder
	batch batch
}

// output is what lines are written to.
type output interface {
	// ready does what is to be done before the next lines.
	ready(ctx context.Context) error
	// write writes lines. With an error, whole is how many bytes of whole lines are there, and begun says that a part of the next
	// line is too: the next call of ready writes the rest of that one.
	write(ctx context.Context, lines []byte) (whole int, begun bool, err error)
	reopen() error
	close() error
}

var errClosed = errors.New("write alerts: the sink is closed")

// New returns a sink that owns w.
func New(w io.WriteCloser) *Sink { return &Sink{out: &stream{w: w}} }

// Open opens the file and reads what it has to know of the files that are there. What it opens may also be a pipe or a device;
// then nothing is read, rotated or synced.
func Open(cfg Config) (*Sink, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("output: %w", err)
	}
	s := &Sink{known: newKnown(maxKnown)}
	var err error
	if s.out, err = s.open(cfg); err != nil {
		return nil, fmt.Errorf("open output: %w", err)
	}
	return s, nil
}

func (s *Sink) open(cfg Config) (output, error) {
	path, err := filePath(cfg.File)
	if err != nil {
		return nil, err
	}
	if path == "" {
		return openStream(cfg.File)
	}
	cfg.File = path
	return openFile(cfg, &s.mu, s.known)
}

// Write writes a line for each alert that is not known.
func (s *Sink) Write(ctx context.Context, alerts []*event.Alert) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.out == nil {
		return errClosed
	}
	if err := s.out.ready(ctx); err != nil {
		return fmt.Errorf("write alerts: %w", err)
	}
	s.encode(alerts)
	if len(s.batch.lines) > 0 {
		if whole, begun, err := s.out.write(ctx, s.batch.text); err != nil {
			return s.undo(whole, begun, fmt.Errorf("write alerts: %w", err))
		}
	}
	s.duplicates.Add(s.batch.duplicates)
	return nil
}

// Reopen closes the file and opens what now has its name, after the file was moved away, say.
func (s *Sink) Reopen() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.out == nil {
		return errClosed
	}
	return s.out.reopen()
}

// Duplicates returns how many alerts were in the files already.
func (s *Sink) Duplicates() uint64 { return s.duplicates.Load() }

// Close closes the file.
func (s *Sink) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.out == nil {
		return nil
	}
	err := s.out.close()
	s.out = nil
	if err != nil {
		return fmt.Errorf("close alerts: %w", err)
	}
	return nil
}

var _ sinks.Deduplicator = (*Sink)(nil)
