package nats

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/parallax-sec/parallax/sinks"
)

// maxPending bounds how many messages wait for a stream's answer.
const maxPending = 1024

// Codes of JetStream's errors that repeating does not mend (nats-server, errors.json).
const (
	messageTooLarge jetstream.ErrorCode = 10054 // JSStreamMessageExceedsMaximumErr
	headerTooLarge  jetstream.ErrorCode = 10097 // JSStreamHeaderExceedsMaximumErr
)

// store publishes messages to streams and waits for their answers, a bounded number at a time.
func (s *Sink) store(ctx context.Context, messages []message, answers sinks.Partial) {
	for len(messages) > 0 {
		n := min(len(messages), maxPending)
		s.storeSome(ctx, messages[:n], answers)
		messages = messages[n:]
	}
}

func (s *Sink) storeSome(ctx context.Context, messages []message, answers sinks.Partial) {
	before := s.conn.LastError()
	futures := make([]jetstream.PubAckFuture, len(messages))
	for i, m := range messages {
		var err error
		if futures[i], err = s.js.PublishMsgAsync(m.msg); err != nil {
			answers[m.alert] = fmt.Errorf("publish: %w", err)
		}
	}
	for i, m := range messages {
		if futures[i] == nil {
			continue
		}
		select {
		case ack := <-futures[i].Ok():
			if ack.Duplicate {
				s.duplicates.Add(1)
			}
		case err := <-futures[i].Err():
			answers[m.alert] = answer(err)
		case <-ctx.Done():
			answers[m.alert] = errors.Join(fmt.Errorf("no answer from a stream: %w", ctx.Err()), refusal(s.conn, before))
		}
	}
}

// answer is what a stream's error means for an alert.
func answer(err error) error {
	var api *jetstream.APIError
	if errors.As(err, &api) && (api.ErrorCode == messageTooLarge || api.ErrorCode == headerTooLarge) {
		return &sinks.Refused{Err: fmt.Errorf("stream: %w", err), TooLarge: true}
	}
	return fmt.Errorf("stream: %w", err)
}

// publish publishes messages that no stream takes, and waits until the server has them.
func (s *Sink) publish(ctx context.Context, messages []message, answers sinks.Partial) {
	if len(messages) == 0 {
		return
	}
	if err := s.flush(ctx, messages); err != nil {
		for _, m := range messages {
			answers[m.alert] = err
		}
	}
}

func (s *Sink) flush(ctx context.Context, messages []message) error {
	before := s.conn.LastError()
	for _, m := range messages {
		if err := s.conn.PublishMsg(m.msg); err != nil {
			return fmt.Errorf("publish: %w", err)
		}
	}
	if err := s.conn.FlushWithContext(ctx); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	return refusal(s.conn, before)
}

// refusal is the error by which the server refused what was published since the last one was before. Of a message that it refuses it
// says so beside, and before it answers a flush.
func refusal(conn *nats.Conn, before error) error {
	if now := conn.LastError(); now != before && errors.Is(now, nats.ErrPermissionViolation) { //nolint:errorlint // is it another one?
		return fmt.Errorf("publish: %w", now)
	}
	return nil
}

// lastError is why there is no connection.
func lastError(conn *nats.Conn) error {
	if err := conn.LastError(); err != nil {
		return err
	}
	return nats.ErrNoServers
}
