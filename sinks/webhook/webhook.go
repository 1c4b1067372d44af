package webhook

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/sinks"
)

// Sink posts alerts to one URL. It implements sinks.Sink.
type Sink struct {
	cfg    Config
	format format
	client *http.Client
	closed bool
	body   []byte
}

// format makes bodies of alerts.
type format interface {
	// together says that several alerts may be in one body.
	together() bool
	// body appends the body for alerts to dst; nothing where the format has no word for them, and they are to be left out.
	body(dst []byte, alerts []*event.Alert, now time.Time) []byte
}

// Open reads the files that the configuration names. It asks nothing of the server.
func Open(cfg Config) (*Sink, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("webhook: %w", err)
	}
	if _, err := cfg.readRequest(); err != nil {
		return nil, fmt.Errorf("webhook: %w", err)
	}
	client, err := newClient(cfg)
	if err != nil {
		return nil, fmt.Errorf("webhook: %w", err)
	}
	return &Sink{cfg: cfg, format: newFormat(cfg), client: client}, nil
}

func newFormat(cfg Config) format {
	switch cfg.Format {
	case FormatAlertmanager:
		return &alertmanager{firing: cfg.Firing}
	case FormatFalco:
		return &falco{hostname: cfg.Hostname}
	}
	return &documents{array: cfg.Array}
}

// Write posts alerts.
func (s *Sink) Write(ctx context.Context, alerts []*event.Alert) error {
	if s.closed {
		return errors.New("webhook: the sink is closed")
	}
	r, err := s.cfg.readRequest()
	if err != nil {
		return fmt.Errorf("webhook: %w", err)
	}
	if s.format.together() {
		return s.post(ctx, r, alerts)
	}
	return s.postEach(ctx, r, alerts)
}

// postEach posts one alert after the other, until the server takes no more.
func (s *Sink) postEach(ctx context.Context, r *request, alerts []*event.Alert) error {
	answers := make(sinks.Partial, len(alerts))
	for i := range alerts {
		err := s.post(ctx, r, alerts[i:i+1])
		var refused *sinks.Refused
		if err == nil || errors.As(err, &refused) {
			answers[i] = err
			continue
		}
		for j := i; j < len(alerts); j++ {
			answers[j] = err
		}
		break
	}
	return answers.OrNil()
}

// post makes one request.
func (s *Sink) post(ctx context.Context, r *request, alerts []*event.Alert) error {
	s.body = s.format.body(s.body[:0], alerts, time.Now())
	if len(s.body) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	req, err := r.make(ctx, s.body, time.Now())
	if err != nil {
		return fmt.Errorf("webhook: %w", err)
	}
	answer, err := s.client.Do(req)
	if err != nil {
		return fmt.Errorf("post to %s: %w", r.where(), r.mask(err))
	}
	return r.judge(answer, time.Now())
}

// Close ends the connections.
func (s *Sink) Close() error {
	s.closed = true
	s.client.CloseIdleConnections()
	return nil
}
