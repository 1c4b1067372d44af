package bus

import (
	"context"
	"crypto/x509"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

// connect connects to the server inside this process, or to the cluster.
func (b *Bus) connect(ctx context.Context) (*nats.Conn, error) {
	opts := connectionOptions(b.cfg.Name, b.log, b.broken.tell)
	if b.server != nil {
		nc, err := nats.Connect("", append(opts, nats.InProcessServer(b.server))...)
		if err != nil {
			return nil, fmt.Errorf("connect to the server inside: %w", err)
		}
		return nc, nil
	}
	auth, err := b.cfg.Auth.options()
	if err != nil {
		return nil, err
	}
	return dial(ctx, b.cfg.URLs, append(opts, auth...))
}

// connectionOptions are those of every connection: it is made again for as long as it takes, and what goes wrong is told. Nothing is kept back
// while there is none, since whoever publishes waits for an answer and is told.
func connectionOptions(name string, log *slog.Logger, broken func()) []nats.Option {
	return []nats.Option{
		nats.Name(name), nats.MaxReconnects(-1), nats.ReconnectWait(250 * time.Millisecond), nats.ReconnectJitter(250*time.Millisecond, 500*time.Millisecond),
		nats.ReconnectBufSize(-1), nats.IgnoreAuthErrorAbort(), nats.PingInterval(10 * time.Second), nats.MaxPingsOutstanding(3),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			broken()
			if err != nil {
				log.Warn("the bus is not connected", "error", err)
			}
		}),
		nats.ReconnectHandler(func(nc *nats.Conn) { log.Info("the bus is connected again", "server", nc.ConnectedUrlRedacted()) }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			log.Warn("the bus refused something", "error", err)
		}),
	}
}

// signal tells whoever waits that something has happened. The zero signal is ready for use, by any goroutine.
type signal struct {
	mu sync.Mutex
	c  chan struct{} // closed by tell; nil: nobody waits; guarded by mu
}

// wait returns what is closed when tell is called the next time.
func (s *signal) wait() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.c == nil {
		s.c = make(chan struct{})
	}
	return s.c
}

func (s *signal) tell() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.c != nil {
		close(s.c)
		s.c = nil
	}
}

// dial tries until ctx ends.
func dial(ctx context.Context, urls []string, opts []nats.Option) (*nats.Conn, error) {
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		nc, err := nats.Connect(strings.Join(urls, ","), opts...)
		if err == nil {
			return nc, nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("connect to the cluster: %w: %w", ErrUnavailable, err)
		case <-time.After(wait):
		}
	}
}

func (a *Auth) options() ([]nats.Option, error) {
	var opts []nats.Option
	if a.TLS != nil {
		opts = append(opts, nats.Secure(a.TLS()), func(o *nats.Options) error {
			o.RootCAsCB = func() (*x509.CertPool, error) { return a.TLS().RootCAs, nil }
			return nil
		})
	}
	if a.CredsFile != "" {
		opts = append(opts, nats.UserCredentials(a.CredsFile))
	}
	if a.NKeyFile != "" {
		opt, err := nats.NkeyOptionFromSeed(a.NKeyFile)
		if err != nil {
			return nil, fmt.Errorf("read the key %s: %w", a.NKeyFile, err)
		}
		opts = append(opts, opt)
	}
	if a.TokenFile != "" {
		opts = append(opts, nats.TokenHandler(func() string { return readToken(a.TokenFile) }))
	}
	return opts, nil
}

// readToken reads a token anew for each connection, since the kubelet changes it. One that cannot be read is refused by the server.
func readToken(path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}
