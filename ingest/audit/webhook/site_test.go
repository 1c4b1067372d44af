package webhook

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/parallax-sec/parallax/setup/pki"
	"github.com/parallax-sec/parallax/tlsfiles"
)

const token = "a-token-of-some-length-0123456789"

// memory is a Store.
type memory struct {
	// before is called before anything is kept; its error is the call's. nil: all goes well.
	before func(context.Context, Body) error

	mu      sync.Mutex
	calls   int // begun
	stored  []Body
	unfit   []Body
	reasons []string
}

func (m *memory) Store(ctx context.Context, b Body) error { return m.keep(ctx, &m.stored, b, "") }

func (m *memory) Quarantine(ctx context.Context, b Body, reason string) error {
	return m.keep(ctx, &m.unfit, b, reason)
}

func (m *memory) keep(ctx context.Context, to *[]Body, b Body, reason string) error {
	m.mu.Lock()
	m.calls++
	m.mu.Unlock()
	if m.before != nil {
		if err := m.before(ctx, b); err != nil {
			return err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	b.Data = slices.Clone(b.Data)
	*to = append(*to, b)
	if reason != "" {
		m.reasons = append(m.reasons, reason)
	}
	return nil
}

// take returns what was stored and put into quarantine, and forgets it.
func (m *memory) take() (stored, unfit []Body) {
	m.mu.Lock()
	defer m.mu.Unlock()
	stored, unfit = m.stored, m.unfit
	m.stored, m.unfit = nil, nil
	return stored, unfit
}

// site is a Server at an address of its own, and the certificates of its senders.
type site struct {
	t       *testing.T
	ca      *pki.CA
	dir     string          // with the files of the server's side
	files   *tlsfiles.Files // nil where a test has others
	store   *memory
	server  *Server
	address string
	stop    func() error // ends Run and returns its error
}

// newSite serves until the test ends.
func newSite(t *testing.T, change func(*Config)) *site {
	t.Helper()
	ca, err := pki.NewCA("test", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, ca: ca, store: new(memory)}
	cfg := DefaultConfig()
	s.dir = t.TempDir()
	s.writeFiles()
	if s.files, err = tlsfiles.Server(s.file("cert"), s.file("key"), s.file("ca")); err != nil {
		t.Fatal(err)
	}
	cfg.TLS = s.files.ConfigOptional()
	cfg.TokenFile = filepath.Join(t.TempDir(), "tokens")
	cfg.RetryAfter = time.Second
	if err := os.WriteFile(cfg.TokenFile, []byte("\nanother-token-0123456789\n"+token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(&cfg)
	}
	if s.server, err = New(cfg, s.store); err != nil {
		t.Fatal(err)
	}
	s.run("127.0.0.1:0")
	s.settle()
	return s
}

// run serves at an address until stop is called, at the end of the test at the latest.
func (s *site) run(address string) {
	s.t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		s.t.Fatal(err)
	}
	s.address = l.Addr().String()
	ctx, cancel := context.WithCancel(s.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.server.Run(ctx, l) }()
	s.stop = sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	s.t.Cleanup(func() { _ = s.stop() }) // tests that want its error have called it
}

// settle waits until the server takes connections and has none, so that what it holds can be counted.
func (s *site) settle() {
	s.t.Helper()
	conn, err := net.Dial("tcp", s.address)
	if err != nil {
		s.t.Fatal(err)
	}
	_ = conn.Close() // nothing was sent
	s.until("no connection", func() bool {
		s.server.connections.mu.Lock()
		defer s.server.connections.mu.Unlock()
		return s.server.connections.accepted > 0 && len(s.server.connections.open) == 0
	})
}

// until waits for what others do.
func (s *site) until(what string, is func() bool) {
	s.t.Helper()
	for range 1000 {
		if is() {
			return
		}
		time.Sleep(5 * time.Millisecond) // there is nothing to wait for
	}
	s.t.Fatalf("%s: not after 5 s", what)
}

func (s *site) file(name string) string { return filepath.Join(s.dir, name) }

// writeFiles writes the files of the server's side.
func (s *site) writeFiles() {
	s.t.Helper()
	pair := s.issue(pki.Leaf{CommonName: "hub", Organization: "parallax", Hosts: []string{"127.0.0.1"}})
	for name, data := range map[string][]byte{"ca": s.ca.Pair.Cert, "cert": pair.Cert, "key": pair.Key} {
		if err := os.WriteFile(s.file(name), data, 0o600); err != nil {
			s.t.Fatal(err)
		}
	}
}

func (s *site) issue(l pki.Leaf) pki.Pair {
	s.t.Helper()
	pair, err := s.ca.Issue(l, time.Now())
	if err != nil {
		s.t.Fatal(err)
	}
	return pair
}

// apiserver is the side of a client with the certificate of an API server.
func (s *site) apiserver(name string) *tls.Config {
	return s.as(s.issue(pki.Leaf{CommonName: name, Organization: organization}))
}

func (s *site) as(pair pki.Pair) *tls.Config {
	s.t.Helper()
	cert, err := tls.X509KeyPair(pair.Cert, pair.Key)
	if err != nil {
		s.t.Fatal(err)
	}
	c := s.stranger()
	c.Certificates = []tls.Certificate{cert}
	return c
}

// stranger is the side of a client without a certificate.
func (s *site) stranger() *tls.Config {
	roots := x509.NewCertPool()
	roots.AddCert(s.ca.Cert)
	return &tls.Config{RootCAs: roots}
}

// client returns a client that follows no redirects, and closes its connections at the end of the test.
func (s *site) client(c *tls.Config, http2 bool) *http.Client {
	transport := &http.Transport{TLSClientConfig: c.Clone(), ForceAttemptHTTP2: http2, DisableCompression: true}
	s.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       20 * time.Second,
	}
}

func (s *site) url(path string) string { return "https://" + s.address + path }

// reply is an answer, read to its end.
type reply struct {
	code   int
	proto  int
	header http.Header
	body   string
}

// post sends a body, with headers in pairs.
func (s *site) post(c *http.Client, path string, body io.Reader, headers ...string) reply {
	s.t.Helper()
	return s.send(c, http.MethodPost, path, body, headers...)
}

func (s *site) send(c *http.Client, method, path string, body io.Reader, headers ...string) reply {
	s.t.Helper()
	r, err := http.NewRequest(method, s.url(path), body)
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	a, err := c.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer a.Body.Close()
	text, err := io.ReadAll(a.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return reply{a.StatusCode, a.ProtoMajor, a.Header, string(text)}
}

// dial opens a TLS connection that speaks HTTP/1.1.
func (s *site) dial(c *tls.Config) *tls.Conn {
	s.t.Helper()
	conn, err := tls.Dial("tcp", s.address, c)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { conn.Close() })
	return conn
}

// held is what the process holds.
type held struct{ goroutines, descriptors int }

func holds(t *testing.T) held {
	t.Helper()
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("no /proc/self/fd to count descriptors in")
	}
	return held{runtime.NumGoroutine(), len(fds)}
}

// wantHeld waits for the process to hold what it held before.
func wantHeld(t *testing.T, before held) {
	t.Helper()
	var now held
	for range 500 {
		if now = holds(t); now.goroutines <= before.goroutines && now.descriptors <= before.descriptors {
			return
		}
		time.Sleep(10 * time.Millisecond) // for what others have to close: there is nothing to wait for
	}
	stacks := make([]byte, 1<<20)
	t.Errorf("left behind: before %+v, now %+v\n%s", before, now, stacks[:runtime.Stack(stacks, true)])
}
