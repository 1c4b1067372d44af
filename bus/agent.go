package bus

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/parallax-sec/parallax/event"
)

// AgentConfig says how the agent of a node reaches its hub, or the cluster.
type AgentConfig struct {
	Node    string // it must be the one that Auth proves
	URLs    []string
	Auth    Auth
	Timeout time.Duration
	Log     *slog.Logger // nil: nowhere
}

// Agent is the way from a node to the stream of events: through the Gate of a hub. It is safe for use by several goroutines.
type Agent struct {
	cfg    AgentConfig
	nc     *nats.Conn
	packer *packer
}

// DialAgent connects to the hub or the cluster, and tries until ctx ends.
func DialAgent(ctx context.Context, cfg AgentConfig) (*Agent, error) {
	token, err := encodeToken(cfg.Node)
	if err != nil {
		return nil, err
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = 10 * time.Second
	}
	a := &Agent{cfg: cfg}
	if a.packer, err = newPacker(); err != nil {
		return nil, err
	}
	auth, err := cfg.Auth.options()
	if err != nil {
		return nil, err
	}
	opts := append(connectionOptions("agent/"+cfg.Node, cfg.Log, func() {}), nats.CustomInboxPrefix(inboxPrefix+token))
	a.nc, err = dial(ctx, cfg.URLs, append(opts, auth...))
	return a, err
}

// Publish stores a body, as Bus.Publish does; its last name must be this node's, and it is stored as often as it is sent. The
// sequence is not told. Of matches, what is larger than one message may be is ErrTooLarge: they have to be sent in smaller batches.
func (a *Agent) Publish(ctx context.Context, m Message) error {
	subject, err := subjectOf(m.Kind, m.Source)
	if err != nil {
		return err
	}
	parts, err := a.packer.pack(gatePrefix+subject, &m, int(a.nc.MaxPayload()), nil)
	if err != nil {
		return err
	}
	if m.Kind == event.BatchMatches && len(parts) > 1 { // a hub would not put them together
		return fmt.Errorf("%w: matches that need %d messages", ErrTooLarge, len(parts))
	}
	for _, part := range parts {
		if err := a.send(ctx, part); err != nil {
			return fmt.Errorf("send to the hub: %w", err)
		}
	}
	return nil
}

// send sends a message and waits until a hub has stored it.
func (a *Agent) send(ctx context.Context, m *nats.Msg) error {
	ctx, cancel := context.WithTimeoutCause(ctx, a.cfg.Timeout, ErrUnavailable)
	defer cancel()
	got, err := a.nc.RequestMsgWithContext(ctx, m)
	if err != nil {
		return answerError(ctx, err)
	}
	var answer gateAnswer
	if err := json.Unmarshal(got.Data, &answer); err != nil {
		return fmt.Errorf("%w: no answer of a hub: %w", ErrUnavailable, err)
	}
	switch answer.Answer {
	case answerStored:
		return nil
	case answerFull:
		return fmt.Errorf("%w: %s", ErrFull, answer.Reason)
	case answerTooLarge:
		return fmt.Errorf("%w: %s", ErrTooLarge, answer.Reason)
	case answerRefused:
		return fmt.Errorf("%w: %s", ErrRefused, answer.Reason)
	}
	return fmt.Errorf("%w: %s", ErrUnavailable, answer.Reason)
}

// Connected says whether there is a connection at this moment.
func (a *Agent) Connected() bool { return a.nc.IsConnected() }

// Close gives up the connection.
func (a *Agent) Close() {
	a.nc.Close()
}
