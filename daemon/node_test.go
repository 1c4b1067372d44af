package daemon

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/event"
)

type oneBatch struct{ b *event.Batch }

func (s oneBatch) Next(context.Context) (*event.Batch, error) {
	if s.b.Data == nil {
		return nil, errors.New("over")
	}
	return s.b, nil
}

func TestTeed(t *testing.T) {
	var got [][]byte
	batch := &event.Batch{Data: []byte("frames")}
	s := teed{oneBatch{batch}, func(frames []byte) { got = append(got, frames) }}
	b, err := s.Next(t.Context())
	if err != nil || b != batch {
		t.Errorf("%v, %v", b, err)
	}
	b.Release()
	if _, err := s.Next(t.Context()); err == nil || len(got) != 1 || string(got[0]) != "frames" {
		t.Errorf("%v, %q", err, got)
	}
}

// Metrics may not have one place twice.
func TestLossesAreAddedUp(t *testing.T) {
	source := []bpf.Lost{{CPU: 0, Reason: "bulk_full", N: 1}, {CPU: -1, Reason: "containers_full", N: 2}}
	got := withLost(source, []bpf.Lost{{CPU: -1, Reason: "containers_full", N: 3}, {CPU: -1, Reason: "table_full", N: 4}})
	want := []bpf.Lost{{CPU: 0, Reason: "bulk_full", N: 1}, {CPU: -1, Reason: "containers_full", N: 5}, {CPU: -1, Reason: "table_full", N: 4}}
	if diff := cmp.Diff(want, got); diff != "" || source[1].N != 2 {
		t.Errorf("%s, source %v", diff, source)
	}
}
