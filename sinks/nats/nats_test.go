package nats

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/parallax-sec/parallax/sinks"
	"github.com/parallax-sec/parallax/sinks/sinktest"
)

func openSink(t *testing.T, cfg Config) *Sink {
	t.Helper()
	s, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// connected waits until the sink is.
func connected(t *testing.T, s *Sink) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !s.conn.IsConnected(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("not connected: ", s.conn.LastError())
		}
	}
}

// nameOf is the name of the alert that a message is.
func nameOf(data []byte) string {
	var doc struct {
		Event    struct{ ID string }
		Parallax struct{ Revision int }
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		return fmt.Sprintf("%q", data)
	}
	return sinktest.Name(doc.Event.ID, doc.Parallax.Revision)
}

// stored are the names of the alerts in the stream.
func stored(t *testing.T, s *testServer) []string {
	t.Helper()
	_, js := s.inside(t)
	st, err := js.Stream(t.Context(), "ALERTS")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for seq := uint64(1); seq <= st.CachedInfo().State.LastSeq; seq++ {
		m, err := st.GetMsg(t.Context(), seq)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, nameOf(m.Data))
	}
	return out
}

// streamRig is a stream behind a proxy.
func streamRig(t *testing.T) *sinktest.Rig {
	s := startServer(t, nil)
	s.stream(t, nil)
	p := newProxy(t, s.Addr().String())
	cfg := s.config(p.Addr().String())
	cfg.Timeout = 500 * time.Millisecond
	return &sinktest.Rig{
		Open:    func(t *testing.T) sinks.Sink { return openSink(t, cfg) },
		Got:     func(t *testing.T) []string { return stored(t, s) },
		Dedupes: true,
		Down: func() func() {
			s.stop()
			p.cut()
			return func() { s.start(t) }
		},
		Hang:  p.hang,
		Flaky: p.flaky,
		Small: func() func() {
			s.stream(t, func(c *jetstream.StreamConfig) { c.MaxMsgSize = 30_000 })
			return func() {}
		},
	}
}

// plainRig is a subject that no stream takes, and somebody who listens.
func plainRig(t *testing.T) *sinktest.Rig {
	s := startServer(t, func(o *server.Options) { o.JetStream, o.MaxPayload = false, 30_000 })
	p := newProxy(t, s.Addr().String())
	listener, err := nats.Connect("", nats.InProcessServer(s.Server))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(listener.Close)
	heard, err := listener.SubscribeSync("plx.out.*")
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Flush(); err != nil {
		t.Fatal(err)
	}
	var got []string
	cfg := s.config(p.Addr().String())
	cfg.Timeout = 500 * time.Millisecond
	return &sinktest.Rig{
		Open: func(t *testing.T) sinks.Sink { return openSink(t, cfg) },
		Got: func(t *testing.T) []string {
			if err := listener.Flush(); err != nil {
				t.Fatal(err)
			}
			for {
				n, _, err := heard.Pending()
				if err != nil || n == 0 {
					break
				}
				m, err := heard.NextMsg(time.Second)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, nameOf(m.Data))
			}
			return append([]string(nil), got...)
		},
		Down: func() func() {
			real := p.aim("127.0.0.1:1")
			return func() { p.aim(real) }
		},
		Hang: p.hang, Flaky: p.flaky,
		Small: func() func() { return func() {} },
	}
}

func TestConformanceStream(t *testing.T) { sinktest.Run(t, streamRig) }

func TestConformancePlain(t *testing.T) { sinktest.Run(t, plainRig) }

// A stream that is full takes no more; what it took before is not there twice when there is room again.
func TestStreamFull(t *testing.T) {
	s := startServer(t, nil)
	s.stream(t, func(c *jetstream.StreamConfig) { c.MaxBytes = 40_000 })
	sink := openSink(t, s.config(s.Addr().String()))
	connected(t, sink)
	alerts := sinktest.Alerts(100)
	err := sink.Write(t.Context(), alerts)
	var partial sinks.Partial
	if !errors.As(err, &partial) || !strings.Contains(err.Error(), "maximum bytes") {
		t.Fatalf("%v", err)
	}
	taken := 0
	for _, err := range partial {
		if err == nil {
			taken++
		}
	}
	if n := len(stored(t, s)); n != taken || n == 0 {
		t.Errorf("%d stored, %d said to be", n, taken)
	}
	s.stream(t, nil)
	if err := sink.Write(t.Context(), alerts); err != nil {
		t.Fatal(err)
	}
	if n := len(stored(t, s)); n != 100 || sink.Duplicates() != uint64(taken) {
		t.Errorf("%d stored, %d duplicates", n, sink.Duplicates())
	}
}

// Where a stream took the subject once, alerts wait for it to come back and do not go past it.
func TestStreamGone(t *testing.T) {
	s := startServer(t, nil)
	s.stream(t, nil)
	sink := openSink(t, s.config(s.Addr().String()))
	connected(t, sink)
	alerts := sinktest.Alerts(4)
	if err := sink.Write(t.Context(), alerts); err != nil {
		t.Fatal(err)
	}
	_, js := s.inside(t)
	if err := js.DeleteStream(t.Context(), "ALERTS"); err != nil {
		t.Fatal(err)
	}
	if err := sink.Write(t.Context(), alerts); err == nil {
		t.Error("published past the stream")
	}
}

func TestSubjectAndMessageID(t *testing.T) {
	s := startServer(t, nil)
	st := s.stream(t, nil)
	cfg := s.config(s.Addr().String())
	cfg.JetStream = JetStreamAlways
	sink := openSink(t, cfg)
	connected(t, sink)
	alerts := sinktest.Alerts(4)
	alerts[1].Revision = 7
	if err := sink.Write(t.Context(), alerts); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"plx.out.low", "plx.out.medium", "plx.out.high", "plx.out.critical"} {
		m, err := st.GetMsg(t.Context(), uint64(i+1))
		if err != nil {
			t.Fatal(err)
		}
		if id := m.Header.Get(nats.MsgIdHdr); m.Subject != want || id != sinktest.Name(alerts[i].ID, alerts[i].Revision) {
			t.Errorf("%s with id %s", m.Subject, id)
		}
	}
}
