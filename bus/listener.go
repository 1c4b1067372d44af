package bus

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// Listener is where agents reach the server inside this process, and how they prove which node they run on: with a key (NATS's
// NKeys), with a token that the hub's API server vouches for, or either. It is TLS, always.
type Listener struct {
	Address string // host:port
	TLS     *tls.Config
	// KeysFile has a line for each node: its name, its public key, and tail where it is one of TailNodes. It is read again when it
	// changes.
	KeysFile string
	// Authenticate tells which node a token belongs to. nil: no tokens. It may be called by many goroutines.
	Authenticate func(ctx context.Context, token string) (node string, err error)
	// TailNodes are the nodes that may send what they read of audit logs beside what they see themselves.
	TailNodes []string
	Cluster   string // of those logs; empty is "default"
	// MaxConnections bounds the agents that are connected, 0 is 10,000.
	MaxConnections int
}

const (
	authTimeout = 10 * time.Second
	// maxAgentSubs bounds what one agent subscribes to: its inbox.
	maxAgentSubs = 16
)

func (l *Listener) validate() error {
	switch {
	case l.TLS == nil:
		return errors.New("agents are listened to over TLS only")
	case l.KeysFile == "" && l.Authenticate == nil:
		return errors.New("agents need keys or tokens")
	}
	return nil
}

// apply opens the server to agents.
func (l *Listener) apply(o *server.Options, log *slog.Logger) error {
	host, port, err := net.SplitHostPort(l.Address)
	if err != nil {
		return fmt.Errorf("listen for agents: %w", err)
	}
	if o.Port, err = strconv.Atoi(port); err != nil {
		return fmt.Errorf("listen for agents: %w", err)
	}
	if o.Port == 0 {
		o.Port = server.RANDOM_PORT
	}
	auth, err := newAuthenticator(l, log)
	if err != nil {
		return err
	}
	o.Host, o.DontListen = host, false
	o.TLSConfig, o.TLS, o.TLSTimeout = l.TLS, true, authTimeout.Seconds()
	o.AuthTimeout, o.AlwaysEnableNonce, o.CustomClientAuthentication = authTimeout.Seconds(), true, auth
	o.MaxConn, o.MaxSubs = l.MaxConnections, maxAgentSubs
	if o.MaxConn == 0 {
		o.MaxConn = 10_000
	}
	return nil
}

// AgentsAddress returns the address at which agents are listened to, nil where they are not.
func (b *Bus) AgentsAddress() net.Addr {
	if b.cfg.Agents == nil {
		return nil
	}
	return b.server.now().Addr()
}
