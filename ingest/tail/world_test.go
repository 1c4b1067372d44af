package tail

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parallax-sec/parallax/event"
)

// world is a directory with a log that is read step by step, at times that the test chooses.
type world struct {
	t      *testing.T
	dir    string
	cfg    Config
	log    *log
	now    time.Time
	faults []string
	gaps   []string
	chunks []Chunk
}

func newWorld(t *testing.T, change ...func(*Config)) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), now: time.Now()}
	w.cfg.settle = -1
	for _, c := range change {
		c(&w.cfg)
	}
	w.cfg.Fault = func(f event.Fault) { w.faults = append(w.faults, w.strip(f.Error())) }
	w.cfg.Gap = func(g Gap) { w.gaps = append(w.gaps, w.strip(g.String())) }
	w.cfg = w.cfg.withDefaults()
	w.log = newLog(&w.cfg, new(counts), w.path("audit.log"))
	w.log.fresh = true
	t.Cleanup(func() { w.log.close() })
	return w
}

func (w *world) strip(s string) string { return strings.ReplaceAll(s, w.dir+"/", "") }

func (w *world) path(name string) string { return filepath.Join(w.dir, name) }

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// add appends text to a file.
func (w *world) add(name, text string) {
	w.t.Helper()
	f, err := os.OpenFile(w.path(name), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	w.must(err)
	_, err = f.WriteString(text)
	w.must(err)
	w.must(f.Close())
}

func (w *world) rename(from, to string) {
	w.t.Helper()
	w.must(os.Rename(w.path(from), w.path(to)))
}

func (w *world) remove(name string) {
	w.t.Helper()
	w.must(os.Remove(w.path(name)))
}

// read returns what the log hands out now.
func (w *world) read() string {
	var b strings.Builder
	for c := w.log.next(w.now); c != nil; c = w.log.next(w.now) {
		b.Write(c.Data)
		own := *c
		own.Data = nil
		w.chunks = append(w.chunks, own)
		w.log.commit()
	}
	return b.String()
}

// want fails unless the log hands out these lines now.
func (w *world) want(text string) {
	w.t.Helper()
	if got := w.read(); got != text {
		w.t.Fatalf("read %q, want %q", short(got), short(text))
	}
}

func short(s string) string {
	if len(s) > 300 {
		return fmt.Sprintf("%s... (%d bytes)", s[:300], len(s))
	}
	return s
}

// wantTold fails unless exactly these faults and gaps were told since it was last asked.
func (w *world) wantTold(parts ...string) {
	w.t.Helper()
	told := append(w.faults, w.gaps...)
	ok := len(told) == len(parts)
	for i := range min(len(told), len(parts)) {
		ok = ok && strings.Contains(told[i], parts[i])
	}
	if !ok {
		w.t.Fatalf("told %q, want %q", told, parts)
	}
	w.faults, w.gaps = nil, nil
}

// later lets time pass.
func (w *world) later(d time.Duration) { w.now = w.now.Add(d) }

// restart goes on in a new log where the old one was stopped.
func (w *world) restart() {
	marks := w.log.marks()
	w.log.close()
	w.log = newLog(&w.cfg, new(counts), w.path("audit.log"))
	w.log.saved = marks
}

// text is n lines, each of which no other file has.
func text(name string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"file":%q,"line":%d,"of":%q}`+"\n", name, i, strings.Repeat(name, 10))
	}
	return b.String()
}
