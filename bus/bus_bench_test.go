package bus

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"github.com/parallax-sec/parallax/event"
)

func openBench(b *testing.B) *Bus {
	b.Helper()
	cfg := DefaultConfig()
	cfg.Dir = b.TempDir()
	s, err := Open(b.Context(), cfg)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close(context.Background()) })
	return s
}

// 400 events of 1 kB, synced before each is acknowledged.
func BenchmarkPublish(b *testing.B) {
	s := openBench(b)
	event400 := bytes.Repeat(append([]byte(`{"kind":"Event","auditID":"`), noise(250)...), 400)
	b.SetBytes(int64(len(event400)))
	for i := 0; b.Loop(); i++ {
		body := append(fmt.Appendf(nil, "%d", i), event400...)
		if _, err := s.Publish(b.Context(), Message{Kind: event.BatchAudit, Source: []string{"c", "a"}, Data: body, Dedupe: true}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPutAlerts(b *testing.B) {
	s := openBench(b)
	for n := 0; b.Loop(); n++ {
		alerts := testAlerts(0, 100)
		for i, a := range alerts {
			a.ID = fmt.Sprint(n, "-", i)
		}
		if err := s.PutAlerts(b.Context(), alerts); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(100*b.N)/b.Elapsed().Seconds(), "alerts/s")
}

func BenchmarkPutFacts(b *testing.B) {
	s := openBench(b)
	facts := make([]event.Fact, 100)
	for n := uint64(1); b.Loop(); n++ {
		for i := range facts {
			facts[i] = event.Fact{Kind: event.FactNode, Key: fmt.Sprint("node-", i), Seq: n, Data: []byte(`{"a":1}`)}
		}
		if err := s.PutFacts(b.Context(), facts); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(100*b.N)/b.Elapsed().Seconds(), "facts/s")
}
