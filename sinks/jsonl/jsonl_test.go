package jsonl

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/sinks"
)

// memory is a file in memory that fails when err is set.
type memory struct {
	bytes.Buffer
	err    error
	closed bool
	writes int
}

func (f *memory) Write(p []byte) (int, error) {
	f.writes++
	if f.err != nil {
		return 0, f.err
	}
	return f.Buffer.Write(p)
}

func (f *memory) Close() error {
	f.closed = true
	return f.err
}

func alert(id string) *event.Alert {
	return &event.Alert{ID: id, Rule: &event.Rule{Name: "rule\nwith a newline"}, Details: &event.Details{}}
}

// alerts returns alerts with these ids; "a.2" is the second revision of a.
func alerts(ids ...string) []*event.Alert {
	var out []*event.Alert
	for _, id := range ids {
		id, rev, _ := strings.Cut(id, ".")
		a := alert(id)
		_, _ = fmt.Sscan(rev, &a.Revision)
		out = append(out, a)
	}
	return out
}

// idsIn returns the ids of the lines of b, in the form of alerts.
func idsIn(t *testing.T, b []byte) []string {
	t.Helper()
	if len(b) > 0 && b[len(b)-1] != '\n' {
		t.Errorf("no newline at the end of %q", b)
	}
	var out []string
	for line := range bytes.Lines(b) {
		var doc struct {
			Event    struct{ ID string }
			Parallax struct{ Revision int }
		}
		if err := json.Unmarshal(line, &doc); err != nil {
			t.Errorf("line %q: %v", line, err)
		}
		id := doc.Event.ID
		if doc.Parallax.Revision > 0 {
			id = fmt.Sprintf("%s.%d", id, doc.Parallax.Revision)
		}
		out = append(out, id)
	}
	return out
}

func write(t *testing.T, s *Sink, ids ...string) {
	t.Helper()
	if err := s.Write(t.Context(), alerts(ids...)); err != nil {
		t.Fatal(err)
	}
}

func TestWrite(t *testing.T) {
	var f memory
	s := New(&f)
	write(t, s, "a", "b")
	write(t, s, "c", "a")
	if f.writes != 2 {
		t.Errorf("%d writes for two batches", f.writes)
	}
	if diff := cmp.Diff([]string{"a", "b", "c", "a"}, idsIn(t, f.Bytes())); diff != "" {
		t.Error(diff)
	}
	if err := errors.Join(s.Close(), s.Close()); err != nil || !f.closed {
		t.Errorf("not closed: %v", err)
	}
	if err := s.Write(t.Context(), alerts("d")); !errors.Is(err, errClosed) {
		t.Errorf("after the end: %v", err)
	}
}

func TestErrorsKeepTheirCause(t *testing.T) {
	for _, cause := range []error{syscall.EPIPE, syscall.ENOSPC} {
		s := New(&memory{err: cause})
		if err := s.Write(t.Context(), alerts("a")); !errors.Is(err, cause) {
			t.Errorf("write: %v", err)
		}
		if err := s.Close(); !errors.Is(err, cause) {
			t.Errorf("close: %v", err)
		}
	}
}

// A pipe whose reader does not read takes a part of a line. The next attempt goes on where the last one ended.
func TestPipeIsFull(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	s := New(w)
	var ids []string
	for i := range 400 {
		ids = append(ids, fmt.Sprint("id", i))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	err = s.Write(ctx, alerts(ids...))
	var partial sinks.Partial
	if !errors.As(err, &partial) || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("%v", err)
	}
	var left []string
	for i, err := range partial {
		if err != nil {
			left = append(left, ids[i])
		}
	}
	all := make(chan []byte)
	go func() {
		var got bytes.Buffer
		_, _ = got.ReadFrom(r)
		all <- got.Bytes()
	}()
	write(t, s, left...)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(ids, idsIn(t, <-all)); diff != "" {
		t.Error(diff)
	}
}

func TestConfig(t *testing.T) {
	f := func(want string, change func(*Config)) {
		t.Helper()
		cfg := DefaultConfig()
		cfg.File = "x"
		change(&cfg)
		err := cfg.Validate()
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	f("", func(*Config) {})
	f("", func(c *Config) { c.Sync = "never" })
	f("", func(c *Config) { c.Sync = "2s" })
	f("no file", func(c *Config) { c.File = "" })
	f("sync", func(c *Config) { c.Sync = "sometimes" })
	f("sync", func(c *Config) { c.Sync = "-1s" })
	f("negative", func(c *Config) { c.RotateBytes = -1 })
	f("kept", func(c *Config) { c.Keep = 3 })
}

func TestKnownForgetsTheOldest(t *testing.T) {
	s := newKnown(8)
	for i := range 100 {
		if !s.add(keyOf(fmt.Sprint(i), 0)) {
			t.Fatalf("%d is known", i)
		}
	}
	for i := 96; i < 100; i++ {
		if s.add(keyOf(fmt.Sprint(i), 0)) {
			t.Errorf("%d of the newest is forgotten", i)
		}
	}
	if n := len(s.young) + len(s.old); n > 8 {
		t.Errorf("%d are kept", n)
	}
	s.forget(keyOf("99", 0))
	if !s.add(keyOf("99", 0)) || !s.add(keyOf("99", 1)) {
		t.Error("taken out, or another revision, and known")
	}
}
