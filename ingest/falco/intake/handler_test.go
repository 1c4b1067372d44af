package intake

import (
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
)

const (
	token   = "c2VjcmV0LXRva2VuLWZvci10ZXN0cw"
	anAlert = `{"hostname":"node-3","output_fields":{"proc.name":"sh"},"priority":"Notice","rule":"Terminal shell","time":"2026-11-20T10:00:00Z"}`
)

// site is a running server.
type site struct {
	*Handler
	*kept
	said    *said
	address string
	stop    func()
}

func newSite(t *testing.T, cfg *tls.Config, change func(*HandlerConfig)) *site {
	t.Helper()
	s := &site{kept: newKept(), said: newSaid()}
	c := DefaultHandlerConfig()
	c.Senders, c.Log = []Sender{{"other", strings.Repeat("x", 20)}, {"edge-1", token}}, s.said.logger()
	if change != nil {
		change(&c)
	}
	s.Handler = NewHandler(c, s.kept.store)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.address = l.Addr().String()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- (&Server{Handler: s.Handler, TLS: cfg, Drain: 5 * time.Second}).Run(ctx, l) }()
	s.stop = func() {
		t.Helper()
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
		done <- nil
	}
	t.Cleanup(s.stop)
	return s
}

// post posts a body and returns the status and what was answered.
func (s *site) post(t *testing.T, client *http.Client, path, body string) (int, string) {
	t.Helper()
	scheme := "http"
	if tr, ok := client.Transport.(*http.Transport); ok && tr.TLSClientConfig != nil {
		scheme = "https"
	}
	return s.do(t, client, http.MethodPost, scheme+"://"+s.address+path, strings.NewReader(body))
}

func (s *site) do(t *testing.T, client *http.Client, method, url string, body io.Reader) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return errors.New("a redirect") }
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(answer)
}

// TestAnswers has what comes in and what is answered.
func TestAnswers(t *testing.T) {
	s := newSite(t, nil, nil)
	for _, c := range []struct {
		name, path, body string
		want             Outcome
		stored           string // where it is not the body
	}{
		{name: "an alert", body: anAlert},
		{name: "trailing slash", path: "/falco/" + token + "/", body: anAlert},
		{name: "with a query", path: "/falco/" + token + "?x=y", body: anAlert},
		{name: "indented", body: " {\n \"rule\" :\t\"a b\"\r\n}\n", stored: `{"rule":"a b"}`},
		{name: "as falcosidekick sends it", body: strings.TrimSuffix(anAlert, "}") + `,"uuid":"1"}` + "\n", stored: strings.TrimSuffix(anAlert, "}") + `,"uuid":"1"}`},
		{name: "an object that is no alert: the decoder tells", body: `{}`},
		{name: "no token", path: "/falco", body: anAlert, want: Unauthorized},
		{name: "no token, slash", path: "/falco/", body: anAlert, want: Unauthorized},
		{name: "wrong token", path: "/falco/" + token + "x", body: anAlert, want: Unauthorized},
		{name: "beginning of the token", path: "/falco/" + token[:20], body: anAlert, want: Unauthorized},
		{name: "more behind the token", path: "/falco/" + token + "/more", body: anAlert, want: Unauthorized},
		{name: "another path", path: "/falcon/" + token, body: anAlert, want: Unauthorized},
		{name: "root", path: "/", body: anAlert, want: Unauthorized},
		{name: "text output", body: "10:00:00.1: Notice A shell (user=root)", want: Text},
		{name: "list", body: "[" + anAlert + "]", want: Text},
		{name: "nothing", body: "", want: Text},
		{name: "blanks", body: " \n", want: Text},
		{name: "broken", body: anAlert[:50], want: NoJSON},
		{name: "two of them", body: anAlert + anAlert, want: NoJSON},
		{name: "deep", body: `{"a":` + strings.Repeat("[", 100_000) + "}", want: NoJSON},
		{name: "just small enough", body: `{"a":"` + strings.Repeat("x", 1<<20-8) + `"}`},
		{name: "too large", body: `{"a":"` + strings.Repeat("x", 1<<20-7) + `"}`, want: TooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := s.Counts()
			path := c.path
			if path == "" {
				path = "/falco/" + token
			}
			status, answer := s.post(t, http.DefaultClient, path, c.body)
			if status != c.want.status() || strings.Contains(answer, token) {
				t.Errorf("%d %q, want %d", status, answer, c.want.status())
			}
			before[c.want]++
			if got := s.Counts(); got != before {
				t.Errorf("counts %v, want %v", got, before)
			}
			if c.want != Stored {
				if len(s.alerts) > 0 {
					t.Errorf("stored %v", s.next(t))
				}
				return
			}
			want := storedAlert{"edge-1", c.body}
			if c.stored != "" {
				want.alert = c.stored
			}
			if got := s.next(t); got != want {
				t.Errorf("stored %.200v\nwant %.200v", got, want)
			}
		})
	}
	if text := s.said.text.String(); strings.Contains(text, token) || !strings.Contains(text, "json_output: true") || !strings.Contains(text, "sender is not known") {
		t.Errorf("logged:\n%s", text)
	}
}

func TestMethods(t *testing.T) {
	s := newSite(t, nil, nil)
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete, "BREW"} {
		if status, _ := s.do(t, http.DefaultClient, method, "http://"+s.address+"/falco/"+token, strings.NewReader(anAlert)); status != http.StatusMethodNotAllowed {
			t.Errorf("%s: %d", method, status)
		}
	}
	if status, _ := s.do(t, http.DefaultClient, http.MethodGet, "http://"+s.address+"/falco", nil); status != http.StatusUnauthorized {
		t.Errorf("GET without a token: %d", status)
	}
}

// A name by certificate, by token, or none; the token wins where both are given.
func TestSenders(t *testing.T) {
	c := newCerts(t)
	with := func(cfg *tls.Config) *http.Client {
		tr := &http.Transport{TLSClientConfig: cfg}
		t.Cleanup(tr.CloseIdleConnections)
		return &http.Client{Transport: tr}
	}
	s := newSite(t, c.serverConfig(tls.VerifyClientCertIfGiven), func(h *HandlerConfig) { h.Senders = []Sender{{"by-token", token}} })
	f := func(client *http.Client, path, sender string) {
		t.Helper()
		status, _ := s.post(t, client, path, anAlert)
		if sender == "" {
			if status != http.StatusUnauthorized {
				t.Errorf("%s: %d", path, status)
			}
			return
		}
		if got := s.next(t); status != http.StatusOK || got.sender != sender {
			t.Errorf("%s: %d, sender %s", path, status, got.sender)
		}
	}
	known, stranger := with(c.clientConfig(c.client)), with(c.clientConfig())
	f(known, "/falco", "edge-1")
	f(known, "/falco/", "edge-1")
	f(known, "/falco/"+token, "by-token")
	f(known, "/falco/wrong-token-here", "")
	f(stranger, "/falco/"+token, "by-token")
	f(stranger, "/falco", "")
	s.SetSenders(nil)
	f(stranger, "/falco/"+token, "")
	f(known, "/falco", "edge-1")
	if _, err := with(c.clientConfig(c.foreign)).Post("https://"+s.address+"/falco", "application/json", strings.NewReader(anAlert)); err == nil {
		t.Error("a certificate of another CA was taken")
	}

	bearer := func(given string) int {
		t.Helper()
		r, err := http.NewRequest(http.MethodPost, "https://"+s.address+"/falco", strings.NewReader(anAlert))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", given)
		res, err := stranger.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res.StatusCode
	}
	s.SetSenders([]Sender{{"by-token", token}})
	if status := bearer("Bearer " + token); status != http.StatusOK || s.next(t).sender != "by-token" {
		t.Errorf("bearer token: %d", status)
	}
	for _, given := range []string{"Bearer", "Bearer ", "Bearer x", "Basic " + token, token} {
		if status := bearer(given); status != http.StatusUnauthorized {
			t.Errorf("%s: %d", given, status)
		}
	}

	open := newSite(t, nil, func(h *HandlerConfig) { h.Anyone = "local" })
	if status, _ := open.post(t, http.DefaultClient, "/falco", anAlert); status != http.StatusOK || open.next(t).sender != "local" {
		t.Errorf("%d", status)
	}
}

// libcurl, and so Falco, asks for HTTP/2 where there is TLS.
func TestHTTP2(t *testing.T) {
	c := newCerts(t)
	cfg := c.serverConfig(tls.VerifyClientCertIfGiven)
	cfg.NextProtos = []string{"h2", "http/1.1"}
	s := newSite(t, cfg, func(h *HandlerConfig) { h.BodyTimeout = 50 * time.Millisecond })
	tr := &http.Transport{TLSClientConfig: c.clientConfig(c.client), ForceAttemptHTTP2: true}
	t.Cleanup(tr.CloseIdleConnections)
	client := &http.Client{Transport: tr}
	for range 3 {
		s.fail <- errFull // the store takes longer than the body may
		s.fail <- errFull
		res, err := client.Post("https://"+s.address+"/falco", "application/json", strings.NewReader(anAlert))
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if got := s.next(t); res.ProtoMajor != 2 || res.StatusCode != http.StatusOK || got != (storedAlert{"edge-1", anAlert}) {
			t.Errorf("%s %s, %v", res.Proto, res.Status, got)
		}
	}
	body, stuck := io.Pipe()
	res, err := client.Post("https://"+s.address+"/falco", "application/json", body)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	stuck.Close()
	if res.StatusCode != http.StatusBadRequest || s.Counts()[Broken] != 1 {
		t.Errorf("a body that does not come: %s", res.Status)
	}
}

// The sender will not send again: storing is tried again while it waits.
func TestStoringIsTriedAgain(t *testing.T) {
	s := newSite(t, nil, nil)
	s.fail <- errFull
	s.fail <- errFull
	if status, _ := s.post(t, http.DefaultClient, "/falco/"+token, anAlert); status != http.StatusOK || s.next(t).alert != anAlert {
		t.Errorf("%d", status)
	}
}

func TestUnstored(t *testing.T) {
	s := newSite(t, nil, func(c *HandlerConfig) { c.StoreTimeout = 60 * time.Millisecond })
	for range 100 {
		s.fail <- errFull
	}
	status, answer := s.post(t, http.DefaultClient, "/falco/"+token, anAlert)
	if status != http.StatusServiceUnavailable || s.Counts()[Unstored] != 1 || strings.Contains(answer, errFull.Error()) {
		t.Errorf("%d %s", status, answer)
	}
}

// What has come whole is stored, though its sender is gone.
func TestSenderLeaves(t *testing.T) {
	s := newSite(t, nil, nil)
	s.fail <- errFull
	conn, err := net.Dial("tcp", s.address)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "POST /falco/%s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", token, len(anAlert), anAlert)
	s.said.wait(t, "wait to be stored")
	conn.Close()
	if got := s.next(t); got.alert != anAlert {
		t.Errorf("%v", got)
	}
}

// A body that does not come costs its time and no more.
func TestSlowBody(t *testing.T) {
	s := newSite(t, nil, func(c *HandlerConfig) { c.BodyTimeout = 50 * time.Millisecond })
	conn, err := net.Dial("tcp", s.address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /falco/%s HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{", token)
	answer, err := io.ReadAll(conn)
	if err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 400 ") || s.Counts()[Broken] != 1 || len(s.alerts) != 0 {
		t.Errorf("%v: %s", err, answer)
	}
}

// The deadline of a body is over with the body: the connection goes on, and so does a store that takes longer.
func TestConnectionIsUsedAgain(t *testing.T) {
	s := newSite(t, nil, func(c *HandlerConfig) { c.BodyTimeout = 30 * time.Millisecond })
	conn, err := net.Dial("tcp", s.address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for range 3 {
		s.fail <- errFull // each waits longer than the body may take
		fmt.Fprintf(conn, "POST /falco/%s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", token, len(anAlert), anAlert)
		if got := s.next(t); got.alert != anAlert {
			t.Errorf("%v", got)
		}
		buf := make([]byte, 1000)
		if n, err := conn.Read(buf); err != nil || !strings.HasPrefix(string(buf[:n]), "HTTP/1.1 200 ") {
			t.Fatalf("%v: %s", err, buf[:n])
		}
	}
}

// One sender at its bound waits, and leaves room for others.
func TestRoom(t *testing.T) {
	begun, goOn := make(chan string, 10), make(chan struct{})
	s := newSite(t, nil, func(c *HandlerConfig) { c.MaxRequests, c.MaxRequestsPerSender, c.StoreTimeout = 3, 2, 5*time.Second })
	s.Handler.store = func(_ context.Context, sender string, _ []byte) error {
		begun <- sender
		<-goOn
		return nil
	}
	answers := make(chan int, 10)
	send := func(tok string) {
		go func() {
			res, err := http.Post("http://"+s.address+"/falco/"+tok, "application/json", strings.NewReader(anAlert))
			if err != nil {
				answers <- 0
				return
			}
			res.Body.Close()
			answers <- res.StatusCode
		}()
	}
	for range 4 {
		send(token)
	}
	<-begun
	<-begun
	send(strings.Repeat("x", 20))
	if got := <-begun; got != "other" {
		t.Errorf("%s got in where the other should", got)
	}
	if len(begun) != 0 {
		t.Error("more got in than may")
	}
	close(goOn)
	for range 5 {
		if status := <-answers; status != http.StatusOK {
			t.Errorf("%d", status)
		}
	}
	if len(s.room.of) != 0 || s.room.all != 0 {
		t.Errorf("%v are still in", s.room.of)
	}
}

func TestBusy(t *testing.T) {
	begun, goOn := make(chan struct{}, 2), make(chan struct{})
	s := newSite(t, nil, func(c *HandlerConfig) { c.MaxRequestsPerSender, c.StoreTimeout = 1, 100*time.Millisecond })
	s.Handler.store = func(context.Context, string, []byte) error {
		begun <- struct{}{}
		<-goOn
		return nil
	}
	first := make(chan int, 1)
	go func() {
		res, err := http.Post("http://"+s.address+"/falco/"+token, "application/json", strings.NewReader(anAlert))
		if err == nil {
			first <- res.StatusCode
			res.Body.Close()
		}
	}()
	<-begun
	if status, _ := s.post(t, http.DefaultClient, "/falco/"+token, anAlert); status != http.StatusServiceUnavailable || s.Counts()[Busy] != 1 {
		t.Errorf("%d", status)
	}
	close(goOn)
	if status := <-first; status != http.StatusOK {
		t.Errorf("%d", status)
	}
}

// Run answers what is under way when it is told to end.
func TestDrain(t *testing.T) {
	begun, goOn := make(chan struct{}), make(chan struct{})
	s := newSite(t, nil, nil)
	s.Handler.store = func(context.Context, string, []byte) error {
		close(begun)
		<-goOn
		return nil
	}
	answer := make(chan int, 1)
	go func() {
		res, err := http.Post("http://"+s.address+"/falco/"+token, "application/json", strings.NewReader(anAlert))
		if err != nil {
			answer <- 0
			return
		}
		res.Body.Close()
		answer <- res.StatusCode
	}()
	<-begun
	go func() { close(goOn) }()
	s.stop()
	if status := <-answer; status != http.StatusOK {
		t.Errorf("%d", status)
	}
}

func TestParseSenders(t *testing.T) {
	got, err := ParseSenders([]byte("# tokens\n\n  " + token + "  \nedge-1\t" + token + "2\n"))
	if err != nil || len(got) != 2 || got[0] != (Sender{DefaultSender, token}) || got[1] != (Sender{"edge-1", token + "2"}) {
		t.Errorf("%v, %v", got, err)
	}
	f := func(text, want string) {
		t.Helper()
		if _, err := ParseSenders([]byte(text)); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter") {
			t.Errorf("%q: %v", text, err)
		}
	}
	f("", "no token")
	f("# nothing\n", "no token")
	f("hunter2", "line 1: a token is")
	f("\nname hunter2hunter2/../x", "line 2: a token is")
	f("na/me hunter2hunter2hunter2", "line 1: a name is")
	f("a b hunter2hunter2hunter2", "line 1: want a token")
	f(strings.Repeat("x", 1<<17), "token too long")
}

func TestListenerIsBounded(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := newLimited(inner, 1)
	dial := func() net.Conn {
		c, err := net.Dial("tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	dial()
	dial()
	first, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	second := make(chan error, 1)
	go func() {
		_, err := l.Accept()
		second <- err
	}()
	select {
	case err := <-second:
		t.Fatalf("a second connection: %v", err)
	default:
	}
	first.Close()
	first.Close()
	if err := <-second; err != nil {
		t.Fatal(err)
	}
	third := make(chan error, 1)
	go func() {
		_, err := l.Accept()
		third <- err
	}()
	l.Close()
	if err := <-third; !errors.Is(err, net.ErrClosed) {
		t.Errorf("%v", err)
	}
}
