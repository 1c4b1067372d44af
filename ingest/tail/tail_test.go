package tail

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parallax-sec/parallax/event"
)

// collector is a store that keeps what it is given.
type collector struct {
	mu   sync.Mutex
	text map[string]*bytes.Buffer // by log
	more chan struct{}
	fail atomic.Int32 // so many calls fail
}

func newCollector() *collector {
	return &collector{text: map[string]*bytes.Buffer{}, more: make(chan struct{}, 1)}
}

func (c *collector) store(_ context.Context, chunk Chunk) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer func() {
		select {
		case c.more <- struct{}{}:
		default:
		}
	}()
	if c.fail.Add(-1) >= 0 {
		return errors.New("not now")
	}
	if c.text[chunk.Log] == nil {
		c.text[chunk.Log] = new(bytes.Buffer)
	}
	c.text[chunk.Log].Write(chunk.Data)
	return nil
}

// want waits until a log has given exactly this text.
func (c *collector) want(t *testing.T, log, text string) {
	t.Helper()
	timeout := time.After(10 * time.Second)
	for {
		c.mu.Lock()
		got := ""
		if b := c.text[log]; b != nil {
			got = b.String()
		}
		c.mu.Unlock()
		if got == text {
			return
		}
		if !strings.HasPrefix(text, got) {
			t.Fatalf("%s: read %q, want %q", log, short(got), short(text))
		}
		select {
		case <-c.more:
		case <-timeout:
			t.Fatalf("%s: read %q, want %q", log, short(got), short(text))
		}
	}
}

// start runs a Tail until stop is called.
func start(t *testing.T, cfg Config, c *collector, paths ...string) (tail *Tail, stop func()) {
	t.Helper()
	tail, err := New(cfg, paths)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- tail.Run(ctx, c.store) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	}
	t.Cleanup(stop)
	return tail, stop
}

// quick are settings that make tests fast.
func quick() Config {
	return Config{Poll: 5 * time.Millisecond, Gather: time.Millisecond, SaveEvery: 5 * time.Millisecond}
}

func appendTo(t *testing.T, path, text string) {
	t.Helper()
	(&world{t: t, dir: filepath.Dir(path)}).add(filepath.Base(path), text)
}

func TestRun(t *testing.T) {
	for _, pollOnly := range []bool{true, false} {
		dir := t.TempDir()
		log, later := filepath.Join(dir, "audit.log"), filepath.Join(dir, "later.log")
		cfg := quick()
		cfg.PollOnly, cfg.StateFile = pollOnly, filepath.Join(dir, "state", "tail.json")
		if !pollOnly {
			cfg.Poll = time.Hour
			appendTo(t, later, "")
		}
		if err := os.Mkdir(filepath.Join(dir, "state"), 0o700); err != nil {
			t.Fatal(err)
		}
		appendTo(t, log, text("a", 30))
		c := newCollector()
		tail, stop := start(t, cfg, c, log, later)
		c.want(t, log, text("a", 30))
		appendTo(t, later, text("l", 3))
		c.want(t, later, text("l", 3))
		appendTo(t, log, text("b", 30))
		c.want(t, log, text("a", 30)+text("b", 30))
		stop()
		if s := tail.Stats(); s.Lines != 63 || s.Faults+s.Gaps+s.SaveErrors != 0 || len(s.Logs) != 2 || s.Logs[0].Behind != 0 || s.Notified == pollOnly {
			t.Errorf("%+v", s)
		}
		appendTo(t, log, text("c", 30))
		if s := tail.Stats(); s.Logs[0].Behind != int64(len(text("c", 30))) || s.Logs[0].Lag <= 0 {
			t.Errorf("%+v", s)
		}
		c = newCollector()
		_, stop = start(t, cfg, c, log, later)
		c.want(t, log, text("c", 30))
		stop()
		if c.text[later] != nil {
			t.Errorf("read again: %q", c.text[later])
		}
	}
}

func TestStoreThatFails(t *testing.T) {
	log := filepath.Join(t.TempDir(), "audit.log")
	appendTo(t, log, text("a", 30))
	c := newCollector()
	c.fail.Store(3)
	tail, _ := start(t, quick(), c, log)
	c.want(t, log, text("a", 30))
	if s := tail.Stats(); s.Retries != 3 {
		t.Errorf("%+v", s)
	}
}

func TestStopWhileStoreFails(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "audit.log")
	appendTo(t, log, text("a", 30))
	cfg := quick()
	cfg.StateFile = filepath.Join(dir, "state")
	c := newCollector()
	c.fail.Store(1 << 30)
	_, stop := start(t, cfg, c, log)
	<-c.more
	stop()
	c = newCollector()
	start(t, cfg, c, log)
	c.want(t, log, text("a", 30))
}

func TestDirectoriesAndPatterns(t *testing.T) {
	dir := t.TempDir()
	w := &world{t: t, dir: dir}
	w.must(os.Mkdir(w.path("below"), 0o700))
	for _, name := range []string{"a.log", "below/b.log", ".hidden.log", "a.log.1", "x.gz", "audit-2026-11-20T23-49-03.111.log"} {
		w.add(name, text(name, 3))
	}
	w.must(os.Symlink("a.log", w.path("link.log")))
	c := newCollector()
	start(t, quick(), c, dir)
	c.want(t, w.path("a.log"), text("a.log", 3))
	c.want(t, w.path("below/b.log"), text("below/b.log", 3))
	w.add("c.log", text("c", 3))
	c.want(t, w.path("c.log"), text("c", 3))
	patterns := newCollector()
	start(t, quick(), patterns, w.path("?.log"), w.path("below/*"))
	patterns.want(t, w.path("a.log"), text("a.log", 3))
	patterns.want(t, w.path("c.log"), text("c", 3))
	patterns.want(t, w.path("below/b.log"), text("below/b.log", 3))
	if len(c.text) != 3 || len(patterns.text) != 3 {
		t.Errorf("%d logs, %d logs", len(c.text), len(patterns.text))
	}
}

func TestTooManyLogs(t *testing.T) {
	w := &world{t: t, dir: t.TempDir()}
	for _, name := range []string{"a", "b", "c"} {
		w.add(name, name+"\n")
	}
	var told []string
	cfg := quick()
	cfg.MaxLogs = 2
	cfg.Fault = func(f event.Fault) { told = append(told, f.Error()) }
	c := newCollector()
	_, stop := start(t, cfg, c, w.dir)
	c.want(t, w.path("a"), "a\n")
	c.want(t, w.path("b"), "b\n")
	stop()
	if len(told) != 1 || !strings.Contains(told[0], "there are 3 logs") {
		t.Errorf("told %q", told)
	}
}

// Where the state cannot be written, following goes on.
func TestStateThatCannotBeWritten(t *testing.T) {
	w := &world{t: t, dir: t.TempDir()}
	w.add("audit.log", text("a", 30))
	var told []string
	cfg := quick()
	cfg.StateFile = w.path("missing/state")
	cfg.Fault = func(f event.Fault) { told = append(told, f.Error()) }
	c := newCollector()
	tail, stop := start(t, cfg, c, w.path("audit.log"))
	c.want(t, w.path("audit.log"), text("a", 30))
	stop()
	if s := tail.Stats(); s.SaveErrors < 2 || len(told) != 1 || !strings.Contains(told[0], "save state") {
		t.Errorf("%+v, told %q", s, told)
	}
}

func TestStateThatCannotBeUnderstood(t *testing.T) {
	w := &world{t: t, dir: t.TempDir()}
	w.add("audit.log.1", text("a", 30))
	w.add("audit.log", text("b", 30))
	w.add("state", `{"version":1,"logs":[{"pa`)
	var told []string
	cfg := quick()
	cfg.StateFile = w.path("state")
	cfg.Fault = func(f event.Fault) { told = append(told, f.Error()) }
	c := newCollector()
	_, stop := start(t, cfg, c, w.path("audit.log"))
	c.want(t, w.path("audit.log"), text("a", 30)+text("b", 30))
	stop()
	if len(told) != 1 || !strings.Contains(told[0], "cannot be understood") {
		t.Errorf("told %q", told)
	}
}

// The first state is written before the first line is handed out: what is rotated away after a crash is not taken for what was
// there at the start.
func TestStateIsThereFirst(t *testing.T) {
	w := &world{t: t, dir: t.TempDir()}
	w.add("audit.log", text("a", 30))
	cfg := quick()
	cfg.StateFile = w.path("state")
	tail, err := New(cfg, []string{w.path("audit.log")})
	w.must(err)
	ctx, cancel := context.WithCancel(t.Context())
	var there error
	_ = tail.Run(ctx, func(context.Context, Chunk) error {
		_, there = os.Stat(cfg.StateFile)
		cancel()
		return nil
	})
	w.must(there)
}

func TestNothingToFollow(t *testing.T) {
	if _, err := New(Config{}, nil); err == nil {
		t.Error("no paths are no error")
	}
	if _, err := New(Config{}, []string{"a[b"}); err == nil {
		t.Error("a bad pattern is no error")
	}
}
