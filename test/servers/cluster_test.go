//go:build servers

package servers

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/parallax-sec/parallax/test/rig"
)

// site is a NATS cluster with two hubs and two agents around it.
type site struct {
	program, dir, keys, hook string
	servers                  []*natsServer
	hubs, agents             []*part
	receiver                 *receiver
}

// part is a process of ours.
type part struct {
	name    string
	args    []string
	url     string // of a hub: its webhook
	log     string // of an agent: the audit log that it follows
	process *rig.Process
}

func (p *part) start(t *testing.T, program string) {
	t.Helper()
	p.process = rig.Start(t, program, nil, p.args...).MustBeReady(t)
}

func newSite(t *testing.T) *site {
	t.Helper()
	dir := t.TempDir()
	s := &site{program: rig.Program(t, keep), dir: dir, keys: filepath.Join(dir, "keys"), hook: filepath.Join(dir, "hook"), receiver: newReceiver(t)}
	rig.Output(t, s.program, "setup", "webhook", "--dir", s.hook, "--url", "https://127.0.0.1:9443/audit", "--apiserver", "api-0", "--apiserver", "api-1")
	rig.Output(t, s.program, "setup", "agents", "--dir", s.keys, "--tail-node", "node-0", "--tail-node", "node-1", "--node", "node-2")
	s.servers = startCluster(t, s.keys, s.hook)
	for i := range 2 {
		s.hubs = append(s.hubs, s.hub(t, i))
		s.agents = append(s.agents, s.agent(t, i))
	}
	s.makeOutStream(t)
	for _, p := range append(s.hubs, s.agents...) {
		p.start(t, s.program)
	}
	return s
}

// tell tells what the processes said, where the test has failed.
func (s *site) tell(t *testing.T) {
	if !t.Failed() {
		return
	}
	status := exec.Command(s.program, append([]string{"bus", "status", "--nkey", filepath.Join(s.keys, "hub.nk"), "--ca", filepath.Join(s.hook, "ca.crt")}, s.urlFlags("--url")...)...)
	text, err := status.CombinedOutput()
	t.Logf("bus status: %v\n%s", err, text)
	for _, p := range append(s.hubs, s.agents...) {
		if p.process != nil {
			p.process.Signal(syscall.SIGQUIT)
			<-p.process.Done()
			t.Logf("%s:\n%s", p.name, p.process.Said())
		}
	}
}

// natsFlags say where the cluster is and how a process shows it who it is.
func (s *site) natsFlags(seed string) []string {
	return append([]string{"--nats-nkey", filepath.Join(s.keys, seed), "--nats-ca", filepath.Join(s.hook, "ca.crt")}, s.urlFlags("--nats")...)
}

// urlFlags name the servers, each by a flag.
func (s *site) urlFlags(flag string) (flags []string) {
	for _, n := range s.servers {
		flags = append(flags, flag, n.url)
	}
	return flags
}

const hubConfig = `sensor: {node: hub-%d}
bus: {maxBytes: 256MiB, alertBytes: 64MiB}
sinks:
- {type: webhook, url: %q}
- {type: nats, urls: [%q, %q, %q], subject: out.alerts, nkeyFile: %q, caFile: %q}
`

func (s *site) hub(t *testing.T, i int) *part {
	t.Helper()
	config := s.file(fmt.Sprintf("hub-%d.yaml", i))
	text := fmt.Sprintf(hubConfig, i, s.receiver.url, s.servers[0].url, s.servers[1].url, s.servers[2].url, filepath.Join(s.keys, "hub.nk"), filepath.Join(s.hook, "ca.crt"))
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	address := rig.FreeAddress(t)
	args := append([]string{"hub", "--config", config, "--webhook-dir", s.hook, "--listen", address, "--rules", s.canaryRule(t), "--out", s.file(fmt.Sprintf("alerts-%d.jsonl", i))}, s.natsFlags("hub.nk")...)
	return &part{name: fmt.Sprintf("hub-%d", i), args: args, url: "https://" + address + "/audit"}
}

// agent returns an agent that follows an audit log; the first one has a sensor, too.
func (s *site) agent(t *testing.T, i int) *part {
	t.Helper()
	name := fmt.Sprintf("node-%d", i)
	log := s.file(name + ".log")
	if err := os.WriteFile(log, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	args := append([]string{"agent", "--node", name, "--data", s.file(name), "--tail", log}, s.natsFlags("node-"+name+".nk")...)
	if i > 0 || os.Geteuid() != 0 {
		return &part{name: name, log: log, args: append(args, "--no-sensor")}
	}
	return &part{name: name, log: log, args: append(args, "--host", "--lock", s.file("lock"), "--state", s.file("sessions.json"), "--rules", s.canaryRule(t))}
}

func (s *site) file(name string) string { return filepath.Join(s.dir, name) }

// canary is the name of a program that a rule of ours knows. It is another one in each run, since a sensor sees the whole machine.
var canary = fmt.Sprintf("canary-%07d", os.Getpid())

func (s *site) canaryRule(t *testing.T) string {
	t.Helper()
	rule := "- rule: Canary\n  source: syscall\n  desc: A program that tests start.\n  condition: evt.type in (execve, execveat) and proc.name = " + canary +
		"\n  output: A canary was started\n  priority: Warning\n"
	name := s.file("canary.yaml")
	if err := os.WriteFile(name, []byte(rule), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// connect connects to the cluster with the key of somebody.
func (s *site) connect(t *testing.T, seed string, opts ...nats.Option) *nats.Conn {
	t.Helper()
	key, err := nats.NkeyOptionFromSeed(filepath.Join(s.keys, seed))
	if err != nil {
		t.Fatal(err)
	}
	quiet := nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}) // LastError tells
	nc, err := nats.Connect(s.servers[0].url, append(opts, key, quiet, nats.RootCAs(filepath.Join(s.hook, "ca.crt")))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return nc
}

// makeOutStream makes the stream that the alerts are published to: whoever gets them knows repetitions for as long as the test lasts.
func (s *site) makeOutStream(t *testing.T) {
	t.Helper()
	js, err := jetstream.New(s.connect(t, "hub.nk"))
	if err != nil {
		t.Fatal(err)
	}
	cfg := jetstream.StreamConfig{Name: "OUT", Subjects: []string{"out.>"}, Replicas: 3, Duplicates: 10 * time.Minute}
	if _, err := js.CreateStream(within(t, 20*time.Second), cfg); err != nil {
		t.Fatal(err)
	}
}

// published reads which alerts are in that stream.
func (s *site) published(t *testing.T) map[rig.Key]int {
	t.Helper()
	ctx := within(t, time.Minute)
	js, err := jetstream.New(s.connect(t, "hub.nk"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := js.OrderedConsumer(ctx, "OUT", jetstream.OrderedConsumerConfig{})
	if err != nil {
		t.Fatal(err)
	}
	left := c.CachedInfo().NumPending
	messages, err := c.Messages()
	if err != nil {
		t.Fatal(err)
	}
	defer messages.Stop()
	out := map[rig.Key]int{}
	for left > 0 {
		m, err := messages.Next(jetstream.NextContext(ctx))
		if err != nil {
			t.Fatal(err)
		}
		key, err := rig.ParseKey(m.Data())
		if err != nil {
			t.Fatal(err)
		}
		out[key]++
		meta, err := m.Metadata()
		if err != nil {
			t.Fatal(err)
		}
		left = meta.NumPending
	}
	return out
}

// load is what comes in all the time, from two API servers and two logs.
type load struct {
	site    *site
	begin   time.Time
	stop    context.CancelFunc
	running sync.WaitGroup

	mu     sync.Mutex
	events []rig.Event // guarded by mu: all that were taken
	number int         // guarded by mu
}

// startLoad sends for as long as the test wants. Each event is an alert.
func (s *site) startLoad(t *testing.T) *load {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	l := &load{site: s, begin: time.Now().Add(-time.Minute).Truncate(time.Second), stop: stop}
	t.Cleanup(l.end)
	for i, hub := range s.hubs {
		sender := rig.NewSenderAs(t, s.hook, fmt.Sprintf("client-api-%d", i), hub.url)
		l.running.Go(func() { l.each(ctx, func(e []rig.Event) error { return sender.Send(t.Context(), rig.List(e)) }, t) })
	}
	for _, agent := range s.agents {
		l.running.Go(func() { l.each(ctx, func(e []rig.Event) error { return appendTo(agent.log, rig.Log(e)) }, t) })
	}
	return l
}

func appendTo(file, text string) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

// each has some events taken again and again until ctx ends.
func (l *load) each(ctx context.Context, take func([]rig.Event) error, t *testing.T) {
	for ctx.Err() == nil {
		some := l.next(10)
		if err := take(some); err != nil {
			t.Error(err)
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (l *load) next(n int) []rig.Event {
	l.mu.Lock()
	defer l.mu.Unlock()
	some := rig.Execs(l.number, n, l.begin, time.Millisecond)
	l.number += n
	l.events = append(l.events, some...)
	return some
}

// end stops the load; what was begun is taken.
func (l *load) end() {
	l.stop()
	l.running.Wait()
}

// TestCluster drives one cluster through all that it is for.
func TestCluster(t *testing.T) {
	s := newSite(t)
	t.Run("credentials", func(t *testing.T) { testCredentials(t, s) })
	t.Run("another node's key", func(t *testing.T) { testOtherKey(t, s) })
	t.Run("any one process dies", func(t *testing.T) { testAnyOneDies(t, s) })
}

// Whichever process dies, the others go on, and what was taken is judged and given out once.
func testAnyOneDies(t *testing.T, s *site) {
	defer s.tell(t)
	l := s.startLoad(t)
	canaries := s.startCanaries(t)
	until(t, 30*time.Second, "alerts come", func() bool { return s.receiver.count() > 100 })
	outage := func(what string, kill, restart func()) {
		t.Helper()
		began := time.Now()
		kill()
		time.Sleep(time.Second) // a time without it, under load
		gap := s.receiver.longestGap(began)
		restart()
		at := s.receiver.count()
		until(t, 40*time.Second, "alerts come again after the end of "+what, func() bool { return s.receiver.count() > at+200 })
		gap = max(gap, s.receiver.longestGap(began))
		t.Logf("%s: no alerts for %v, %d posted twice so far", what, gap.Round(10*time.Millisecond), s.receiver.twice())
		if gap > 20*time.Second {
			t.Errorf("%s: no alerts for %v", what, gap)
		}
	}
	for i, n := range s.servers {
		outage(fmt.Sprintf("server %d", i), n.process.Kill, func() { n.start(t); n.waitHealthy(t) })
	}
	for _, p := range append(s.hubs, s.agents...) {
		if p == s.agents[0] {
			canaries.end()
		}
		outage(p.name, p.process.Kill, func() { p.start(t, s.program) })
	}
	l.end()
	s.checkAlerts(t, l, canaries)
}

// checkAlerts compares what came out with what was taken in.
func (s *site) checkAlerts(t *testing.T, l *load, c *canaries) {
	t.Helper()
	want := rig.Replay(t, s.program, l.events)
	total := len(want) + c.started
	until(t, time.Minute, fmt.Sprintf("%d alerts", total), func() bool { return s.receiver.count() >= total })
	for _, p := range append(s.agents, s.hubs...) {
		p.process.MustStop(t)
	}
	t.Logf("%d events, %d alerts, %d posted twice; %d canaries", len(l.events), len(want), s.receiver.twice(), c.started)
	got := s.receiver.keys()
	published := s.published(t)
	rig.Same(t, got, published)
	if len(got) != total {
		t.Errorf("%d alerts, want %d", len(got), total)
	}
	for k := range want {
		delete(got, k)
	}
	if len(got) != c.started {
		t.Errorf("%d alerts that the log does not give, want %d of canaries", len(got), c.started)
	}
	files := map[rig.Key]int{}
	for i := range s.hubs {
		for k, n := range rig.ReadKeys(t, s.file(fmt.Sprintf("alerts-%d.jsonl", i))) {
			if n > 1 {
				t.Errorf("%v is in the file of one hub %d times", k, n)
			}
			files[k] = 1
		}
	}
	rig.Same(t, published, files)
}
