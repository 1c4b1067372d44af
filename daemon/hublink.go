package daemon

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/parallax-sec/parallax/bus"
)

// publisher is where a process puts what it has taken in, and returns when it is stored.
type publisher interface {
	Publish(ctx context.Context, m bus.Message) error
}

// wholeBus is the stream of a process that may do everything with it.
type wholeBus struct{ *bus.Bus }

// Publish stores a message.
func (w wholeBus) Publish(ctx context.Context, m bus.Message) error {
	_, err := w.Bus.Publish(ctx, m)
	return err
}

// hubLink is the stream of an agent, which reaches it through a hub. It is made in the background, since a node is to be watched whether
// there is a hub or not: until then nothing can be stored.
type hubLink struct {
	d     *Daemon
	cfg   bus.AgentConfig
	agent atomic.Pointer[bus.Agent] // nil: there was no connection yet
}

// openLink prepares the way to the hub.
func (d *Daemon) openLink() error {
	cfg, err := d.busConfig()
	if err != nil {
		return err
	}
	d.link = &hubLink{d: d, cfg: bus.AgentConfig{Node: NodeName(&d.cfg.Sensor, d.s.Getenv), URLs: cfg.URLs, Auth: cfg.Auth, Log: d.s.Log}}
	d.stream = d.link
	d.open.add(d.link.close)
	return nil
}

// dialTell is how long a hub may be away until that is told, and told again.
const dialTell = 10 * time.Second

// run makes the connection, which keeps itself up from then on, and returns when ctx is done.
func (l *hubLink) run(ctx context.Context) error {
	for ctx.Err() == nil && l.agent.Load() == nil {
		trial, cancel := context.WithTimeout(ctx, dialTell)
		agent, err := bus.DialAgent(trial, l.cfg)
		cancel()
		switch {
		case err == nil:
			l.agent.Store(agent)
		case !errors.Is(err, bus.ErrUnavailable):
			return err
		case ctx.Err() == nil:
			l.d.s.Log.Warn("the hub is not reached yet", "error", err.Error())
		}
	}
	<-ctx.Done()
	return nil
}

var errNoLink = fmt.Errorf("%w: the hub is not reached yet", bus.ErrUnavailable)

// Publish stores a message at the hub.
func (l *hubLink) Publish(ctx context.Context, m bus.Message) error {
	agent := l.agent.Load()
	if agent == nil {
		return errNoLink
	}
	return agent.Publish(ctx, m)
}

// ready says why nothing can be stored; nil where it can.
func (l *hubLink) ready() error {
	if agent := l.agent.Load(); agent == nil || !agent.Connected() {
		return errors.New("there is no connection to the hub")
	}
	return nil
}

func (l *hubLink) close() error {
	if agent := l.agent.Load(); agent != nil {
		agent.Close()
	}
	return nil
}
