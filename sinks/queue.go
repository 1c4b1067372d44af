package sinks

import (
	"context"

	"github.com/parallax-sec/parallax/event"
)

// Queue holds the alerts that a sink is to take, in their order, and survives the process. It is used by one goroutine at a time.
type Queue interface {
	// Next waits until there are alerts and returns up to most of them, fewer where they are large: how much memory they take
	// is the queue's to bound. They stay with the caller, however long it takes, until they are done; what a caller never said to
	// be done is given to the next one. io.EOF says that there will be no more. The slice is the caller's until the next call.
	Next(ctx context.Context, most int) ([]*event.Alert, error)
	// Done says that alerts that Next gave are dealt with. Those that were put aside may be among them.
	Done(ctx context.Context, alerts []*event.Alert) error
	// Dead puts an alert that Next gave aside, for people to look at, with the reason why the sink refuses it. When it returns
	// without an error it is kept. The same alert may be put aside again.
	Dead(ctx context.Context, a *event.Alert, reason error) error
}
