package intake

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parallax-sec/parallax/setup/pki"
)

// said keeps what is logged, and hands on each message.
type said struct {
	slog.Handler
	messages chan string
	text     *syncBuffer
}

func newSaid() *said {
	text := &syncBuffer{}
	return &said{slog.NewTextHandler(text, &slog.HandlerOptions{Level: slog.LevelDebug}), make(chan string, 1000), text}
}

func (s *said) logger() *slog.Logger { return slog.New(s) }

func (s *said) Handle(ctx context.Context, r slog.Record) error {
	err := s.Handler.Handle(ctx, r)
	s.messages <- r.Message
	return err
}

// wait waits until a message is logged.
func (s *said) wait(t *testing.T, message string) {
	t.Helper()
	end := time.After(10 * time.Second)
	for {
		select {
		case got := <-s.messages:
			if strings.Contains(got, message) {
				return
			}
		case <-end:
			t.Fatalf("%q was not said, but:\n%s", message, s.text)
		}
	}
}

type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer // guarded by mu
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// certs are a CA, a server's and a client's certificate, and another CA's client.
type certs struct {
	pool                    *x509.CertPool
	server, client, foreign tls.Certificate
}

func newCerts(t *testing.T) *certs {
	t.Helper()
	now := time.Now()
	make1 := func() (*x509.CertPool, func(pki.Leaf) tls.Certificate) {
		ca, err := pki.NewCA("test", now)
		if err != nil {
			t.Fatal(err)
		}
		pool := x509.NewCertPool()
		pool.AppendCertsFromPEM(ca.Pair.Cert)
		return pool, func(l pki.Leaf) tls.Certificate {
			pair, err := ca.Issue(l, now)
			if err != nil {
				t.Fatal(err)
			}
			cert, err := tls.X509KeyPair(pair.Cert, pair.Key)
			if err != nil {
				t.Fatal(err)
			}
			return cert
		}
	}
	pool, issue := make1()
	_, issueOther := make1()
	return &certs{
		pool, issue(pki.Leaf{CommonName: "falco", Hosts: []string{"127.0.0.1"}}), issue(pki.Leaf{CommonName: "edge-1"}), issueOther(pki.Leaf{CommonName: "edge-1"}),
	}
}

func (c *certs) serverConfig(auth tls.ClientAuthType) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{c.server}, ClientCAs: c.pool, ClientAuth: auth, MinVersion: tls.VersionTLS12}
}

func (c *certs) clientConfig(own ...tls.Certificate) *tls.Config {
	return &tls.Config{Certificates: own, RootCAs: c.pool, MinVersion: tls.VersionTLS12}
}
