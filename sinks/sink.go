package sinks

import (
	"context"

	"github.com/parallax-sec/parallax/event"
)

// Sink takes alerts out. It is used by one goroutine at a time.
type Sink interface {
	// Write takes alerts in their order. It keeps neither the slice nor the alerts. When it returns without an error they are
	// where the sink takes them (a file's alerts are with the operating system); after an error, which of them arrived is
	// not known, and nothing more is to be written.
	Write(ctx context.Context, alerts []*event.Alert) error
	// Close gives up what the sink holds. It returns the error of a file that could not be closed, which may be the only
	// sign that the disk is full.
	Close() error
}
