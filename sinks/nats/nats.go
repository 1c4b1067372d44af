package nats

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/sinks"
)

// Sink publishes to one subject. It implements sinks.Sink and sinks.Deduplicator.
type Sink struct {
	duplicates atomic.Uint64

	cfg     Config
	conn    *nats.Conn
	js      jetstream.JetStream
	streams streams
	enc     event.Encoder
}

var errClosed = errors.New("publish alerts: the sink is closed")

// Open reads the files that the configuration names and begins to connect. It returns before that comes to anything, and a
// connection that is lost is made again for as long as it takes: until there is one, Write fails.
func Open(cfg Config) (*Sink, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("nats: %w", err)
	}
	conn, err := connect(cfg)
	if err != nil {
		return nil, fmt.Errorf("nats: %w", err)
	}
	js, err := jetstream.New(conn, jetstream.WithPublishAsyncMaxPending(maxPending), jetstream.WithPublishAsyncTimeout(cfg.Timeout))
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("nats: %w", err)
	}
	return &Sink{cfg: cfg, conn: conn, js: js, streams: newStreams(cfg, js)}, nil
}

// Write publishes alerts.
func (s *Sink) Write(ctx context.Context, alerts []*event.Alert) error {
	switch {
	case s.conn.IsClosed():
		return errClosed
	case !s.conn.IsConnected():
		return fmt.Errorf("publish alerts: not connected: %w", lastError(s.conn))
	}
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	stored, plain, answers, err := s.sort(ctx, alerts)
	if err != nil {
		return fmt.Errorf("publish alerts: %w", err)
	}
	s.store(ctx, stored, answers)
	s.publish(ctx, plain, answers)
	return answers.OrNil()
}

// message is what is published of one alert.
type message struct {
	alert int // which one of those that were given
	msg   *nats.Msg
}

// sort makes messages of alerts: those that a stream takes, and others. What is too large for the servers has its answer already.
func (s *Sink) sort(ctx context.Context, alerts []*event.Alert) (stored, plain []message, answers sinks.Partial, err error) {
	answers = make(sinks.Partial, len(alerts))
	for i, a := range alerts {
		m := message{i, s.message(a)}
		if most := s.conn.MaxPayload(); most > 0 && int64(m.msg.Size()) > most {
			answers[i] = &sinks.Refused{Err: fmt.Errorf("a message of %d bytes, servers take %d", m.msg.Size(), most), TooLarge: true}
			continue
		}
		takes, err := s.streams.take(ctx, m.msg.Subject)
		if err != nil {
			return nil, nil, nil, err
		}
		if takes {
			stored = append(stored, m)
		} else {
			plain = append(plain, m)
		}
	}
	return stored, plain, answers, nil
}

func (s *Sink) message(a *event.Alert) *nats.Msg {
	return &nats.Msg{
		Subject: s.cfg.Subject + "." + event.SeverityName(a.Severity),
		Header: nats.Header{
			nats.MsgIdHdr:  {fmt.Sprintf("%s.%d", event.Escape(a.ID), a.Revision)},
			"Content-Type": {"application/json"},
		},
		Data: s.enc.Append(nil, a),
	}
}

// Duplicates returns how many alerts the streams had already.
func (s *Sink) Duplicates() uint64 { return s.duplicates.Load() }

// Close ends the connection.
func (s *Sink) Close() error {
	s.conn.Close()
	return nil
}

var _ sinks.Deduplicator = (*Sink)(nil)
