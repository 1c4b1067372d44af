package webhook

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/parallax-sec/parallax/setup/pki"
)

const (
	anEvent   = `{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"1"}`
	aList     = `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[{"auditID":"1"},{"auditID":"2"}]}`
	testLimit = 1 << 20 // MaxBodyBytes here
)

// zeros is a body of so many bytes that would be JSON.
func zeros(n int) io.Reader {
	return io.MultiReader(strings.NewReader(`[{"a":"`), io.LimitReader(endless{}, int64(n)), strings.NewReader(`"}]`))
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '0'
	}
	return len(p), nil
}

func gzipped(r io.Reader) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := io.Copy(z, r); err != nil {
		panic(err) // a buffer takes everything
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// newAnswers is a site with short times, a small limit of bodies, and two senders.
func newAnswers(t *testing.T) *site {
	return newSite(t, func(c *Config) {
		c.MaxBodyBytes, c.MaxInFlightBytes = testLimit, 4*testLimit
		c.HeaderTimeout, c.BodyTimeout, c.BodyGrace = 400*time.Millisecond, 600*time.Millisecond, 300*time.Millisecond
		c.AnswerTimeout, c.IdleTimeout = 700*time.Millisecond, 250*time.Millisecond
	})
}

// TestAnswers has what comes in and what is answered, with a certificate and over both versions of HTTP (docs/WEBHOOK.md has the
// table for people).
func TestAnswers(t *testing.T) {
	s := newAnswers(t)
	cert := s.apiserver("lab/cp1")
	for _, c := range []struct {
		name    string
		method  string // "": POST
		path    string // "": /audit/lab/cp1
		body    io.Reader
		headers []string
		want    Outcome
		stored  string // what the store got, where it is not the body itself
	}{
		{name: "EventList", body: strings.NewReader(aList), want: Stored, stored: aList},
		{name: "as the API server sends it", path: "/audit?timeout=30s", body: strings.NewReader(aList + "\n"), headers: []string{"Content-Type", "application/json"}, want: Stored, stored: aList + "\n"},
		{name: "trailing slash", path: "/audit/lab/cp1/", body: strings.NewReader(aList), want: Stored, stored: aList},
		{name: "unclean path", path: "//audit/./lab//cp1", body: strings.NewReader(aList), want: Stored, stored: aList},
		{name: "another path than the certificate's", path: "/audit/other/cp2", body: strings.NewReader(aList), want: Stored, stored: aList},
		{name: "a path that names nothing", path: "/audit/a/b/c/d", body: strings.NewReader(aList), want: Stored, stored: aList},
		{name: "single event", body: strings.NewReader(anEvent), want: Stored, stored: anEvent},
		{name: "lines", body: strings.NewReader(anEvent + "\n" + anEvent + "\n"), want: Stored, stored: anEvent + "\n" + anEvent + "\n"},
		{name: "array", body: strings.NewReader("[" + anEvent + "]"), want: Stored, stored: "[" + anEvent + "]"},
		{name: "byte order mark", body: strings.NewReader("\xef\xbb\xbf" + anEvent), want: Stored, stored: anEvent},
		{name: "printed over lines", body: strings.NewReader("{\n  \"kind\": \"Event\"\n}\n"), want: Stored, stored: "{   \"kind\": \"Event\" }\n"},
		{name: "torn list", body: strings.NewReader(aList[:90]), want: Stored, stored: aList[:90]},
		{name: "wrong content type", body: strings.NewReader(anEvent), headers: []string{"Content-Type", "image/png"}, want: Stored, stored: anEvent},
		{name: "gzip", body: bytes.NewReader(gzipped(strings.NewReader(aList))), headers: []string{"Content-Encoding", "gzip"}, want: Stored, stored: aList},
		{name: "gzip, not said", body: bytes.NewReader(gzipped(strings.NewReader(aList))), want: Stored, stored: aList},
		{name: "gzip said, not done", body: strings.NewReader(aList), headers: []string{"Content-Encoding", "gzip"}, want: Stored, stored: aList},
		{name: "as large as may be", body: zeros(testLimit - 10), want: Stored},
		{name: "waits to be asked for the body", body: strings.NewReader(aList), headers: []string{"Expect", "100-continue"}, want: Stored, stored: aList},

		{name: "empty", want: Empty},
		{name: "text", body: strings.NewReader("hello"), want: Quarantined, stored: "hello"},
		{name: "a number", body: strings.NewReader("1"), want: Quarantined, stored: "1"},
		{name: "protobuf", body: strings.NewReader("k8s\x00\n\x0f"), want: Quarantined, stored: "k8s\x00\n\x0f"},
		{name: "HTML", body: strings.NewReader("<html>"), want: Quarantined, stored: "<html>"},
		{name: "blanks", body: strings.NewReader(" \n "), want: Quarantined, stored: " \n "},
		{name: "object without key", body: strings.NewReader("{1}"), want: Quarantined, stored: "{1}"},
		{name: "array of numbers", body: strings.NewReader("[1]"), want: Quarantined, stored: "[1]"},
		{name: "torn gzip", body: bytes.NewReader(gzipped(strings.NewReader(aList))[:30]), want: Quarantined},
		{name: "gzip in gzip", body: bytes.NewReader(gzipped(bytes.NewReader(gzipped(strings.NewReader(aList))))), want: Quarantined},
		{name: "gzip of no text", body: bytes.NewReader(gzipped(strings.NewReader(""))), want: Quarantined},
		{name: "rest behind gzip", body: bytes.NewReader(append(gzipped(strings.NewReader(aList)), "rest"...)), want: Quarantined},

		{name: "too large by a byte", body: zeros(testLimit - 9), want: TooLarge},
		{name: "too large, as is said", body: strings.NewReader(strings.Repeat("a", testLimit+1)), want: TooLarge},
		{name: "bomb", body: bytes.NewReader(gzipped(zeros(100 * testLimit))), want: TooLarge},

		{name: "GET", method: http.MethodGet, want: WrongMethod},
		{name: "HEAD", method: http.MethodHead, want: WrongMethod},
		{name: "PUT", method: http.MethodPut, body: strings.NewReader(aList), want: WrongMethod},
		{name: "OPTIONS", method: http.MethodOptions, want: WrongMethod},
		{name: "another path", path: "/", body: strings.NewReader(aList), want: NotFound},
		{name: "a path that begins like ours", path: "/auditor", body: strings.NewReader(aList), want: NotFound},
		{name: "a path out of ours", path: "/audit/../metrics", want: NotFound},
	} {
		var text []byte
		if c.body != nil {
			var err error
			if text, err = io.ReadAll(c.body); err != nil {
				t.Fatal(err)
			}
		}
		for _, http2 := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, HTTP/2 %v", c.name, http2), func(t *testing.T) {
				s.t = t
				before := holds(t)
				client := s.client(cert, http2)
				got := s.send(client, or(c.method, http.MethodPost), or(c.path, "/audit/lab/cp1"), bytes.NewReader(text), c.headers...)
				s.wantAnswer(got, c.want, http2)
				s.wantStored(c.want, Body{"lab", "cp1", []byte(c.stored)})
				client.CloseIdleConnections()
				wantHeld(t, before)
			})
		}
	}
	if n := s.server.Stats().Disagreed; n != 4 {
		t.Errorf("%d paths were another source's than the certificate, want 4", n)
	}
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// wantAnswer checks what every answer must be, and the code of this one.
func (s *site) wantAnswer(got reply, want Outcome, http2 bool) {
	s.t.Helper()
	if got.code != want.Code() || got.proto == 2 != http2 {
		s.t.Errorf("got %d over HTTP/%d, want %d (%s)", got.code, got.proto, want.Code(), want)
	}
	if retry := got.header.Get("Retry-After"); (retry == "1") != (got.code == http.StatusServiceUnavailable) {
		s.t.Errorf("%d with Retry-After %q", got.code, retry)
	}
	if got.header.Get("Location") != "" || got.code/100 == 3 {
		s.t.Errorf("a redirect: %+v", got)
	}
	if got.code == http.StatusOK && got.body != "{}\n" {
		s.t.Errorf("200 with %q", got.body)
	}
}

// wantStored checks what the store got of one request. Where want has no data, anything is right.
func (s *site) wantStored(o Outcome, want Body) {
	s.t.Helper()
	stored, unfit := s.store.take()
	got, other := stored, unfit
	if o == Quarantined {
		got, other = unfit, stored
	}
	if o != Stored && o != Quarantined {
		got, other = nil, append(stored, unfit...)
	} else if len(got) != 1 {
		s.t.Fatalf("%s, and the store has %d bodies", o, len(got))
	}
	if len(other) > 0 {
		s.t.Errorf("%s, and kept is %q", o, other)
	}
	for _, b := range got {
		if b.Cluster != want.Cluster || b.Source != want.Source || len(want.Data) > 0 && !bytes.Equal(b.Data, want.Data) {
			s.t.Errorf("kept %q, want %q", b, want)
		}
	}
}

// TestWhoMaySend has the senders and what they are told.
func TestWhoMaySend(t *testing.T) {
	t.Parallel()
	s := newAnswers(t)
	other := newAnswers(t) // with a CA of its own
	bearer := []string{"Authorization", "Bearer " + token}
	f := func(name string, c *tls.Config, path string, headers []string, want Outcome, source string) {
		t.Helper()
		s.t = t
		got := s.post(s.client(c, true), path, strings.NewReader(anEvent), headers...)
		if got.code != want.Code() {
			t.Errorf("%s: %d %s, want %s", name, got.code, got.body, want)
		}
		if (got.header.Get("WWW-Authenticate") != "") != (want == Unauthenticated) {
			t.Errorf("%s: WWW-Authenticate %q", name, got.header.Get("WWW-Authenticate"))
		}
		cluster, server, _ := strings.Cut(source, "/")
		s.wantStored(want, Body{Cluster: cluster, Source: server})
	}
	f("nobody", s.stranger(), "/audit", nil, Unauthenticated, "")
	f("nobody, of a path that names nothing", s.stranger(), "/audit/a/b/c", nil, Unauthenticated, "")
	f("wrong token", s.stranger(), "/audit", []string{"Authorization", "Bearer x" + token}, Unauthenticated, "")
	f("half a token", s.stranger(), "/audit", []string{"Authorization", "Bearer " + token[:16]}, Unauthenticated, "")
	f("no token", s.stranger(), "/audit", []string{"Authorization", "Bearer "}, Unauthenticated, "")
	f("password", s.stranger(), "/audit", []string{"Authorization", "Basic " + token}, Unauthenticated, "")
	f("token", s.stranger(), "/audit", bearer, Stored, "default/default")
	f("token and path", s.stranger(), "/audit/lab/cp2", bearer, Stored, "lab/cp2")
	f("token and half a path", s.stranger(), "/audit/lab", bearer, Stored, "lab/default")
	f("token and a path that names nothing", s.stranger(), "/audit/lab/cp2/x", bearer, NotFound, "")
	f("token and a hostile name", s.stranger(), "/audit/lab/%3E", bearer, NotFound, "")
	f("second token", s.stranger(), "/audit", []string{"Authorization", "bearer  another-token-0123456789 "}, Stored, "default/default")
	f("certificate", s.apiserver("lab/cp1"), "/audit", nil, Stored, "lab/cp1")
	f("certificate and token", s.apiserver("lab/cp1"), "/audit/lab/cp2", bearer, Stored, "lab/cp1")
	agent := s.as(s.issue(pki.Leaf{CommonName: "lab/cp1", Organization: "parallax:agent"}))
	f("certificate of an agent", agent, "/audit", nil, Forbidden, "")
	f("certificate of an agent, and token", agent, "/audit", bearer, Stored, "default/default")
	f("certificate without a name", s.apiserver("lab"), "/audit", nil, Forbidden, "")

	refused := func(name string, c *tls.Config) {
		t.Helper()
		c.RootCAs = s.stranger().RootCAs
		if a, err := s.client(c, true).Post(s.url("/audit"), "application/json", strings.NewReader(anEvent)); err == nil {
			t.Errorf("%s: %d, want no answer", name, a.StatusCode)
			a.Body.Close()
		}
		s.wantStored(Forbidden, Body{})
	}
	refused("certificate of another CA", other.apiserver("lab/cp1"))
	refused("certificate of a server", s.as(s.issue(pki.Leaf{CommonName: "lab/cp1", Organization: organization, Hosts: []string{"127.0.0.1"}})))
	old := s.apiserver("lab/cp1")
	old.MaxVersion = tls.VersionTLS11
	old.MinVersion = tls.VersionTLS10
	refused("TLS 1.1", old)
}

// TestHostileConnections has what is not a request that net/http would make, over one connection each.
func TestHostileConnections(t *testing.T) {
	s := newAnswers(t)
	before := holds(t)
	var check []func()
	head := "POST /audit HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token + "\r\n"
	for _, c := range []struct {
		name string
		send string
		half bool   // then say that nothing more comes
		want string // how the answer begins; "": the connection is closed without one
	}{
		{name: "nothing at all"},
		{name: "headers without end", send: head},
		{name: "a word", send: "hello\r\n\r\n", want: "HTTP/1.1 400 "},
		{name: "headers too large", send: head + "X: " + strings.Repeat("x", 64<<10) + "\r\n\r\n", want: "HTTP/1.1 431 "},
		{name: "too many headers", send: head + strings.Repeat("X: y\r\n", 10_000) + "\r\n", want: "HTTP/1.1 431 "},
		{name: "body without end", send: head + "Content-Length: 100\r\n\r\n" + anEvent, want: "HTTP/1.1 408 "},
		{name: "chunks without end", send: head + "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"a\":\r\n", want: "HTTP/1.1 408 "},
		{name: "body cut off", send: head + "Content-Length: 100\r\n\r\n" + anEvent, half: true, want: "HTTP/1.1 400 "},
		{name: "chunks cut off", send: head + "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"a\":\r\n", half: true, want: "HTTP/1.1 400 "},
		{name: "no chunks", send: head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", want: "HTTP/1.1 400 "},
		{name: "two lengths", send: head + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}", want: "HTTP/1.1 400 "},
		{name: "a length below 0", send: head + "Content-Length: -1\r\n\r\n", want: "HTTP/1.1 400 "},
		{name: "a length beyond all", send: head + "Content-Length: 9223372036854775807\r\n\r\n{}", want: "HTTP/1.1 413 "},
		{name: "unknown encoding of transfer", send: head + "Transfer-Encoding: gzip\r\n\r\n", want: "HTTP/1.1 501 "},
		{name: "no length", send: head + "\r\n", want: "HTTP/1.1 200 "},
		{name: "HTTP/1.0", send: strings.Replace(head, "1.1", "1.0", 1) + "Content-Length: 2\r\n\r\n{}", want: "HTTP/1.0 200 "},
		{name: "unauthenticated, large body without end", send: "POST /audit HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n{", want: "HTTP/1.1 401 "},
		{name: "CONNECT", send: "CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n", want: "HTTP/1.1 404 "},
		{name: "*", send: "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", want: "HTTP/1.1 "},
		{name: "path with bytes", send: "POST /audit/%00%ff/x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token + "\r\nContent-Length: 2\r\n\r\n{}", want: "HTTP/1.1 404 "},
	} {
		conn := s.dial(s.stranger())
		if _, err := io.WriteString(conn, c.send); err != nil {
			t.Fatal(err)
		}
		if c.half {
			if err := conn.CloseWrite(); err != nil {
				t.Fatal(err)
			}
		}
		check = append(check, func() {
			if got := s.readUntilClosed(conn); !strings.HasPrefix(got, c.want) || c.want == "" && got != "" {
				t.Errorf("%s: got %.100q, want %q", c.name, got, c.want)
			}
			_ = conn.Close() // the other side has closed it
		})
	}
	for _, c := range check {
		c()
	}
	wantHeld(t, before)
	if requests, bytes := s.server.room.now(); requests != 0 || bytes != 0 {
		t.Errorf("%d requests with %d bytes are still under way", requests, bytes)
	}
}

// readUntilClosed reads what comes until the server closes the connection, which it must do soon.
func (s *site) readUntilClosed(conn net.Conn) string {
	s.t.Helper()
	if err := conn.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		s.t.Fatal(err)
	}
	text, err := io.ReadAll(conn)
	if ne, ok := errors.AsType[net.Error](err); ok && ne.Timeout() {
		s.t.Errorf("the connection is still open; it said %.200q", text)
	}
	return string(text)
}

// TestSlowBody sends a body over HTTP/2 that goes on, but not fast enough.
func TestSlowBody(t *testing.T) {
	s := newAnswers(t)
	before := holds(t)
	client := s.client(s.apiserver("lab/cp1"), true)
	body, writer := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	drip := make(chan struct{})
	go func() {
		defer close(drip)
		for ctx.Err() == nil {
			if _, err := writer.Write([]byte("{")); err != nil {
				return
			}
			time.Sleep(20 * time.Millisecond) // a sender that is slow
		}
	}()
	got := s.post(client, "/audit", body)
	cancel()
	_ = writer.Close() // a pipe's does not fail
	<-drip
	s.wantAnswer(got, Slow, true)
	client.CloseIdleConnections()
	wantHeld(t, before)
}

// TestHandshakeTakesTooLong connects and sends nothing, or something else than TLS.
func TestHandshakeTakesTooLong(t *testing.T) {
	s := newAnswers(t)
	for _, send := range []string{"", "\x16\x03\x01", "POST /audit HTTP/1.1\r\nHost: x\r\n\r\n"} {
		before := holds(t)
		conn, err := net.Dial("tcp", s.address)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, send); err != nil {
			t.Fatal(err)
		}
		got := s.readUntilClosed(conn)
		if strings.HasPrefix(got, "HTTP/") && !strings.HasPrefix(got, "HTTP/1.0 400 ") {
			t.Errorf("%q: got %q", send, got)
		}
		_ = conn.Close()
		wantHeld(t, before)
	}
}
