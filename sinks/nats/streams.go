package nats

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// askAgain is how long the answer that no stream takes a subject holds. The other one holds for ever: alerts wait when the stream
// is gone, they do not go past it.
const askAgain = time.Minute

// streams knows which subjects a stream takes. There are as many as severities.
type streams struct {
	mode  string
	js    jetstream.JetStream
	known map[string]bool
	asked map[string]time.Time // of those that no stream takes
}

func newStreams(cfg Config, js jetstream.JetStream) streams {
	return streams{mode: cfg.JetStream, js: js, known: map[string]bool{}, asked: map[string]time.Time{}}
}

// take says whether a stream takes subject.
func (s *streams) take(ctx context.Context, subject string) (bool, error) {
	switch {
	case s.mode != JetStreamAuto:
		return s.mode == JetStreamAlways, nil
	case s.known[subject]:
		return true, nil
	case !s.asked[subject].IsZero() && time.Since(s.asked[subject]) < askAgain:
		return false, nil
	}
	_, err := s.js.StreamNameBySubject(ctx, subject)
	switch {
	case err == nil:
		s.known[subject] = true
		return true, nil
	case isAny(err, jetstream.ErrStreamNotFound, jetstream.ErrJetStreamNotEnabled, jetstream.ErrJetStreamNotEnabledForAccount),
		errors.Is(err, nats.ErrNoResponders) && !s.away():
		s.asked[subject] = time.Now()
		return false, nil
	}
	return false, fmt.Errorf("ask whether a stream takes %s (jetStream: always or never makes this needless): %w", subject, err)
}

// away says that the servers have JetStream, though nobody answers for it: they are choosing who will.
func (s *streams) away() bool {
	has, _ := s.js.Conn().ConnectedServerJetStream()
	return has
}

func isAny(err error, targets ...error) bool {
	for _, t := range targets {
		if errors.Is(err, t) {
			return true
		}
	}
	return false
}
