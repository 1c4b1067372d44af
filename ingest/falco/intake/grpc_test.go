package intake

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/falcosecurity/client-go/pkg/api/outputs"
	"github.com/falcosecurity/client-go/pkg/api/schema"
	"github.com/google/go-cmp/cmp"
	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/falco"
	"google.golang.org/grpc"
)

// runGRPC reads a Falco until the test ends or stop is called.
func runGRPC(t *testing.T, target string, store Store, change func(*GRPCConfig)) (g *GRPC, stop func()) {
	t.Helper()
	cfg := DefaultGRPCConfig()
	cfg.Target, cfg.Poll, cfg.FirstRetry, cfg.LastRetry, cfg.Drain = target, 5*time.Millisecond, time.Millisecond, 10*time.Millisecond, 10*time.Second
	if change != nil {
		change(&cfg)
	}
	g, err := NewGRPC(cfg, store)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- g.Run(ctx) }()
	stop = func() {
		t.Helper()
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run: %v", err)
		}
		done <- nil
	}
	t.Cleanup(stop)
	return g, stop
}

// wantRule wants the next stored alert to be of a rule.
func wantRule(t *testing.T, k *kept, rule string) {
	t.Helper()
	var a struct{ Rule string }
	if got := k.next(t); json.Unmarshal([]byte(got.alert), &a) != nil || a.Rule != rule {
		t.Fatalf("stored %s, want %s", got.alert, rule)
	}
}

func TestGRPC(t *testing.T) {
	l, target := onSocket(t)
	f := newFalcoServer(numbered(1), numbered(2))
	f.serve(t, l, nil)
	k := newKept()
	g, stop := runGRPC(t, target, k.store, nil)
	first := k.next(t)
	want := storedAlert{"grpc", `{"time":"2026-11-20T10:00:00.000000001Z","rule":"rule 1","priority":"WARNING","source":"syscall","hostname":"node-3",` +
		`"output":"10:00:00.000000001: Warning something","tags":["T1059"],"output_fields":{"fd.name":null,"proc.name":"sh","proc.pid":"17"}}`}
	if first != want {
		t.Errorf("got  %v\nwant %v", first, want)
	}
	wantRule(t, k, "rule 2")
	f.push(numbered(3)) // which Falco sends when it is asked again
	wantRule(t, k, "rule 3")
	stop()
	if c := g.Counts(); c != (GRPCCounts{Stored: 3}) {
		t.Errorf("%+v", c)
	}
	<-f.ended
	if f.requests < 2 {
		t.Errorf("%d requests", f.requests)
	}
}

// By gRPC and by HTTP it is the same event.
func TestSameEventByGRPCAndHTTP(t *testing.T) {
	byGRPC, err := alertOf(numbered(1))
	if err != nil {
		t.Fatal(err)
	}
	byHTTP := `{"hostname":"node-3","output":"10:00:00.000000001: Warning something","output_fields":{"fd.name":null,"proc.name":"sh","proc.pid":17},"priority":"Warning",` +
		`"rule":"rule 1","source":"syscall","tags":["T1059"],"time":"2026-11-20T10:00:00.000000001Z"}`
	var docs []string
	b := event.Batch{Data: []byte(string(byGRPC) + "\n" + byHTTP)}
	falco.NewDecoder().Decode(&b, func(e event.Event) {
		docs = append(docs, string(new(event.Encoder).Append(nil, event.PlainEvent(e.Details(event.ScopeEvent, 0), false))))
	}, func(f event.Fault) { t.Error(f) })
	if len(docs) != 2 || docs[0] != docs[1] {
		t.Error(cmp.Diff(docs[0], docs[1]))
	}
}

func TestOldFalcoTellsItsSourceInCapitals(t *testing.T) {
	got, err := alertOf(&outputs.Response{Rule: "r", SourceDeprecated: schema.Source_K8S_AUDIT}) //nolint:staticcheck // an old Falco sends it
	if want := `{"rule":"r","priority":"EMERGENCY","source":"k8s_audit","output_fields":{}}`; string(got) != want || err != nil {
		t.Errorf("%s, %v", got, err)
	}
}

// A Falco that restarts, or is not there yet, is found again.
func TestGRPCReconnects(t *testing.T) {
	l, target := onSocket(t)
	path := l.Addr().String()
	f, k := newFalcoServer(), newKept()
	l.Close()
	g, stop := runGRPC(t, target, k.store, nil)
	for i := range 3 {
		stopFalco := f.serve(t, listenAt(t, path), nil)
		f.push(numbered(i))
		wantRule(t, k, numbered(i).Rule)
		stopFalco()
	}
	stop()
	if c := g.Counts(); c.Stored != 3 || c.Failures < 2 || c.Garbled != 0 || c.Lost != 0 {
		t.Errorf("%+v", c)
	}
}

// Nothing is asked for before what there is is stored, and what cannot be stored is tried again.
func TestGRPCStoresBeforeItReadsOn(t *testing.T) {
	l, target := onSocket(t)
	f, k := newFalcoServer(), newKept()
	for range 3 {
		k.fail <- errFull
	}
	for i := range 50 {
		f.push(numbered(i))
	}
	f.serve(t, l, nil)
	g, stop := runGRPC(t, target, k.store, nil)
	for i := range 50 {
		wantRule(t, k, numbered(i).Rule)
	}
	stop()
	if c := g.Counts(); c.Stored != 50 || c.Lost != 0 || c.Failures != 0 || len(k.fail) != 0 {
		t.Errorf("%+v", c)
	}
}

// What Falco has handed out when we are told to end is stored.
func TestGRPCDrains(t *testing.T) {
	l, target := onSocket(t)
	f := newFalcoServer()
	for i := range 20 {
		f.push(numbered(i))
	}
	f.serve(t, l, nil)
	k := newKept()
	begun, goOn := make(chan struct{}), make(chan struct{})
	first := true
	_, stop := runGRPC(t, target, func(ctx context.Context, sender string, alert []byte) error {
		if first {
			first = false
			close(begun)
			<-goOn
		}
		return k.store(ctx, sender, alert)
	}, nil)
	<-begun
	go func() { close(goOn) }()
	stop()
	if len(k.alerts) != 20 || len(f.queue) != 0 {
		t.Errorf("%d of 20 are stored, %d are with Falco", len(k.alerts), len(f.queue))
	}
}

// A store that never works loses what was read, counted, when the time to drain is over.
func TestGRPCGivesUpAtTheEnd(t *testing.T) {
	l, target := onSocket(t)
	f := newFalcoServer()
	f.push(numbered(1))
	f.serve(t, l, nil)
	begun := make(chan struct{}, 1000)
	g, stop := runGRPC(t, target, func(context.Context, string, []byte) error {
		begun <- struct{}{}
		return errFull
	}, func(c *GRPCConfig) { c.Drain = 20 * time.Millisecond })
	<-begun
	stop()
	if c := g.Counts(); c.Lost != 1 || c.Stored != 0 || c.Up {
		t.Errorf("%+v", c)
	}
}

// An alert that cannot be read is lost and counted; the others come.
func TestGRPCGarbledAlerts(t *testing.T) {
	l, target := onSocket(t)
	f, k := newFalcoServer(), newKept()
	large := numbered(1)
	large.Output = strings.Repeat("x", 2<<20)
	f.push(large)
	f.serve(t, l, nil)
	said := newSaid()
	g, stop := runGRPC(t, target, k.store, func(c *GRPCConfig) { c.Log = said.logger() })
	said.wait(t, "an alert of Falco's gRPC output is lost: it cannot be read")
	<-f.ended // before that, Falco would hand it to a stream that nobody reads any more
	f.push(numbered(2))
	wantRule(t, k, "rule 2")
	stop()
	if c := g.Counts(); c.Garbled != 1 || c.Stored != 1 {
		t.Errorf("%+v", c)
	}
}

// What answers is no Falco: tried again, and nothing is left behind at the end.
func TestGRPCGarbage(t *testing.T) {
	l, target := onSocket(t)
	accepted := make(chan struct{}, 1000)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n\x00\xff garbage"))
			c.Close()
			accepted <- struct{}{}
		}
	}()
	g, stop := runGRPC(t, target, newKept().store, nil)
	for range 3 {
		<-accepted
	}
	stop()
	if c := g.Counts(); c.Stored != 0 || c.Failures == 0 || c.Up {
		t.Errorf("%+v", c)
	}
}

func TestGRPCMutualTLS(t *testing.T) {
	c := newCerts(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := newFalcoServer()
	f.serve(t, l, c.serverConfig(tls.RequireAndVerifyClientCert))
	f.push(numbered(1))
	refused := newKept()
	for name, cfg := range map[string]*tls.Config{"no certificate": c.clientConfig(), "a foreign one": c.clientConfig(c.foreign), "a foreign server": {Certificates: []tls.Certificate{c.client}}} {
		said := newSaid()
		g, stop := runGRPC(t, l.Addr().String(), refused.store, func(g *GRPCConfig) { g.TLS, g.Log = cfg, said.logger() })
		said.wait(t, "Falco's gRPC output cannot be read: another try follows")
		stop()
		if got := g.Counts(); got.Stored != 0 || got.Failures == 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
	k := newKept()
	runGRPC(t, l.Addr().String(), k.store, func(g *GRPCConfig) { g.TLS, g.Sender = c.clientConfig(c.client), "edge-1" })
	if got := k.next(t); got.sender != "edge-1" {
		t.Errorf("%v", got)
	}
}

// A server without Falco's services is told of as what it is.
func TestGRPCUnimplemented(t *testing.T) {
	l, target := onSocket(t)
	s := grpc.NewServer()
	go s.Serve(l)
	t.Cleanup(s.Stop)
	said := newSaid()
	runGRPC(t, target, newKept().store, func(c *GRPCConfig) { c.Log = said.logger() })
	said.wait(t, "Falco has no gRPC output: it is off, or this is Falco 0.44 or newer, which has http_output")
}

func TestNewGRPCRefuses(t *testing.T) {
	f := func(target string, cfg *tls.Config, want string) {
		t.Helper()
		if _, err := NewGRPC(GRPCConfig{Target: target, TLS: cfg}, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", target, err)
		}
	}
	f("", nil, "no address")
	f("falco:5060", nil, "mutual TLS")
	f("unix:///run/falco/falco.sock", &tls.Config{}, "no TLS")
}
