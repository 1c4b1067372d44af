package intake

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// The bounds of a server for alerts alone.
const (
	maxConnections    = 8192 // Falco keeps one a node
	maxHeaderBytes    = 16 << 10
	readHeaderTimeout = 10 * time.Second // of the TLS handshake, too
	idleTimeout       = 10 * time.Minute
)

// Server serves a Handler at an address of its own.
type Server struct {
	Handler *Handler
	TLS     *tls.Config   // nil: plain HTTP
	Drain   time.Duration // how long requests under way may take once it is told to end
}

// Run answers requests at l, which it closes, until ctx ends. Connections beyond a bound wait. Its error is never about ctx.
func (s *Server) Run(ctx context.Context, l net.Listener) error {
	l = newLimited(l, maxConnections)
	if s.TLS != nil {
		l = tls.NewListener(l, s.TLS) // outside, since net/http looks for it
	}
	server := &http.Server{
		Handler: s.Handler, ReadHeaderTimeout: readHeaderTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeaderBytes,
		ErrorLog: slog.NewLogLogger(s.Handler.log.log.Handler(), slog.LevelDebug),
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.Drain)
	defer cancel()
	err := server.Shutdown(end)
	<-served
	if errors.Is(err, context.DeadlineExceeded) {
		err = server.Close()
	}
	return err
}
