package sinks

import (
	"context"

	"github.com/parallax-sec/parallax/event"
)

// Sink takes alerts out. It is used by one goroutine at a time.
type Sink interface {
	// Write makes one attempt to take alerts, in their order, and returns when ctx is done at the latest, unless the operating
	// system keeps it waiting for a file. It keeps neither the slice nor the alerts.
	//
	// Without an error all of them are where the sink takes them. A Partial says of each alert what became of it. After any other
	// error none counts as taken, though some may be: the same alerts are given again, perhaps fewer at once, and a sink that can
	// know an (ID, Revision) again does not take it twice. Errors hold no credentials.
	Write(ctx context.Context, alerts []*event.Alert) error
	// Close gives up what the sink holds. It returns the error of a file that could not be closed, which may be the only
	// sign that the disk is full. Nothing is written after it; closing twice does nothing.
	Close() error
}

// Deduplicator is a Sink that knows alerts again. What it was given and had already counts as taken.
type Deduplicator interface {
	// Duplicates returns how many such alerts there were so far. Any goroutine may call it.
	Duplicates() uint64
}
