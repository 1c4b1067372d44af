package webhook

import (
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parallax-sec/parallax/sinks"
	"github.com/parallax-sec/parallax/sinks/sinktest"
)

// server is a web server over TLS that takes one of the formats.
type server struct {
	*httptest.Server
	cfg Config

	mu       sync.Mutex
	trouble  http.HandlerFunc // answers in its place where it is not nil; guarded by mu
	got      []string         // names of the alerts that arrived; guarded by mu
	requests []*http.Request  // guarded by mu
	bodies   [][]byte         // guarded by mu
}

// newServer returns a server, and a configuration that posts to it.
func newServer(t *testing.T, format string, array bool) *server {
	t.Helper()
	s := &server{}
	s.Server = httptest.NewUnstartedServer(s)
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // of connections that are cut on purpose
	s.StartTLS()
	t.Cleanup(s.Close)
	s.cfg = DefaultConfig()
	s.cfg.URL, s.cfg.Format, s.cfg.Array = s.URL+"/hook", format, array
	s.cfg.CAFile = writeFile(t, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})))
	return s
}

// writeFile writes a file of its own and returns its name.
func writeFile(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// set makes trouble, and returns what ends it.
func (s *server) set(trouble http.HandlerFunc) (mend func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trouble = trouble
	return func() { s.set(nil) }
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	trouble := s.trouble
	s.mu.Unlock()
	if trouble != nil {
		trouble(w, r)
		return
	}
	s.take(r)
}

// take keeps the alerts of a request.
func (s *server) take(r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests, s.bodies = append(s.requests, r), append(s.bodies, body)
	s.got = append(s.got, alertsIn(s.cfg.Format, body)...)
}

// alertsIn returns the names of the alerts of a body.
func alertsIn(format string, body []byte) []string {
	var list []json.RawMessage
	if len(body) == 0 || body[0] != '[' {
		list = []json.RawMessage{body}
	} else if err := json.Unmarshal(body, &list); err != nil {
		panic(err)
	}
	var out []string
	for _, one := range list {
		var doc struct {
			Event    struct{ ID string }
			Parallax struct{ Revision int }
			Labels   struct {
				ID string `json:"alert_id"`
			}
			Annotations struct {
				Revision int `json:",string"`
			}
			OutputFields struct {
				ID string `json:"parallax.id"`
			} `json:"output_fields"`
		}
		if err := json.Unmarshal(one, &doc); err != nil {
			panic(string(one) + ": " + err.Error())
		}
		switch format {
		case FormatAlertmanager:
			out = append(out, sinktest.Name(doc.Labels.ID, doc.Annotations.Revision))
		case FormatFalco:
			out = append(out, sinktest.Name(doc.OutputFields.ID, 0))
		default:
			out = append(out, sinktest.Name(doc.Event.ID, doc.Parallax.Revision))
		}
	}
	return out
}

func (s *server) names() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.got...)
}

func (s *server) open(t *testing.T) sinks.Sink {
	t.Helper()
	sink, err := Open(s.cfg)
	if err != nil {
		t.Fatal(err)
	}
	return sink
}

// hang keeps requests waiting until it is mended.
func (s *server) hang() (mend func()) {
	end := make(chan struct{})
	back := s.set(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // else the server does not see the client go
		select {
		case <-end:
		case <-r.Context().Done():
		}
		panic(http.ErrAbortHandler)
	})
	return func() {
		back()
		close(end)
	}
}

// flaky takes some requests, refuses some, and takes some without an answer.
func (s *server) flaky() (mend func()) {
	var mu sync.Mutex
	n := 0
	return s.set(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		switch n++; n % 5 {
		case 1:
			w.WriteHeader(http.StatusServiceUnavailable)
		case 2:
			s.take(r)
			panic(http.ErrAbortHandler)
		case 3:
			panic(http.ErrAbortHandler)
		default:
			s.take(r)
		}
	})
}

func (s *server) busy() (mend func()) {
	var until time.Time
	var mu sync.Mutex
	return s.set(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if until.IsZero() {
			until = time.Now().Add(time.Second)
		}
		if time.Now().Before(until) {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		s.take(r)
	})
}

// refuse answers with status where it does not like the body, and takes it otherwise.
func (s *server) refuse(status int, dislikes func(body string) bool) (mend func()) {
	return s.set(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if dislikes(string(body)) {
			w.WriteHeader(status)
			return
		}
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		s.take(r)
	})
}

func (s *server) rig(small int) *sinktest.Rig {
	return &sinktest.Rig{
		Open: s.open, Got: func(*testing.T) []string { return s.names() }, FirstOnly: s.cfg.Format == FormatFalco,
		Down: func() func() {
			return s.set(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
		},
		Hang: s.hang, Flaky: s.flaky, Busy: s.busy,
		Poison: func() func() {
			return s.refuse(http.StatusBadRequest, func(body string) bool { return strings.Contains(body, sinktest.Poison) })
		},
		Breaks: func() func() {
			return s.refuse(http.StatusInternalServerError, func(body string) bool { return strings.Contains(body, sinktest.Poison) })
		},
		Small: func() func() {
			return s.refuse(http.StatusRequestEntityTooLarge, func(body string) bool { return len(body) > small })
		},
	}
}

func TestConformance(t *testing.T) {
	f := func(name, format string, array bool, small int) {
		t.Run(name, func(t *testing.T) {
			sinktest.Run(t, func(t *testing.T) *sinktest.Rig { return newServer(t, format, array).rig(small) })
		})
	}
	f("json", FormatJSON, false, 30_000)
	f("json array", FormatJSON, true, 30_000)
	f("alertmanager", FormatAlertmanager, false, 6_000)
	f("falco", FormatFalco, false, 9_000)
}
