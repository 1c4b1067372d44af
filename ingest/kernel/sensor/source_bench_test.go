package sensor

import (
	"context"
	"testing"
	"time"

	"github.com/parallax-sec/parallax/ingest/kernel"
	"github.com/parallax-sec/parallax/ingest/kernel/cgroup"
	"github.com/parallax-sec/parallax/ingest/kernel/runtimefiles"
)

// endless is a ring that always holds a batch of the same records.
type endless struct {
	*fakeReader
	batch [][]byte
}

func (r *endless) Read(_ context.Context, _ time.Duration, fn func([]byte)) (int, error) {
	for _, b := range r.batch {
		fn(b)
	}
	return len(r.batch), nil
}

// BenchmarkRecord is what the source does for a record of a container that it knows.
func BenchmarkRecord(b *testing.B) {
	clock := &fakeClock{time.Now()}
	r := &endless{fakeReader: newFakeReader(clock)}
	r.batch = append(r.batch, cgroupRecord(1, 5, podPath+containerID))
	s := New(DefaultConfig(), r, clock, Node{
		Parser:    new(cgroup.Parser),
		Host:      func() (kernel.Found, error) { return kernel.Found{}, nil },
		Cgroups:   func(func(uint64, string)) error { return nil },
		Ancestry:  func(uint64) []runtimefiles.Cgroup { return nil },
		Processes: func() ([]kernel.Found, error) { return nil, nil },
		Describe:  func(*kernel.Container, uint32) bool { return true },
		Users:     func(*kernel.Container, uint32) (*kernel.Users, bool) { return nil, false },
	})
	next := func() {
		batch, err := s.Next(context.Background())
		if err != nil {
			b.Fatal(err)
		}
		batch.Release()
	}
	for range 3 {
		next()
	}
	const perBatch = 500
	r.batch = nil
	for pid := range uint32(perBatch) {
		r.batch = append(r.batch, execRecord(5, 100+pid, 0))
	}
	b.ReportAllocs()
	for b.Loop() {
		next()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/perBatch, "ns/record")
}
