package text

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/parallax-sec/parallax/event"
)

// Config says how alerts are shown.
type Config struct {
	Colour bool // of the severity, by ANSI escape sequences
}

// Sink writes to one file or terminal. It implements sinks.Sink.
type Sink struct {
	cfg Config
	w   io.WriteCloser // nil: closed
	buf []byte
}

var errClosed = errors.New("write alerts: the sink is closed")

// New returns a sink that owns w.
func New(cfg Config, w io.WriteCloser) *Sink { return &Sink{cfg: cfg, w: w} }

// Write writes two lines for each alert.
func (s *Sink) Write(_ context.Context, alerts []*event.Alert) error {
	if s.w == nil {
		return errClosed
	}
	s.buf = s.buf[:0]
	for _, a := range alerts {
		s.buf = s.appendHead(s.buf, a)
		s.buf = appendBody(s.buf, a)
	}
	if _, err := s.w.Write(s.buf); err != nil {
		return fmt.Errorf("write alerts: %w", err)
	}
	return nil
}

// Close closes the file.
func (s *Sink) Close() error {
	if s.w == nil {
		return nil
	}
	err := s.w.Close()
	s.w = nil
	if err != nil {
		return fmt.Errorf("close alerts: %w", err)
	}
	return nil
}
