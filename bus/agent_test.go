package bus

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nkeys"
	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/setup/pki"
)

// hub is a bus that agents can reach, with its gate at work.
type hub struct {
	*Bus
	gate   *Gate
	client *tls.Config
	dir    string
	keys   string // the file of keys
}

// openHub opens a hub. Tokens are the node's name behind "token of ".
func openHub(t *testing.T, change func(*Config, *GateConfig)) *hub {
	t.Helper()
	ca, err := pki.NewCA("test", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	pair, err := ca.Issue(pki.Leaf{CommonName: "hub", Hosts: []string{"127.0.0.1"}}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	cert, err := tls.X509KeyPair(pair.Cert, pair.Key)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca.Pair.Cert)
	h := &hub{client: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, dir: t.TempDir()}
	h.keys = filepath.Join(h.dir, "agents.keys")
	h.addKey(t, "first")
	cfg := testConfig(t, t.TempDir())
	cfg.Agents = &Listener{
		Address: "127.0.0.1:0", TLS: &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12},
		KeysFile: h.keys, TailNodes: []string{"cp.1"},
		Authenticate: func(_ context.Context, token string) (string, error) {
			node, known := strings.CutPrefix(token, "token of ")
			if !known {
				return "", errors.New("nobody's token")
			}
			return node, nil
		},
	}
	gate := DefaultGateConfig(cfg.Limits)
	if change != nil {
		change(&cfg, &gate)
	}
	h.Bus = openTest(t, cfg)
	if h.gate, err = h.Gate(gate); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- h.gate.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return h
}

// addKey adds a node to the file of keys and returns the file of its seed.
func (h *hub) addKey(t *testing.T, node string) string {
	t.Helper()
	kp, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	seed, _ := kp.Seed()
	pub, _ := kp.PublicKey()
	name := filepath.Join(h.dir, node+".nk")
	old, _ := os.ReadFile(h.keys)
	for file, data := range map[string][]byte{name: seed, h.keys: append(old, node+" "+pub+" # a comment\n"...)} {
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return name
}

func (h *hub) token(t *testing.T, token string) string {
	name := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(name, []byte(token+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func (h *hub) url() string { return "tls://" + h.AgentsAddress().String() }

// dial connects the agent of a node, or says why not.
func (h *hub) dial(t *testing.T, node string, auth Auth) (*Agent, error) {
	t.Helper()
	auth.TLS = func() *tls.Config { return h.client }
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	a, err := DialAgent(ctx, AgentConfig{Node: node, URLs: []string{h.url()}, Auth: auth, Timeout: 5 * time.Second})
	if err == nil {
		t.Cleanup(a.Close)
	}
	return a, err
}

func (h *hub) agent(t *testing.T, node string) *Agent {
	t.Helper()
	a, err := h.dial(t, node, Auth{TokenFile: h.token(t, "token of "+node)})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func matches(node string, data []byte) Message {
	return Message{Kind: event.BatchMatches, Source: []string{node}, Data: data, Whole: true}
}

func TestAgentsReachTheStream(t *testing.T) {
	h := openHub(t, nil)
	one, err := h.dial(t, "first", Auth{NKeyFile: filepath.Join(h.dir, "first.nk")})
	if err != nil {
		t.Fatal(err)
	}
	later, err := h.dial(t, "later", Auth{NKeyFile: h.addKey(t, "later")}) // the file is read again
	if err != nil {
		t.Fatal(err)
	}
	tail := h.agent(t, "cp.1")
	log := noise(10 << 20) // larger than a message may be
	for _, err := range []error{
		one.Publish(t.Context(), matches("first", []byte("hello"))),
		later.Publish(t.Context(), matches("later", bytes.Repeat([]byte("hello"), 10_000))),
		tail.Publish(t.Context(), Message{Kind: event.BatchAudit, Source: []string{"default", "cp.1"}, Data: log}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	r := h.Reader(0)
	for _, want := range []event.Batch{
		{Kind: event.BatchMatches, Origin: "node/first", Data: []byte("hello"), Whole: true},
		{Kind: event.BatchMatches, Origin: "node/later", Data: bytes.Repeat([]byte("hello"), 10_000), Whole: true},
		{Kind: event.BatchAudit, Origin: "audit/default/file:cp.1", Data: log},
	} {
		if got := next(t, r); got.Kind != want.Kind || got.Origin != want.Origin || got.Whole != want.Whole || !bytes.Equal(got.Data, want.Data) {
			t.Errorf("%s came as %s of %d bytes", want.Origin, got.Origin, len(got.Data))
		}
	}
	if s := h.gate.Stats(); s.Stored != 4 || s.Refused+s.Full+s.Failed+s.Dropped != 0 {
		t.Errorf("%+v", s)
	}
}

func TestStrangersAreNotLetIn(t *testing.T) {
	t.Parallel()
	h := openHub(t, nil)
	other, _ := nkeys.CreateUser()
	seed, _ := other.Seed()
	wrong := filepath.Join(t.TempDir(), "wrong.nk")
	if err := os.WriteFile(wrong, seed, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, auth := range map[string]Auth{
		"nothing": {}, "wrong key": {NKeyFile: wrong}, "wrong token": {TokenFile: h.token(t, "x")}, "no token": {TokenFile: "/nowhere"},
	} {
		if _, err := h.dial(t, "first", auth); !errors.Is(err, ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if nc, err := nats.Connect("nats://" + h.AgentsAddress().String()); err == nil {
		nc.Close()
		t.Error("without TLS")
	}
	// The key of another node, signed by somebody who does not have it.
	nc, err := nats.Connect(h.url(), nats.Secure(h.client), nats.Nkey(publicKey(t, h, "first"), func(nonce []byte) ([]byte, error) { return other.Sign(nonce) }))
	if err == nil {
		nc.Close()
		t.Error("with a signature of another key")
	}
}

func publicKey(t *testing.T, h *hub, node string) string {
	data, err := os.ReadFile(filepath.Join(h.dir, node+".nk"))
	if err != nil {
		t.Fatal(err)
	}
	kp, err := nkeys.FromSeed(data)
	if err != nil {
		t.Fatal(err)
	}
	pub, _ := kp.PublicKey()
	return pub
}

// What an agent's credential is good for, beside its own matches: nothing.
func TestAgentsCredentialIsGoodForItsNodeOnly(t *testing.T) {
	t.Parallel()
	h := openHub(t, nil)
	victim := h.agent(t, "victim")
	evil := h.agent(t, "evil")
	if err := h.SaveCheckpoint(t.Context(), &Checkpoint{Seq: 7}); err != nil {
		t.Fatal(err)
	}
	before, err := h.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	evil.cfg.Timeout = 200 * time.Millisecond // there is no answer to what is refused
	js, err := jetstream.New(evil.nc)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []Message{
		matches("victim", []byte("x")),
		{Kind: event.BatchAudit, Source: []string{"default", "evil"}, Data: []byte("x")}, // it does not tail
		{Kind: event.BatchAudit, Source: []string{"default", "cp.1"}, Data: []byte("x")},
		{Kind: event.BatchControl, Source: []string{"rules"}, Data: []byte("x")},
		{Kind: event.BatchFalco, Source: []string{"syscall"}, Data: []byte("x")},
	} {
		if err := evil.Publish(t.Context(), m); err == nil {
			t.Errorf("it published to %v %v", m.Kind, m.Source)
		}
	}
	for name, try := range map[string]func(context.Context) error{
		"publish":       func(ctx context.Context) error { return second(js.Publish(ctx, "plx.rt.evil", nil)) },
		"stream info":   func(ctx context.Context) error { return second(js.Stream(ctx, streamEvents)) },
		"delete stream": func(ctx context.Context) error { return js.DeleteStream(ctx, streamEvents) },
		"make consumer": func(ctx context.Context) error {
			return second(js.CreateConsumer(ctx, streamEvents, jetstream.ConsumerConfig{}))
		},
		"delete consumer": func(ctx context.Context) error { return js.DeleteConsumer(ctx, streamAlerts, consumerPrefix+"file") },
		"read a bucket":   func(ctx context.Context) error { return second(js.KeyValue(ctx, bucketMeta)) },
		"write a key": func(ctx context.Context) error {
			return second(js.Publish(ctx, "$KV.plx-ckpt.detector", []byte(`{"seq":1}`)))
		},
		"make stream": func(ctx context.Context) error {
			return second(js.CreateStream(ctx, jetstream.StreamConfig{Name: "EVIL", Subjects: []string{"evil.>"}}))
		},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		if try(ctx) == nil {
			t.Errorf("%s: it may", name)
		}
		cancel()
	}
	refused := make(chan error, 100)
	evil.nc.SetErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { refused <- err })
	for _, subject := range []string{">", "plx.>", "gate.>", "gate.plx.rt.evil", "_INBOX_victim.>", "_INBOX.>", "$JS.>", "$SYS.>", "$KV.>", "_INBOX_*.>"} {
		sub, err := evil.nc.SubscribeSync(subject)
		if err != nil {
			t.Fatal(err)
		}
		_ = evil.nc.Flush()
		select {
		case err := <-refused:
			if !errors.Is(err, nats.ErrPermissionViolation) {
				t.Errorf("subscribe to %s: %v", subject, err)
			}
		case <-time.After(5 * time.Second):
			t.Errorf("it may subscribe to %s", subject)
		}
		_ = sub.Unsubscribe()
	}
	if err := victim.Publish(t.Context(), matches("victim", []byte("still there"))); err != nil {
		t.Error(err)
	}
	after, err := h.Status(t.Context())
	if err != nil || after.Streams[0].Messages != before.Streams[0].Messages+1 || after.Checkpoint.Seq != 7 {
		t.Errorf("%+v, %v", after, err)
	}
}

func second[T any](_ T, err error) error { return err }

// What an agent may publish cannot be turned against anybody: the answer goes to its own inbox or nowhere, and of its headers
// only those are kept that tell how to read it.
func TestGateTakesNothingButMatches(t *testing.T) {
	h := openHub(t, nil)
	evil := h.agent(t, "evil")
	secret, err := h.nc.SubscribeSync("_INBOX_victim.>")
	if err != nil {
		t.Fatal(err)
	}
	for _, reply := range []string{"$KV.plx-ckpt.detector", "plx.ctl.rules", "plx.alert.high", "_INBOX_victim.x", "_INBOX_evilx.y", "$JS.API.STREAM.DELETE.PLX", ""} {
		m := &nats.Msg{Subject: "gate.plx.rt.evil", Reply: reply, Data: []byte(reply), Header: nats.Header{
			nats.MsgIdHdr: {"same"}, "Nats-Rollup": {"all"}, "Nats-TTL": {"1s"}, "Nats-Expected-Stream": {"X"}, "Nats-Batch-Id": {"x"}, headerWhole: {"1"},
		}}
		if err := evil.nc.PublishMsg(m); err != nil {
			t.Fatal(err)
		}
	}
	if err := evil.Publish(t.Context(), matches("evil", []byte("last"))); err != nil {
		t.Fatal(err)
	}
	r := h.Reader(0)
	for i := range 8 {
		if b := next(t, r); b.Origin != "node/evil" || !b.Whole || i == 7 && string(b.Data) != "last" {
			t.Errorf("%s %q", b.Origin, b.Data)
		}
	}
	if m, err := secret.NextMsg(100 * time.Millisecond); err == nil {
		t.Errorf("the victim got %q", m.Data)
	}
	if c, err := h.LoadCheckpoint(t.Context()); err != nil || c.Seq != 0 {
		t.Errorf("%+v, %v", c, err)
	}
	for name, m := range map[string]*nats.Msg{
		"parts":          {Header: nats.Header{headerPart: {"1/2"}, headerBody: {"x"}}},
		"no zstd":        {Header: nats.Header{headerEncoding: {"zstd"}}, Data: []byte("nonsense")},
		"too large":      {Header: nats.Header{headerEncoding: {"zstd"}}, Data: evil.packer.zstd.EncodeAll(make([]byte, 17<<20), nil)},
		"a long header":  {Header: nats.Header{headerEncoding: {strings.Repeat("x", 65)}}},
		"a short prefix": {Header: nats.Header{headerEncoding: {"zstd"}}},
	} {
		m.Subject = "gate.plx.rt.evil"
		if err := evil.send(t.Context(), m); !errors.Is(err, ErrRefused) && !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if s := streamOf(t, h.Bus, streamEvents); s.Messages != 8 {
		t.Errorf("%d messages", s.Messages)
	}
}

// Matches that do not fit into one message are not sent.
func TestLargeMatchesAreTooLarge(t *testing.T) {
	h := openHub(t, nil)
	if err := h.agent(t, "first").Publish(t.Context(), matches("first", noise(9<<20))); !errors.Is(err, ErrTooLarge) {
		t.Errorf("%v", err)
	}
}

// A node that sends too much has to wait, other nodes and API servers do not.
func TestOneNodeCannotFillTheStream(t *testing.T) {
	h := openHub(t, func(c *Config, g *GateConfig) {
		c.Limits.Events = 16 << 20
		*g = DefaultGateConfig(c.Limits)
		g.FullPercent = 20
	})
	greedy, modest := h.agent(t, "greedy"), h.agent(t, "modest")
	body := noise(100_000)
	sent := 0
	var err error
	for err == nil && sent < 100 {
		if err = greedy.Publish(t.Context(), matches("greedy", body)); err == nil {
			sent++
		}
	}
	if !errors.Is(err, ErrFull) || sent < 5 || sent > 10 {
		t.Errorf("it stored %d batches of 100 kB, %v", sent, err)
	}
	if err := modest.Publish(t.Context(), matches("modest", body)); err != nil {
		t.Errorf("the other node: %v", err)
	}
	for i := 0; err == nil || i < 5; i++ { // many nodes together leave room for API servers
		err = h.agent(t, fmt.Sprint("n", i)).Publish(t.Context(), matches(fmt.Sprint("n", i), noise(900_000)))
		if i > 20 {
			t.Fatal("all nodes together filled it")
		}
	}
	if !errors.Is(err, ErrFull) {
		t.Errorf("%v", err)
	}
	publish(t, h.Bus, body)
}

// Agents go on after the server was started anew, at the same address.
func TestAgentsComeBack(t *testing.T) {
	t.Parallel()
	h := openHub(t, nil)
	a := h.agent(t, "n1")
	h.server.shutdown()
	if err := a.Publish(t.Context(), matches("n1", []byte("lost"))); !errors.Is(err, ErrUnavailable) {
		t.Errorf("%v", err)
	}
	for start := time.Now(); ; { // the watch finds it within seconds
		err := a.Publish(t.Context(), matches("n1", []byte("again")))
		if err == nil {
			break
		}
		if time.Since(start) > 20*time.Second {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Millisecond)
	}
	if b := next(t, h.Reader(0)); string(b.Data) != "again" {
		t.Errorf("%q", b.Data)
	}
}
