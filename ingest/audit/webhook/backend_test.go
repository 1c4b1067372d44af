package webhook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	auditinternal "k8s.io/apiserver/pkg/apis/audit"
	auditv1 "k8s.io/apiserver/pkg/apis/audit/v1"
	"k8s.io/apiserver/plugin/pkg/audit/buffered"
	"k8s.io/apiserver/plugin/pkg/audit/truncate"
	plugin "k8s.io/apiserver/plugin/pkg/audit/webhook"
	"k8s.io/component-base/metrics/legacyregistry"
	"k8s.io/klog/v2"

	setup "github.com/parallax-sec/parallax/setup/webhook"
	"github.com/parallax-sec/parallax/tlsfiles"
)

// cluster is a site with what `setup webhook` writes for it, and the API server's own audit backend as its client.
type cluster struct {
	*site
	cfg    Config
	events []auditinternal.Event // of the recorded log
	made   int                   // events so far, each with an audit id of its own
}

// newCluster lets setup make the certificates and the kubeconfig, and serves with them.
func newCluster(t *testing.T) *cluster {
	t.Helper()
	klog.SetLogger(logr.Discard()) // the API server logs each event that it loses
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cluster{site: &site{t: t, store: new(memory), address: l.Addr().String(), dir: t.TempDir()}, cfg: DefaultConfig(), events: recorded(t)}
	_ = l.Close() // its address is all that is wanted
	plan, err := setup.NewPlan(setup.Config{Dir: c.dir, URL: c.url("/audit"), Cluster: "lab", APIServers: []string{"cp1"}}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := plan.Apply(); err != nil {
		t.Fatal(err)
	}
	files, err := tlsfiles.Server(c.file("server.crt"), c.file("server.key"), c.file("ca.crt"))
	if err != nil {
		t.Fatal(err)
	}
	c.cfg.TLS, c.cfg.RetryAfter, c.cfg.MaxBodyBytes = files.Config(), time.Second, 4<<20
	c.start()
	return c
}

// start serves anew, at the same address.
func (c *cluster) start() {
	c.t.Helper()
	var err error
	if c.server, err = New(c.cfg, c.store); err != nil {
		c.t.Fatal(err)
	}
	c.run(c.address)
}

// recorded is the recorded log, in the API server's own form.
func recorded(t *testing.T) []auditinternal.Event {
	t.Helper()
	log, err := os.ReadFile("../../../examples/audit/sample.log")
	if err != nil {
		t.Fatal(err)
	}
	var out []auditinternal.Event
	for line := range bytes.Lines(log) {
		var external auditv1.Event
		var e auditinternal.Event
		if err := json.Unmarshal(line, &external); err != nil {
			t.Fatal(err)
		}
		if err := auditv1.Convert_v1_Event_To_audit_Event(&external, &e, nil); err != nil {
			t.Fatal(err)
		}
		out = append(out, e)
	}
	return out
}

// next returns an event that was not sent before.
func (c *cluster) next() *auditinternal.Event {
	e := c.events[c.made%len(c.events)]
	e.AuditID = types.UID(fmt.Sprintf("id-%d", c.made))
	c.made++
	return &e
}

// lostEvents is what the API server says it has lost: apiserver_audit_error_total of all its plugins.
func lostEvents(t *testing.T) (n float64) {
	t.Helper()
	families, err := legacyregistry.DefaultGatherer.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == "apiserver_audit_error_total" {
			for _, m := range f.Metric {
				n += m.GetCounter().GetValue()
			}
		}
	}
	return n
}

// send is an API server's life: its backend, as it is built of the flags but with other times, gets n events over some time,
// while something happens, and ends when all are sent or given up.
func (c *cluster) send(truncated bool, backoff time.Duration, n int, what func()) {
	c.t.Helper()
	b, err := plugin.NewBackend(c.file("webhook-kubeconfig-cp1.yaml"), auditv1.SchemeGroupVersion,
		wait.Backoff{Duration: backoff, Factor: 1.5, Jitter: 0.2, Steps: 5}, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	b = buffered.NewBackend(b, buffered.BatchConfig{
		BufferSize: 10_000, MaxBatchSize: 400, MaxBatchWait: 50 * time.Millisecond,
		ThrottleEnable: true, ThrottleQPS: 100, ThrottleBurst: 100, AsyncDelegate: true,
	})
	if truncated {
		b = truncate.NewBackend(b, truncate.Config{MaxEventSize: 100 << 10, MaxBatchSize: 10 << 20}, auditv1.SchemeGroupVersion)
	}
	stop, sent := make(chan struct{}), make(chan struct{})
	if err := b.Run(stop); err != nil {
		c.t.Fatal(err)
	}
	go func() {
		defer close(sent)
		for i := range n {
			b.ProcessEvents(c.next())
			if i%100 == 0 {
				time.Sleep(10 * time.Millisecond) // events come over some time
			}
		}
	}()
	if what != nil {
		what()
	}
	<-sent
	close(stop)
	b.Shutdown()
}

// wantCounts checks that of all events since first every one is either stored or was reported as lost by the API server.
func (c *cluster) wantCounts(first int, before float64, wantLost int) {
	c.t.Helper()
	stored, unfit := c.store.take()
	ids := make(map[types.UID]bool)
	for _, b := range stored {
		if b.Cluster != "lab" || b.Source != "cp1" {
			c.t.Errorf("a body of %s/%s", b.Cluster, b.Source)
		}
		for _, e := range auditEvents(c.t, b) {
			ids[e.AuditID] = true
		}
	}
	lost := int(lostEvents(c.t) - before)
	if len(ids)+lost != c.made-first || lost != wantLost {
		c.t.Errorf("sent %d, stored %d, lost %d; want lost %d", c.made-first, len(ids), lost, wantLost)
	}
	if len(unfit) > 0 {
		c.t.Errorf("%d bodies in quarantine", len(unfit))
	}
}

func auditEvents(t *testing.T, b Body) []auditv1.Event {
	t.Helper()
	var list auditv1.EventList
	if err := json.Unmarshal(b.Data, &list); err != nil {
		t.Error(err)
	}
	return list.Items
}

// TestBackend has the API server's own code as the client (k8s.io/apiserver, plugin/pkg/audit: webhook, buffered, truncate). Whatever
// happens, what was sent is what is stored and what the API server says it has lost.
func TestBackend(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	for _, step := range []struct {
		name string
		do   func() (lost int)
	}{
		{"healthy", c.healthy},
		{"slow", c.slow},
		{"full", c.full},
		{"fails", c.fails},
		{"truncated", c.truncated},
		{"oversized", c.oversized},
		{"restarts", c.restarts},
		{"gone", c.gone},
	} {
		first, before := c.made, lostEvents(t)
		lost := step.do()
		t.Log(step.name)
		c.wantCounts(first, before, lost)
		c.store.before = nil
	}
}

func (c *cluster) healthy() (lost int) {
	c.send(true, 50*time.Millisecond, 3000, nil)
	stats := c.server.Stats()
	if stats.Events != 3000 || stats.Seconds.Count != stats.Requests[Stored] || stats.Seconds.Buckets[25] != stats.Seconds.Count {
		c.t.Errorf("counted %+v", stats)
	}
	return 0
}

// slow is a store that takes its time, so that several requests are under way and overtake each other.
func (c *cluster) slow() (lost int) {
	c.store.before = func(context.Context, Body) error { time.Sleep(300 * time.Millisecond); return nil }
	c.send(true, 50*time.Millisecond, 3000, nil)
	return 0
}

// full is a store without room at first: the API server waits as long as it is asked to.
func (c *cluster) full() (lost int) {
	refused := 0
	c.store.before = func(context.Context, Body) error {
		c.store.mu.Lock()
		defer c.store.mu.Unlock()
		if refused++; refused <= 5 {
			return errors.New("full")
		}
		return nil
	}
	c.send(true, 50*time.Millisecond, 1200, nil)
	c.wantRequests(Failed, 5)
	return 0
}

// fails is an answer of 500 to one of the batches, each time it comes: the API server gives it up.
func (c *cluster) fails() (lost int) {
	id := []byte(fmt.Sprintf(`"auditID":"id-%d"`, c.made))
	c.store.before = func(_ context.Context, b Body) error {
		if !bytes.Contains(b.Data, id) {
			return nil
		}
		c.store.mu.Lock()
		defer c.store.mu.Unlock()
		lost = len(auditEvents(c.t, b))
		panic("a bug")
	}
	c.send(true, 50*time.Millisecond, 1200, nil)
	c.wantRequests(Crashed, 5)
	return lost
}

// truncated has an event that is too large for a request, which the API server cuts.
func (c *cluster) truncated() (lost int) {
	e := &c.events[10]
	defer func(was auditinternal.Event) { *e = was }(*e)
	e.Level, e.RequestObject = auditinternal.LevelRequestResponse, &runtime.Unknown{Raw: []byte(`"` + strings.Repeat("a", 5<<20) + `"`)}
	c.send(true, 50*time.Millisecond, len(c.events), nil)
	c.wantRequests(TooLarge, 0)
	return 0
}

// oversized has the same, and an API server that does not cut: it loses the batch that the event is in.
func (c *cluster) oversized() (lost int) {
	e := &c.events[10]
	defer func(was auditinternal.Event) { *e = was }(*e)
	e.Level, e.RequestObject = auditinternal.LevelRequestResponse, &runtime.Unknown{Raw: []byte(`"` + strings.Repeat("a", 5<<20) + `"`)}
	before := c.server.Stats().Events
	c.send(false, 50*time.Millisecond, len(c.events), nil)
	c.wantRequests(TooLarge, 5)
	return len(c.events) - int(c.server.Stats().Events-before)
}

// restarts ends the server three times, the second and third time abruptly.
func (c *cluster) restarts() (lost int) {
	c.store.before = func(context.Context, Body) error { time.Sleep(20 * time.Millisecond); return nil }
	c.send(true, 500*time.Millisecond, 6000, func() {
		for range 3 {
			time.Sleep(150 * time.Millisecond)   // some requests come
			_ = c.stop()                         // abruptly, some are given up
			c.cfg.DrainTimeout = time.Nanosecond // of the next server
			c.start()
		}
	})
	return 0
}

// gone is a server that is not there for longer than the API server tries.
func (c *cluster) gone() (lost int) {
	_ = c.stop() // nothing is under way
	c.send(true, 50*time.Millisecond, 800, nil)
	return 800
}

// wantRequests checks how often there was an outcome since the server was started.
func (c *cluster) wantRequests(o Outcome, want uint64) {
	c.t.Helper()
	if n := c.server.Stats().Requests[o]; n != want {
		c.t.Errorf("%d requests %s, want %d", n, o, want)
	}
}
