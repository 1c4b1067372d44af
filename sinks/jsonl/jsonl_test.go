package jsonl

import (
	"bytes"
	"encoding/json"
	"errors"
	"syscall"
	"testing"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/sinks"
)

var _ sinks.Sink = (*Sink)(nil)

// file is a buffer that fails when err is set.
type file struct {
	bytes.Buffer
	err    error
	closed bool
	writes int
}

func (f *file) Write(p []byte) (int, error) {
	f.writes++
	if f.err != nil {
		return 0, f.err
	}
	return f.Buffer.Write(p)
}

func (f *file) Close() error {
	f.closed = true
	return f.err
}

func alert(id string) *event.Alert {
	return &event.Alert{ID: id, Rule: &event.Rule{Name: "rule\nwith a newline"}, Details: &event.Details{}}
}

func TestWrite(t *testing.T) {
	var f file
	s := New(&f)
	for _, batch := range [][]*event.Alert{{alert("a"), alert("b")}, {alert("c")}} {
		if err := s.Write(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
	}
	if f.writes != 2 {
		t.Errorf("%d writes for two batches", f.writes)
	}
	lines := bytes.Split(bytes.TrimSuffix(f.Bytes(), []byte("\n")), []byte("\n"))
	for i, want := range []string{"a", "b", "c"} {
		var doc struct{ Event struct{ ID string } }
		if err := json.Unmarshal(lines[i], &doc); err != nil || doc.Event.ID != want {
			t.Errorf("line %d: %s, %v", i+1, lines[i], err)
		}
	}
	if err := s.Close(); err != nil || !f.closed {
		t.Error("not closed")
	}
}

func TestErrorsKeepTheirCause(t *testing.T) {
	for _, cause := range []error{syscall.EPIPE, syscall.ENOSPC} {
		s := New(&file{err: cause})
		if err := s.Write(t.Context(), []*event.Alert{alert("a")}); !errors.Is(err, cause) {
			t.Errorf("write: %v", err)
		}
		if err := s.Close(); !errors.Is(err, cause) {
			t.Errorf("close: %v", err)
		}
	}
}
