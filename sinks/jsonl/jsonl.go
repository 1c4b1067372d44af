package jsonl

import (
	"context"
	"fmt"
	"io"

	"github.com/parallax-sec/parallax/event"
)

// Sink writes to one file. It implements sinks.Sink.
type Sink struct {
	w   io.WriteCloser
	enc event.Encoder
	buf []byte
}

// New returns a sink that owns w.
func New(w io.WriteCloser) *Sink { return &Sink{w: w} }

// Write writes a line for each alert.
func (s *Sink) Write(_ context.Context, alerts []*event.Alert) error {
	s.buf = s.buf[:0]
	for _, a := range alerts {
		s.buf = append(s.enc.Append(s.buf, a), '\n')
	}
	if _, err := s.w.Write(s.buf); err != nil {
		return fmt.Errorf("write alerts: %w", err)
	}
	return nil
}

// Close closes the file.
func (s *Sink) Close() error {
	if err := s.w.Close(); err != nil {
		return fmt.Errorf("close alerts: %w", err)
	}
	return nil
}
