package nats

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/parallax-sec/parallax/setup/pki"
)

// testServer is a NATS server of the test, over TLS with client certificates.
type testServer struct {
	*server.Server
	opts  server.Options
	files string // folder with ca.crt, client.crt, client.key
}

// startServer starts a server with JetStream, unless change says otherwise.
func startServer(t *testing.T, change func(*server.Options)) *testServer {
	t.Helper()
	s := &testServer{files: t.TempDir()}
	s.opts = server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true, JetStream: true, StoreDir: t.TempDir(),
		JetStreamMaxStore: 64 << 20, JetStreamMaxMemory: 1 << 20, TLSConfig: s.certificates(t), TLSTimeout: 5, TLSVerify: true,
	}
	if change != nil {
		change(&s.opts)
	}
	s.start(t)
	t.Cleanup(s.stop)
	return s
}

// start starts the server, again on the port that it had.
func (s *testServer) start(t *testing.T) {
	t.Helper()
	opts := s.opts
	var err error
	if s.Server, err = server.NewServer(&opts); err != nil {
		t.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server does not start")
	}
	s.opts.Port = s.Addr().(*net.TCPAddr).Port
}

func (s *testServer) stop() {
	s.Shutdown()
	s.WaitForShutdown()
}

// certificates makes those of server and client.
func (s *testServer) certificates(t *testing.T) *tls.Config {
	t.Helper()
	ca, err := pki.NewCA("test", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	issue := func(l pki.Leaf) pki.Pair {
		pair, err := ca.Issue(l, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return pair
	}
	client, own := issue(pki.Leaf{CommonName: "client"}), issue(pki.Leaf{CommonName: "server", Hosts: []string{"127.0.0.1"}})
	for name, content := range map[string][]byte{"ca.crt": ca.Pair.Cert, "client.crt": client.Cert, "client.key": client.Key} {
		if err := os.WriteFile(filepath.Join(s.files, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pair, err := tls.X509KeyPair(own.Cert, own.Key)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(ca.Cert)
	return &tls.Config{Certificates: []tls.Certificate{pair}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert, MinVersion: tls.VersionTLS12}
}

// config is a sink's for the server at address.
func (s *testServer) config(address string) Config {
	cfg := DefaultConfig()
	cfg.URLs = []string{"tls://" + address}
	cfg.CAFile, cfg.CertFile, cfg.KeyFile = filepath.Join(s.files, "ca.crt"), filepath.Join(s.files, "client.crt"), filepath.Join(s.files, "client.key")
	cfg.Timeout, cfg.Reconnect = 2*time.Second, 5*time.Millisecond
	return cfg
}

// inside is a connection that no proxy is between.
func (s *testServer) inside(t *testing.T, opts ...nats.Option) (*nats.Conn, jetstream.JetStream) {
	t.Helper()
	conn, err := nats.Connect("", append(opts, nats.InProcessServer(s.Server))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	return conn, js
}

// stream makes or changes the stream that takes what the sink publishes.
func (s *testServer) stream(t *testing.T, change func(*jetstream.StreamConfig)) jetstream.Stream {
	t.Helper()
	_, js := s.inside(t)
	cfg := jetstream.StreamConfig{
		Name: "ALERTS", Subjects: []string{"plx.out.*"}, Discard: jetstream.DiscardNew, Storage: jetstream.FileStorage, Duplicates: time.Minute,
		MaxBytes: -1, MaxMsgSize: -1,
	}
	if change != nil {
		change(&cfg)
	}
	st, err := js.CreateOrUpdateStream(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return st
}
