package webhook

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"
)

// Config says who may send and what a sender may make the server hold. DefaultConfig has the bounds; TLS is always needed, and
// at least one of client CAs (in TLS) and TokenFile.
type Config struct {
	// TLS is the server's side of connections: certificate, and the CAs of clients' certificates, which must be verified where
	// they are given (tlsfiles.Config; with TokenFile or Other, tlsfiles.ConfigOptional).
	TLS *tls.Config
	// TokenFile holds bearer tokens, one a line, each at least 16 bytes; any of them is good for any source. It is looked at
	// again every few seconds; when it cannot be read, the last tokens stay good. Empty: no tokens are accepted.
	TokenFile string
	// Other answers requests for paths outside of /audit; nil: they are answered 404. It has to authenticate them itself.
	Other http.Handler
	// Log takes what an operator should see, each kind at most once in ten seconds. nil: nothing is logged.
	Log *slog.Logger

	// MaxBodyBytes bounds a body, compressed and uncompressed. A larger one is answered 413: the API server loses these events.
	MaxBodyBytes int64
	// MaxInFlightBytes bounds the memory of all bodies that are not stored yet.
	MaxInFlightBytes int64
	// MaxRequests bounds requests under way; MaxRequestsPerSource those of one source.
	MaxRequests, MaxRequestsPerSource int
	// MaxConnections bounds connections. At the bound a new one takes the place of the oldest one that has not authenticated yet.
	MaxConnections int
	// MaxStreams bounds requests at one time on one HTTP/2 connection.
	MaxStreams int
	// MaxHeaderBytes bounds the headers of a request.
	MaxHeaderBytes int

	// HeaderTimeout bounds the TLS handshake, and the time that headers take.
	HeaderTimeout time.Duration
	// BodyTimeout bounds the time that a body takes. After BodyGrace it must have come at MinBodyRate bytes a second on the average.
	BodyTimeout, BodyGrace time.Duration
	MinBodyRate            int64
	// AnswerTimeout bounds the time from the headers to the answer. The API server gives up after 30 s.
	AnswerTimeout time.Duration
	// IdleTimeout is how long a connection may wait for a request: longer than the API server's 90 s, so that it is never
	// this side that closes a connection that is about to be used again.
	IdleTimeout time.Duration
	// RetryAfter is what a 503 asks for, in whole seconds.
	RetryAfter time.Duration
	// DrainTimeout bounds how long Run waits for requests under way when it is told to end.
	DrainTimeout time.Duration
}

// DefaultConfig returns the bounds.
func DefaultConfig() Config {
	return Config{
		MaxBodyBytes:         128 << 20,
		MaxInFlightBytes:     256 << 20,
		MaxRequests:          256,
		MaxRequestsPerSource: 128,
		MaxConnections:       256,
		MaxStreams:           128,
		MaxHeaderBytes:       16 << 10,
		HeaderTimeout:        10 * time.Second,
		BodyTimeout:          20 * time.Second,
		BodyGrace:            5 * time.Second,
		MinBodyRate:          16 << 10,
		AnswerTimeout:        25 * time.Second,
		IdleTimeout:          150 * time.Second,
		RetryAfter:           3 * time.Second,
		DrainTimeout:         20 * time.Second,
	}
}

// Validate tells what is wrong with c.
func (c *Config) Validate() error {
	if c.TLS == nil {
		return errors.New("audit events are taken over TLS only: no certificate")
	}
	if !asksForCertificates(c.TLS) && c.TokenFile == "" {
		return errors.New("nobody could send: neither client certificates nor bearer tokens are accepted")
	}
	for _, b := range []struct {
		name  string
		value int64
	}{
		{"MaxBodyBytes", c.MaxBodyBytes},
		{"MaxInFlightBytes", c.MaxInFlightBytes},
		{"MaxRequests", int64(c.MaxRequests)},
		{"MaxRequestsPerSource", int64(c.MaxRequestsPerSource)},
		{"MaxConnections", int64(c.MaxConnections)},
		{"MaxStreams", int64(c.MaxStreams)},
		{"MaxHeaderBytes", int64(c.MaxHeaderBytes)},
		{"HeaderTimeout", int64(c.HeaderTimeout)},
		{"BodyTimeout", int64(c.BodyTimeout)},
		{"BodyGrace", int64(c.BodyGrace)},
		{"MinBodyRate", c.MinBodyRate},
		{"AnswerTimeout", int64(c.AnswerTimeout)},
		{"IdleTimeout", int64(c.IdleTimeout)},
		{"RetryAfter", int64(c.RetryAfter)},
		{"DrainTimeout", int64(c.DrainTimeout)},
	} {
		if b.value <= 0 {
			return fmt.Errorf("%s must be more than 0", b.name)
		}
	}
	if c.MaxInFlightBytes < 2*c.MaxBodyBytes {
		return errors.New("MaxInFlightBytes must be at least twice MaxBodyBytes: a body that grows is held twice for a moment")
	}
	return nil
}

func asksForCertificates(c *tls.Config) bool {
	return c.ClientAuth >= tls.VerifyClientCertIfGiven && c.ClientCAs != nil
}
