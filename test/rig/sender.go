package rig

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
)

// Sender sends batches as an API server does: with the client's certificate, again until they are taken.
type Sender struct {
	URL    string
	Client *http.Client
}

// NewSender returns a sender with the certificate that `parallax setup webhook` has left in dir.
func NewSender(t testing.TB, dir, url string) *Sender {
	t.Helper()
	return NewSenderAs(t, dir, "client", url)
}

// NewSenderAs returns one with the certificate of that name: client-NAME of the API server NAME.
func NewSenderAs(t testing.TB, dir, name, url string) *Sender {
	t.Helper()
	cert, err := tls.LoadX509KeyPair(filepath.Join(dir, name+".crt"), filepath.Join(dir, name+".key"))
	if err != nil {
		t.Fatal(err)
	}
	ca, err := os.ReadFile(filepath.Join(dir, "ca.crt"))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{Certificates: []tls.Certificate{cert}, RootCAs: pool}, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 16,
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &Sender{URL: url, Client: &http.Client{Transport: transport, Timeout: 30 * time.Second}}
}

// Do sends one body once, and returns the answer, whose body is read.
func (s *Sender) Do(ctx context.Context, body []byte) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := s.Client.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	return answer, err
}

// Post sends one body once, and returns the status.
func (s *Sender) Post(ctx context.Context, body []byte) (int, error) {
	answer, err := s.Do(ctx, body)
	if err != nil {
		return 0, err
	}
	return answer.StatusCode, nil
}

// SendAll sends all bodies, some at a time, each until it is taken, and fails the test where one is not.
func (s *Sender) SendAll(ctx context.Context, t testing.TB, bodies [][]byte) {
	t.Helper()
	var g errgroup.Group
	g.SetLimit(4)
	for _, body := range bodies {
		g.Go(func() error { return s.Send(ctx, body) })
	}
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
}

// Send sends a body again and again until it is taken or ctx ends.
func (s *Sender) Send(ctx context.Context, body []byte) error {
	for {
		status, err := s.Post(ctx, body)
		if err == nil && status == http.StatusOK {
			return nil
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("not taken: status %d: %w", status, errors.Join(err, ctx.Err()))
		}
	}
}
