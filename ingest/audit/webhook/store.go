package webhook

import "context"

// Body is what one request carried.
type Body struct {
	Cluster string // of the sender: its certificate's, else the path's
	Source  string // the API server of that cluster
	// Data is JSON text, uncompressed: events, lists of them or arrays of both, one or more values on a line, and none of them
	// over several lines (for Quarantine: whatever came). It belongs to the Server again when the call has returned.
	Data []byte
}

// Store keeps what is received. Its methods are called concurrently. They return when what they were given is durable, or with an
// error when it is not; then the sender is asked to send it again. ctx ends when an answer is due: they must return soon
// after. One that does not keeps its place among Config.MaxRequests and its bytes of Config.MaxInFlightBytes until it does.
type Store interface {
	// Store keeps audit events.
	Store(ctx context.Context, b Body) error
	// Quarantine keeps a body that cannot hold audit events, with the reason.
	Quarantine(ctx context.Context, b Body, reason string) error
}
