package webhook

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Server takes audit events.
type Server struct {
	cfg         Config
	store       Store
	tokens      *tokens // nil: none are accepted
	log         rarely
	room        room
	counters    counters
	connections connections
	halt        chan struct{} // closed when requests under way are given up
}

// New returns a Server that hands what it receives to store.
func New(cfg Config, store Store) (*Server, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("audit webhook: %w", err)
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{
		cfg: cfg, store: store,
		log:         rarely{log: cfg.Log, kinds: make(map[string]*quiet)},
		room:        room{maxBytes: cfg.MaxInFlightBytes, maxRequests: cfg.MaxRequests, maxBySource: cfg.MaxRequestsPerSource, bySource: make(map[source]int)},
		connections: connections{max: cfg.MaxConnections, open: make(map[*connection]struct{})},
		halt:        make(chan struct{}),
	}
	if cfg.TokenFile != "" {
		var err error
		if s.tokens, err = newTokens(cfg.TokenFile); err != nil {
			return nil, fmt.Errorf("audit webhook: %w", err)
		}
	}
	return s, nil
}

// Run takes requests from l, a TCP listener, until ctx ends. Then it takes no more, waits at most Config.DrainTimeout for those under way to be answered,
// gives up what is left and returns when all has ended. An error tells that l broke, or how many requests were given up.
func (s *Server) Run(ctx context.Context, l net.Listener) error {
	s.connections.Listener = l
	server := s.httpServer()
	ended := make(chan error, 1)
	go func() { ended <- server.ServeTLS(&s.connections, "", "") }()
	select {
	case err := <-ended:
		_ = s.drain(ctx, server)
		return fmt.Errorf("audit webhook: %w", err)
	case <-ctx.Done():
	}
	err := s.drain(ctx, server)
	<-ended
	return err
}

// drain ends the requests under way in two steps.
func (s *Server) drain(ctx context.Context, server *http.Server) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.cfg.DrainTimeout)
	defer cancel()
	_ = server.Shutdown(ctx) // what it could not wait for is told below
	left := s.empty(ctx)
	close(s.halt)
	_ = server.Close() // of connections, none of which is of use any more
	if left == 0 {
		return nil
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	s.empty(last)
	return fmt.Errorf("audit webhook: gave up %d requests that did not end in %v", left, s.cfg.DrainTimeout)
}

// empty waits until no request is under way, nor a call of the store for one, and returns how many are left when ctx ends.
func (s *Server) empty(ctx context.Context) (left int) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		left, _ = s.room.now()
		if left == 0 || ctx.Err() != nil {
			return left
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
}

// httpServer has the bounds of connections and headers. Those of bodies are the handler's, and ReadTimeout and WriteTimeout stand behind them: to
// take an answer may take a sender as long as to send headers.
func (s *Server) httpServer() *http.Server {
	slack := s.cfg.HeaderTimeout
	config := s.cfg.TLS.Clone()
	config.MinVersion = max(config.MinVersion, tls.VersionTLS12)
	return &http.Server{
		Handler:           s,
		TLSConfig:         config,
		ErrorLog:          log.New(&s.log, "", 0),
		MaxHeaderBytes:    s.cfg.MaxHeaderBytes,
		ReadHeaderTimeout: s.cfg.HeaderTimeout,
		ReadTimeout:       s.cfg.BodyTimeout + slack,
		WriteTimeout:      s.cfg.AnswerTimeout + slack,
		IdleTimeout:       s.cfg.IdleTimeout,
		ConnContext:       connContext,
		HTTP2: &http.HTTP2Config{
			MaxConcurrentStreams: s.cfg.MaxStreams,
			SendPingTimeout:      30 * time.Second,
			PingTimeout:          15 * time.Second,
			WriteByteTimeout:     slack,
		},
	}
}

// connKey is where a request's context has its connection.
type connKey struct{}

func connContext(ctx context.Context, conn net.Conn) context.Context {
	if t, ok := conn.(*tls.Conn); ok {
		conn = t.NetConn()
	}
	return context.WithValue(ctx, connKey{}, conn)
}

// errPanic is what a store that panicked returns.
var errPanic = errors.New("panic")
