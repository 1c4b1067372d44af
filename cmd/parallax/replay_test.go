package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/parallax-sec/parallax/event"
)

// alertDoc is what these tests look at in a document.
type alertDoc struct {
	Timestamp string `json:"@timestamp"`
	Event     struct {
		ID       string
		Severity int
	}
	Rule     struct{ ID, Name string }
	User     struct{ Name string }
	Parallax struct{ Status string }
}

func documents(t *testing.T, out string) []alertDoc {
	t.Helper()
	var docs []alertDoc
	for line := range strings.Lines(out) {
		var d alertDoc
		if err := json.Unmarshal([]byte(line), &d); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		docs = append(docs, d)
	}
	return docs
}

func TestReplay(t *testing.T) {
	r := cli(t, "replay", sample).want(t, exitDone, "543 events from 2026-11-20T23:4", "alerts: ", "events/s")
	docs := documents(t, r.out)
	if len(docs) < 20 {
		t.Fatalf("%d alerts", len(docs))
	}
	ids := map[string]bool{}
	for _, d := range docs {
		if d.Timestamp == "" || d.Rule.ID == "" || d.Parallax.Status != "confirmed" || ids[d.Event.ID] {
			t.Errorf("document %+v", d)
		}
		ids[d.Event.ID] = true
	}
	if !slices.ContainsFunc(docs, func(d alertDoc) bool { return d.Rule.ID == "R02" && d.User.Name == "alice" }) {
		t.Error("alice's hostPID pod raised no R02")
	}
	again := cli(t, "replay", sample)
	equal(t, "the second run", r.out, again.out)
}

func TestReplayText(t *testing.T) {
	r := cli(t, "replay", "--output", "text", sample).want(t, exitDone)
	if !strings.Contains(r.out, " HIGH     R02  ") || strings.Contains(r.out, "\x1b") {
		t.Errorf("text:\n%s", r.out)
	}
}

func TestTerminal(t *testing.T) {
	f := func(env string, want, not string) {
		t.Helper()
		var out, err bytes.Buffer
		a := &app{in: strings.NewReader(""), out: &out, err: &err, outTerminal: true, errTerminal: true, env: func(key string) string {
			if key == "NO_COLOR" {
				return env
			}
			return ""
		}}
		if code := a.run(t.Context(), []string{"replay", sample}); code != exitDone {
			t.Fatalf("%d: %s", code, err.String())
		}
		if !strings.Contains(out.String(), want) || strings.Contains(out.String(), not) {
			t.Errorf("NO_COLOR=%q:\n%s", env, out.String()[:200])
		}
	}
	f("", "\x1b[31mHIGH    \x1b[0m R02", `{"@timestamp"`)
	f("1", " HIGH     R02", "\x1b")
}

// The result depends neither on the number of workers nor on how the log is stored.
func TestSameBytes(t *testing.T) {
	want := cli(t, "replay", sample).want(t, exitDone).out
	dir := splitSample(t, 5)
	for workers := range 6 {
		got := cli(t, "replay", "--workers", fmt.Sprint(workers+1), dir).want(t, exitDone)
		equal(t, fmt.Sprintf("%d workers", workers+1), want, got.out)
	}
	equal(t, "standard input", want, cliIn(t, read(t, sample), "replay", "-").out)
}

// splitSample deals the lines of the sample out to n files, one of them compressed.
func splitSample(t *testing.T, n int) string {
	t.Helper()
	dir := t.TempDir()
	parts := make([]strings.Builder, n)
	i := 0
	for line := range strings.Lines(read(t, sample)) {
		parts[i%n].WriteString(line)
		i++
	}
	for i := range parts {
		data := []byte(parts[i].String())
		if i == 0 {
			var b bytes.Buffer
			w := gzip.NewWriter(&b)
			if _, err := w.Write(data); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			data = b.Bytes()
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("part-%d.log", i)), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestFilters(t *testing.T) {
	all := documents(t, cli(t, "replay", sample).out)
	f := func(keep func(alertDoc) bool, args ...string) {
		t.Helper()
		got := documents(t, cli(t, append(append([]string{"replay"}, args...), sample)...).want(t, exitDone).out)
		want := slices.DeleteFunc(slices.Clone(all), func(d alertDoc) bool { return !keep(d) })
		if len(want) == 0 || len(want) == len(all) || !slices.Equal(got, want) {
			t.Errorf("%q: %d alerts, want %d of %d", args, len(got), len(want), len(all))
		}
	}
	f(func(d alertDoc) bool { return d.Rule.ID == "R01" || d.Rule.ID == "R02" }, "--rule", "R01", "--rule", "r02")
	f(func(d alertDoc) bool { return d.Event.Severity >= 73 }, "--min-severity", "high")
	f(func(d alertDoc) bool { return d.Event.Severity >= 73 }, "--min-severity", "Error")
	f(func(d alertDoc) bool { return d.Timestamp >= "2026-11-20T23:50:00" }, "--since", "2026-11-20T23:50:00Z")
	f(func(d alertDoc) bool { return d.Timestamp < "2026-11-20T23:50:00" }, "--until", "2026-11-21T00:50:00+01:00", "--workers", "2")
	for _, bound := range []string{"--since=2400-01-01T00:00:00Z", "--until=1970-01-01", "--until=1600-01-01"} {
		cli(t, "replay", bound, sample).want(t, exitDone, "0 alerts")
	}
}

func TestFailOn(t *testing.T) {
	cli(t, "replay", "--fail-on", "high", sample).want(t, exitAlert, "alerts")
	cli(t, "replay", "--fail-on", "Error", sample).want(t, exitAlert)
	cli(t, "replay", "--fail-on", "high", "--until", "2026-11-20T23:48:00Z", sample).want(t, exitDone)
}

func TestOwnRules(t *testing.T) {
	rules := write(t, "own.yaml", `
- rule: My exec
  desc: d
  condition: ka.verb in (get, create) and ka.target.subresource = exec
  output: "%ka.user.name ran something"
  priority: WARNING
  source: k8s_audit
- rule: My exec again
  desc: d
  condition: ka.target.subresource = exec
  output: "%ka.user.name"
  priority: DEBUG
  source: k8s_audit
`)
	docs := documents(t, cli(t, "replay", "--no-builtin", "--rules", rules, sample).want(t, exitDone).out)
	first := documents(t, cli(t, "replay", "--no-builtin", "--rules", filepath.Dir(rules), "--matching", "first", sample).want(t, exitDone).out)
	if len(docs) == 0 || len(docs) != 2*len(first) {
		t.Errorf("%d alerts, %d with --matching first", len(docs), len(first))
	}
	if d := docs[0]; d.Rule.ID != "My exec" || d.Rule.Name != "My exec" || d.Event.Severity != 47 {
		t.Errorf("document %+v", d)
	}
}

func TestRulesThatDoNotLoad(t *testing.T) {
	rules := write(t, "bad.yaml", "- rule: Bad\n  desc: d\n  condition: ka.verv = get and\n  output: o\n  priority: x\n  source: k8s_audit\n")
	r := cli(t, "replay", "--rules", rules, sample).want(t, exitUsage, "bad.yaml:3:", "^", "the rules do not load")
	if r.out != "" {
		t.Errorf("standard output: %s", r.out)
	}
}

func TestInputThatCannotBeRead(t *testing.T) {
	out := filepath.Join(t.TempDir(), "alerts.jsonl")
	cli(t, "replay", "--out", out, "/does/not/exist.log").want(t, exitFailed, "/does/not/exist.log")
	if _, err := os.Stat(out); err == nil {
		t.Error("--out was made before the input was known to be there")
	}
}

func TestBadLines(t *testing.T) {
	line, _, _ := strings.Cut(read(t, sample), "\n")
	log := write(t, "bad.log", line+"\n"+strings.Repeat("{\"bad\x1b\n", 30)+line+"\n")
	r := cli(t, "replay", log).want(t, exitDone, "bad.log:2: ", "bad.log:21: ", "further bad lines", "2 events", "30 bad lines")
	if strings.Contains(r.err, "bad.log:22: ") || strings.Contains(r.err, "\x1b") {
		t.Errorf("standard error:\n%s", r.err)
	}
	r = cli(t, "replay", "--strict", log).want(t, exitFailed, "bad line (--strict): ", "bad.log:2: ", "1 bad line,")
	if strings.Contains(r.err, "bad.log:3") {
		t.Errorf("standard error:\n%s", r.err)
	}
}

func TestOut(t *testing.T) {
	want := cli(t, "replay", sample).out
	out := write(t, "alerts.jsonl", strings.Repeat("what was there before\n", 10_000))
	for range 2 {
		if r := cli(t, "replay", "--out", out, sample).want(t, exitDone, "alerts"); r.out != "" {
			t.Errorf("standard output: %s", r.out)
		}
		equal(t, "--out", want, read(t, out))
	}
	cli(t, "replay", "--out", filepath.Join(t.TempDir(), "no", "such", "dir"), sample).want(t, exitFailed, "open output")
}

func TestOutAmongInputs(t *testing.T) {
	log := write(t, "audit.log", read(t, sample))
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(log, link); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(log)
	for _, args := range [][]string{{log, log}, {link, log}, {log, dir}, {filepath.Join(dir, "new.jsonl"), dir}} {
		cli(t, "replay", "--out", args[0], args[1]).want(t, exitUsage, "is among the files to be read")
	}
	equal(t, "the log", read(t, sample), read(t, log))
}

func TestFullDisk(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("there is no /dev/full here")
	}
	cli(t, "replay", "--out", "/dev/full", sample).want(t, exitFailed, "no space left on device")
}

// Whoever reads the alerts may stop reading: `parallax replay ... | head`.
func TestReaderOfOutputIsGone(t *testing.T) {
	var err bytes.Buffer
	a := &app{in: strings.NewReader(""), out: brokenWriter{syscall.EPIPE}, err: &err, env: func(string) string { return "" }}
	if code := a.run(t.Context(), []string{"replay", sample}); code != exitDone || strings.Contains(err.String(), "pipe") {
		t.Errorf("%d, %s", code, err.String())
	}
}

func TestInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	in, feed := io.Pipe()
	var out, errOut safeBuffer
	a := &app{in: in, out: &out, err: &errOut, env: func(string) string { return "" }}
	done := make(chan int)
	go func() { done <- a.run(ctx, []string{"replay", "--output", "text", "-"}) }()
	// More than the reader waits for, so that it has been read; then nothing comes any more.
	if _, err := feed.Write(bytes.Repeat([]byte(read(t, sample)), 2)); err != nil {
		t.Fatal(err)
	}
	cancel()
	if code := <-done; code != exitFailed {
		t.Errorf("exit status %d", code)
	}
	if !strings.Contains(errOut.String(), "interrupted") || !strings.Contains(errOut.String(), "events") {
		t.Errorf("standard error: %s", errOut.String())
	}
	feed.Close()
}

// failingSink takes alerts and fails when it is closed, as a full disk may do.
type failingSink struct{ err error }

func (failingSink) Write(context.Context, []*event.Alert) error { return nil }
func (s failingSink) Close() error                              { return s.err }

// That an interrupt ends a replay is no news; that its alerts were lost is.
func TestInterruptedAndNotWritten(t *testing.T) {
	var out, errOut bytes.Buffer
	a := &app{in: strings.NewReader(""), out: &out, err: &errOut, env: func(string) string { return "" }}
	r, err := a.newReplay(t.Context(), &replayFlags{}, []string{sample}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r.sink = failingSink{syscall.ENOSPC}
	if err := r.run(ctx); !errors.Is(err, syscall.ENOSPC) || !strings.Contains(errOut.String(), "interrupted") {
		t.Errorf("%v\n%s", err, errOut.String())
	}
}

// safeBuffer is a buffer that two goroutines may use.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
