//go:build servers

package bus

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parallax-sec/parallax/event"
)

// natsCluster is three servers, each a process of its own.
type natsCluster struct {
	dir       string
	ports     [6]string // three for clients, three for each other
	processes [3]*exec.Cmd
}

func startCluster(t *testing.T) *natsCluster {
	t.Helper()
	c := &natsCluster{dir: t.TempDir()}
	c.findPorts(t)
	for i := range c.processes {
		c.start(t, i)
	}
	t.Cleanup(func() {
		for i := range c.processes {
			c.kill(i)
		}
	})
	return c
}

func (c *natsCluster) findPorts(t *testing.T) {
	t.Helper()
	for i := range c.ports {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close() // when all are found, so that none is found twice
		_, c.ports[i], _ = net.SplitHostPort(l.Addr().String())
	}
}

// start starts a server, on the folder that it had before.
func (c *natsCluster) start(t *testing.T, i int) {
	t.Helper()
	var routes []string
	for _, port := range c.ports[3:] {
		routes = append(routes, "nats://127.0.0.1:"+port)
	}
	conf := fmt.Sprintf("server_name: s%d\nlisten: 127.0.0.1:%s\nmax_payload: 1MB\njetstream { store_dir: %q }\ncluster { name: test, listen: 127.0.0.1:%s, routes: [%s] }\n",
		i, c.ports[i], filepath.Join(c.dir, fmt.Sprint(i)), c.ports[3+i], strings.Join(routes, ", "))
	name := filepath.Join(c.dir, fmt.Sprintf("%d.conf", i))
	if err := os.WriteFile(name, []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	p := exec.Command(os.Args[0])
	p.Env = append(os.Environ(), natsConf+"="+name)
	p.Stderr = t.Output()
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	c.processes[i] = p
}

func (c *natsCluster) kill(i int) {
	_ = c.processes[i].Process.Kill()
	_ = c.processes[i].Wait()
}

func (c *natsCluster) config(t *testing.T, name string) Config {
	cfg := testConfig(t, "")
	cfg.Name = name
	for _, port := range c.ports[:3] {
		cfg.URLs = append(cfg.URLs, "nats://127.0.0.1:"+port)
	}
	return cfg
}

// openCluster opens a bus in the cluster, which may still be coming up.
func openCluster(t *testing.T, cfg Config) *Bus {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	b, err := Open(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeTest(t, b) })
	return b
}

// load is what goes through a cluster while it loses servers, and what came out.
type load struct {
	t       *testing.T
	stop    chan struct{} // closed when nothing more is to be published
	writers sync.WaitGroup

	mu     sync.Mutex
	stored map[string]bool // guarded by mu
	waited time.Duration   // the longest that one store took; guarded by mu
}

// again does something until it succeeds, as whoever publishes does.
func (l *load) again(name string, do func(ctx context.Context) error) {
	began := time.Now()
	for {
		err := do(context.Background())
		if err == nil {
			break
		}
		if !errors.Is(err, ErrUnavailable) {
			l.t.Errorf("%s: %v", name, err)
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stored[name], l.waited = true, max(l.waited, time.Since(began))
}

// write calls store for one name after the other until nothing more is to be published.
func (l *load) write(prefix string, store func(ctx context.Context, name string) error) {
	l.writers.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-l.stop:
				return
			case <-time.After(5 * time.Millisecond):
			}
			name := fmt.Sprintf("%s-%d", prefix, i)
			l.again(name, func(ctx context.Context) error { return store(ctx, name) })
		}
	})
}

func (l *load) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.stored)
}

// readNames reads the stream up to the batch that is named last, and returns where each batch was.
func readNames(t *testing.T, b *Bus) <-chan map[string]uint64 {
	out := make(chan map[string]uint64, 1)
	go func() {
		names := make(map[string]uint64)
		r := b.Reader(0)
		for names["last"] == 0 {
			batch, err := r.Next(context.Background())
			if err != nil {
				t.Error(err)
				break
			}
			for _, f := range batch.Faults {
				t.Errorf("at %d: %v", batch.Seq, f)
			}
			name, _, _ := bytes.Cut(batch.Data, []byte(" "))
			if at := names[string(name)]; at > 0 {
				t.Errorf("%s is there twice: %d, %d", name, at, batch.Seq)
			}
			names[string(name)] = batch.Seq
		}
		out <- names
	}()
	return out
}

// Three servers, of which one after the other dies and comes back, two hubs that publish, read, keep their place and their lease:
// all that was stored is read by both, once, at the same place, and alerts reach their sink.
func TestClusterLosesServers(t *testing.T) {
	c := startCluster(t)
	hubs := [2]*Bus{openCluster(t, c.config(t, "one")), openCluster(t, c.config(t, "two"))}
	if s := streamOf(t, hubs[0], streamEvents); s.Replicas != 3 {
		t.Fatalf("%+v", s)
	}
	l := &load{t: t, stop: make(chan struct{}), stored: make(map[string]bool)}
	var read [2]<-chan map[string]uint64
	for i, b := range hubs {
		read[i] = readNames(t, b)
		l.write(fmt.Sprint("body", i), func(ctx context.Context, name string) error {
			size := 2000
			if strings.HasSuffix(name, "50") {
				size = 3 << 20 // in parts
			}
			_, err := b.Publish(ctx, Message{Source: []string{"c", "a"}, Data: append([]byte(name+" "), noise(size)...), Dedupe: true})
			return err
		})
	}
	l.write("alert", func(ctx context.Context, name string) error {
		alerts := testAlerts(0, 7)
		for i, a := range alerts {
			a.ID = fmt.Sprintf("%s-%d", name, i)
		}
		return hubs[0].PutAlerts(ctx, alerts)
	})
	l.write("fact", func(ctx context.Context, name string) error {
		var seq uint64
		_, _ = fmt.Sscanf(name, "fact-%d", &seq)
		return hubs[0].PutFacts(ctx, []event.Fact{{Kind: event.FactNode, Key: "n", Seq: seq + 1}, {Kind: event.FactNode, Key: name, Seq: seq + 1}})
	})
	place := &Checkpoint{Writer: "one"}
	l.write("place", func(ctx context.Context, name string) error {
		place.Seq++
		return hubs[0].SaveCheckpoint(ctx, place)
	})
	given := drainQueue(t, hubs[1])
	lease := hubs[0].Lease("one")
	leasing, release := context.WithCancel(t.Context())
	defer release()
	ended := make(chan error, 1)
	go func() { ended <- lease.Run(leasing) }()

	for i := range c.processes {
		before := l.count()
		c.kill(i)
		waitFor(t, "work goes on without "+fmt.Sprint(i), func() bool { return l.count() > before+300 })
		c.start(t, i)
		waitFor(t, fmt.Sprint(i)+" has caught up", func() bool {
			s, err := hubs[0].Status(t.Context())
			return err == nil && s.Streams[0].Current == 3 && s.Streams[1].Current == 3
		})
	}
	close(l.stop)
	l.writers.Wait()
	l.again("last", func(ctx context.Context) error {
		_, err := hubs[0].Publish(ctx, Message{Source: []string{"c", "a"}, Data: []byte("last ")})
		return err
	})
	names := [2]map[string]uint64{<-read[0], <-read[1]}
	if diff := cmp.Diff(names[0], names[1]); diff != "" {
		t.Errorf("the hubs read different streams: %s", diff)
	}
	bodies, alerts := 0, 0
	for name := range l.stored {
		switch {
		case strings.HasPrefix(name, "body"):
			bodies++
			if names[0][name] == 0 {
				t.Errorf("%s is lost", name)
			}
		case strings.HasPrefix(name, "alert"):
			alerts++
			waitFor(t, name+" reaches the sink", func() bool { return given(name+"-0") && given(name+"-6") })
		}
	}
	if now, err := hubs[1].LoadCheckpoint(t.Context()); err != nil || now.Seq != place.Seq {
		t.Errorf("the place is %+v, want %+v, %v", now, place, err)
	}
	release()
	t.Logf("%d bodies, %d batches of alerts; the longest wait was %v; the lease ended with %v", bodies, alerts, l.waited, <-ended)
}

// drainQueue takes the alerts of a sink for as long as the test runs, and says which have come.
func drainQueue(t *testing.T, b *Bus) (given func(id string) bool) {
	q := openQueue(t, b, "sink")
	ctx, stop := context.WithCancel(context.Background())
	var mu sync.Mutex
	ids := make(map[string]bool)
	var running sync.WaitGroup
	t.Cleanup(func() { stop(); running.Wait() })
	running.Go(func() {
		for {
			alerts, err := q.Next(ctx, 100)
			if ctx.Err() != nil {
				return
			}
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			for _, a := range alerts {
				ids[a.ID] = true
			}
			mu.Unlock()
			_ = q.Done(ctx, alerts) // what is not said to be done comes again
		}
	})
	return func(id string) bool {
		mu.Lock()
		defer mu.Unlock()
		return ids[id]
	}
}

func waitFor(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for began := time.Now(); !holds(); time.Sleep(50 * time.Millisecond) {
		if time.Since(began) > time.Minute {
			t.Fatal("never: " + what)
		}
	}
}
