package webhook

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestStoreFails has what the store does and what the sender is told.
func TestStoreFails(t *testing.T) {
	f := func(name string, before func(context.Context, Body) error, want Outcome) {
		t.Helper()
		s := newAnswers(t)
		s.store.before = before
		was := holds(t)
		client := s.client(s.apiserver("lab/cp1"), true)
		start := time.Now()
		for _, body := range []string{aList, "no JSON"} {
			got := s.post(client, "/audit", strings.NewReader(body))
			s.wantAnswer(got, want, true)
		}
		if took := time.Since(start); took > 4*time.Second {
			t.Errorf("%s: two answers took %v", name, took)
		}
		s.wantStored(want, Body{})
		client.CloseIdleConnections()
		wantHeld(t, was)
		if n := s.server.Stats().Requests[want]; n != 2 {
			t.Errorf("%s: %d requests counted as %s", name, n, want)
		}
	}
	f("full", func(context.Context, Body) error { return errors.New("disk full") }, Failed)
	f("waits", func(ctx context.Context, _ Body) error { <-ctx.Done(); return ctx.Err() }, Late)
	f("panics", func(context.Context, Body) error { panic("a bug") }, Crashed)
	f("returns too late", func(context.Context, Body) error { time.Sleep(900 * time.Millisecond); return errors.New("too late") }, Late)
}

// TestStoreHangs has a store that does not even look at its context: senders are answered, and what it holds is not given away.
func TestStoreHangs(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(c *Config) {
		c.AnswerTimeout, c.MaxRequests = 200*time.Millisecond, 2
	})
	goOn := make(chan struct{})
	s.store.before = func(context.Context, Body) error { <-goOn; return nil }
	client := s.client(s.apiserver("lab/cp1"), true)
	for range 2 {
		s.wantAnswer(s.post(client, "/audit", strings.NewReader(aList)), Late, true)
	}
	s.wantAnswer(s.post(client, "/audit", strings.NewReader(aList)), Busy, true)
	close(goOn)
	s.until("room again", func() bool { n, _ := s.server.room.now(); return n == 0 })
	s.wantAnswer(s.post(client, "/audit", strings.NewReader(aList)), Stored, true)
}

// TestSenderLeaves closes the connection while the store is at work: what has come is stored.
func TestSenderLeaves(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	working, goOn := make(chan struct{}), make(chan struct{})
	s.store.before = func(ctx context.Context, _ Body) error {
		close(working)
		<-goOn
		return ctx.Err()
	}
	conn := s.dial(s.stranger())
	if _, err := io.WriteString(conn, "POST /audit HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "+token+"\r\nContent-Length: 2\r\n\r\n{}"); err != nil {
		t.Fatal(err)
	}
	<-working
	_ = conn.Close() // it is the test
	close(goOn)
	s.until("stored", func() bool { return s.server.Stats().Requests[Stored] == 1 })
}

// busySite has a store that is at work until goOn is closed, and so many requests of one sender that it is at work on.
func busySite(t *testing.T, n int, change func(*Config)) (s *site, client *http.Client, finish func()) {
	s = newSite(t, change)
	goOn := make(chan struct{})
	s.store.before = func(context.Context, Body) error { <-goOn; return nil }
	client = s.client(s.apiserver("lab/cp1"), true)
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			if a, err := client.Post(s.url("/audit"), "application/json", strings.NewReader(aList)); err != nil || a.StatusCode != http.StatusOK {
				t.Errorf("a request that was let in: %v, %v", a, err)
			} else {
				_ = a.Body.Close() // read or not
			}
		})
	}
	s.until("under way", func() bool { under, _ := s.server.room.now(); return under == n })
	return s, client, func() {
		close(goOn)
		wg.Wait()
	}
}

// wantBusy checks that a request is refused at once.
func (s *site) wantBusy(c *http.Client, body io.Reader) {
	s.t.Helper()
	start := time.Now()
	s.wantAnswer(s.post(c, "/audit", body), Busy, true)
	if took := time.Since(start); took > time.Second {
		s.t.Errorf("to be refused took %v", took)
	}
}

func TestRequestsOfOneSource(t *testing.T) {
	t.Parallel()
	s, client, finish := busySite(t, 3, func(c *Config) { c.MaxRequestsPerSource = 3 })
	s.wantBusy(client, strings.NewReader(aList))
	other := s.client(s.apiserver("lab/cp2"), true)
	second := make(chan int)
	go func() {
		a, err := other.Post(s.url("/audit"), "application/json", strings.NewReader(aList))
		if err != nil {
			second <- 0
			return
		}
		_ = a.Body.Close() // read or not
		second <- a.StatusCode
	}()
	s.until("another source's", func() bool { under, _ := s.server.room.now(); return under == 4 })
	finish()
	if code := <-second; code != http.StatusOK {
		t.Errorf("another source: %d", code)
	}
}

func TestRequestsOfAll(t *testing.T) {
	t.Parallel()
	s, _, finish := busySite(t, 3, func(c *Config) { c.MaxRequests = 3 })
	s.wantBusy(s.client(s.apiserver("lab/cp2"), true), strings.NewReader(aList))
	finish()
}

// TestBytesInFlight has two bodies that fit, and then one that does not: as it is or unpacked.
func TestBytesInFlight(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(c *Config) { c.MaxBodyBytes, c.MaxInFlightBytes = testLimit, 5*testLimit })
	goOn := make(chan struct{})
	s.store.before = func(context.Context, Body) error { <-goOn; return nil }
	client := s.client(s.apiserver("lab/cp1"), true)
	var wg sync.WaitGroup
	for n := range 3 {
		wg.Go(func() {
			if a, err := client.Post(s.url("/audit"), "application/json", zeros(testLimit-10)); err != nil || a.StatusCode != http.StatusOK {
				t.Errorf("a body that fits: %v, %v", a, err)
			} else {
				_ = a.Body.Close() // read or not
			}
		})
		s.until("body held", func() bool { s.store.mu.Lock(); defer s.store.mu.Unlock(); return s.store.calls == n+1 })
	}
	s.wantBusy(client, zeros(testLimit-10))
	s.wantBusy(client, strings.NewReader(string(gzipped(zeros(testLimit-10)))))
	close(goOn)
	wg.Wait()
	s.until("no bytes", func() bool { under, bytes := s.server.room.now(); return under == 0 && bytes == 0 })
}

// TestStreams sends more at one time than one connection takes: they wait for each other, or take a second connection.
func TestStreams(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(c *Config) { c.MaxStreams = 2 })
	client := s.client(s.apiserver("lab/cp1"), true)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if a, err := client.Post(s.url("/audit"), "application/json", strings.NewReader(aList)); err != nil || a.StatusCode != http.StatusOK || a.ProtoMajor != 2 {
				t.Errorf("%v, %v", a, err)
			} else {
				_ = a.Body.Close() // read or not
			}
		})
	}
	wg.Wait()
	if n := s.server.Stats().Events; n != 40 {
		t.Errorf("%d events, want 40", n)
	}
}

// TestConnections opens more than there may be: senders that are known keep theirs.
func TestConnections(t *testing.T) {
	s := newSite(t, func(c *Config) { c.MaxConnections = 3 })
	was := holds(t)
	client := s.client(s.apiserver("lab/cp1"), true)
	s.wantAnswer(s.post(client, "/audit", strings.NewReader(aList)), Stored, true)
	var idle []net.Conn
	for range 10 {
		conn, err := net.Dial("tcp", s.address)
		if err != nil {
			t.Fatal(err)
		}
		idle = append(idle, conn)
	}
	for _, conn := range idle[:8] {
		_ = s.readUntilClosed(conn)
	}
	if now := s.server.Stats(); now.Connections != 3 || now.Displaced != 8 {
		t.Errorf("%d connections, %d displaced; want 3 and 8", now.Connections, now.Displaced)
	}
	s.wantAnswer(s.post(client, "/audit", strings.NewReader(aList)), Stored, true)

	second, third := s.client(s.apiserver("lab/cp2"), true), s.client(s.apiserver("lab/cp3"), true)
	s.wantAnswer(s.post(second, "/audit", strings.NewReader(aList)), Stored, true)
	s.wantAnswer(s.post(third, "/audit", strings.NewReader(aList)), Stored, true)
	if _, err := s.client(s.apiserver("lab/cp4"), true).Post(s.url("/audit"), "", strings.NewReader(aList)); err == nil {
		t.Error("a fourth sender was let in")
	}
	for _, c := range []*http.Client{client, second, third} {
		s.wantAnswer(s.post(c, "/audit", strings.NewReader(aList)), Stored, true)
		c.CloseIdleConnections()
	}
	for _, conn := range idle {
		_ = conn.Close() // most are closed
	}
	wantHeld(t, was)
}

// TestIdleConnection is closed, after more time than the API server keeps one.
func TestIdleConnection(t *testing.T) {
	if idle := DefaultConfig().IdleTimeout; idle <= 120*time.Second {
		t.Errorf("idle connections are kept for %v", idle)
	}
	s := newAnswers(t)
	was := holds(t)
	for _, http2 := range []bool{false, true} {
		client := s.client(s.apiserver("lab/cp1"), http2)
		s.wantAnswer(s.post(client, "/audit", strings.NewReader(aList)), Stored, http2)
		s.until("closed", func() bool { return s.server.Stats().Connections == 0 })
		s.wantAnswer(s.post(client, "/audit", strings.NewReader(aList)), Stored, http2)
		client.CloseIdleConnections()
	}
	wantHeld(t, was)
}

// TestDrain ends a server while a request is under way, which is answered.
func TestDrain(t *testing.T) {
	t.Parallel()
	s, client, finish := busySite(t, 2, nil)
	ended := make(chan error)
	go func() { ended <- s.stop() }()
	s.until("no longer listening", func() bool {
		conn, err := net.Dial("tcp", s.address)
		if err == nil {
			_ = conn.Close() // it is still there
		}
		return err != nil
	})
	finish() // fails the test where they are not answered 200
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if _, err := client.Post(s.url("/audit"), "", strings.NewReader(aList)); err == nil {
		t.Error("it takes requests after its end")
	}
}

// TestDrainGivesUp ends a server whose store hangs.
func TestDrainGivesUp(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(c *Config) { c.DrainTimeout = 200 * time.Millisecond })
	goOn := make(chan struct{})
	defer close(goOn)
	s.store.before = func(context.Context, Body) error { <-goOn; return nil }
	client := s.client(s.apiserver("lab/cp1"), true)
	failed := make(chan error)
	go func() {
		a, err := client.Post(s.url("/audit"), "", strings.NewReader(aList))
		if err == nil {
			_ = a.Body.Close() // read or not
			if a.StatusCode == http.StatusOK {
				err = errors.New("200 for what is not stored")
			} else {
				err = nil
			}
		} else {
			err = nil
		}
		failed <- err
	}()
	s.until("under way", func() bool { under, _ := s.server.room.now(); return under == 1 })
	start := time.Now()
	if err := s.stop(); err == nil || !strings.Contains(err.Error(), "gave up 1 requests") {
		t.Errorf("got %v", err)
	}
	if took := time.Since(start); took > 3*time.Second {
		t.Errorf("took %v", took)
	}
	if err := <-failed; err != nil {
		t.Error(err)
	}
}

// TestListenerBreaks tells so.
func TestListenerBreaks(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	_ = s.server.connections.Close() // it is the test
	if err := s.stop(); err == nil {
		t.Error("no error")
	}
}

// TestOther hands other paths on.
func TestOther(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(c *Config) {
		c.Other = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusTeapot) })
	})
	client := s.client(s.stranger(), true)
	if got := s.post(client, "/falco/x", strings.NewReader("{}")); got.code != http.StatusTeapot {
		t.Errorf("got %d", got.code)
	}
	s.wantAnswer(s.post(client, "/audit", strings.NewReader("{}")), Unauthenticated, true)
}
