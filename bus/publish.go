package bus

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/parallax-sec/parallax/event"
)

// Message is a body for the stream of events.
type Message struct {
	Kind event.BatchKind
	// Source names who it comes from, as authenticated: cluster and API server of audit events, the node of matches, the source of
	// Falco alerts, what a control message is about.
	Source []string
	Data   []byte
	Whole  bool // Data is exactly one value, not lines: event.Batch.Whole
	// Dedupe says that the same body within 15 minutes is the same message, stored once. Only for what comes from a sender that
	// tries again.
	Dedupe bool
}

// Publish stores a body, and returns its place in the stream: that of its last part, or of the one that is there where it is a
// repetition. After an error, part of it may be there; trying again does no harm. Errors are ErrFull, ErrUnavailable,
// ErrTooLarge and the context's.
func (b *Bus) Publish(ctx context.Context, m Message) (uint64, error) {
	subject, err := subjectOf(m.Kind, m.Source)
	if err != nil {
		return 0, err
	}
	if len(m.Data) > b.cfg.MaxBodyBytes {
		return 0, fmt.Errorf("%w: %d bytes, of at most %d", ErrTooLarge, len(m.Data), b.cfg.MaxBodyBytes)
	}
	key := b.idKey
	if !m.Dedupe {
		key = nil
	}
	parts, err := b.packer.pack(subject, &m, int(b.nc.MaxPayload()), key)
	if err != nil {
		return 0, err
	}
	var seq uint64
	for _, part := range parts {
		if seq, err = b.store(ctx, streamEvents, part); err != nil {
			return 0, fmt.Errorf("store a batch: %w", err)
		}
	}
	return seq, nil
}

// store stores a message in the stream and returns its place. Without a connection, when nothing can have been sent, it waits for one.
func (b *Bus) store(ctx context.Context, stream string, m *nats.Msg, opts ...jetstream.PublishOpt) (uint64, error) {
	if err := b.room(stream); err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, b.cfg.Timeout, ErrUnavailable)
	defer cancel()
	opts = append(opts, jetstream.WithExpectStream(stream))
	for {
		ack, err := b.js.PublishMsg(ctx, m, opts...)
		if err == nil {
			return ack.Sequence, nil
		}
		if !errors.Is(err, nats.ErrReconnectBufExceeded) || sleep(ctx, retryFirst) != nil {
			return 0, answerError(ctx, err)
		}
	}
}

// answerError tells what became of a message: an error of ctx is one of the caller's unless our own time was up.
func answerError(ctx context.Context, err error) error {
	if ctx.Err() != nil && !errors.Is(context.Cause(ctx), ErrUnavailable) {
		return ctx.Err()
	}
	return storeError(err)
}
