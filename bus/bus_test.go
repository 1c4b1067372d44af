package bus

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/parallax-sec/parallax/event"
)

// testConfig keeps small streams in a folder of the test.
func testConfig(t *testing.T, dir string) Config {
	cfg := DefaultConfig()
	cfg.Dir, cfg.Limits = dir, Limits{Events: 512 << 20, Alerts: 64 << 20, Facts: 16 << 20, Dead: 16 << 20, Quarantine: 16 << 20}
	cfg.Log = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	return cfg
}

func openTest(t *testing.T, cfg Config) *Bus {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	b, err := Open(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeTest(t, b) })
	return b
}

func closeTest(t *testing.T, b *Bus) {
	t.Helper()
	if err := b.Close(context.Background()); err != nil {
		t.Error(err)
	}
}

// publish stores a body of audit events and returns its sequence.
func publish(t *testing.T, b *Bus, body []byte) uint64 {
	t.Helper()
	seq, err := b.Publish(t.Context(), Message{Kind: event.BatchAudit, Source: []string{"prod.eu", "api 1"}, Data: body, Whole: true, Dedupe: true})
	if err != nil {
		t.Fatal(err)
	}
	return seq
}

// next reads a batch that must be there.
func next(t *testing.T, r *Reader) *event.Batch {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	b, err := r.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// noise is a body that cannot be compressed.
func noise(n int) []byte {
	b := make([]byte, n)
	rnd := rand.NewChaCha8([32]byte{1})
	_, _ = rnd.Read(b)
	return b
}

func TestBodiesComeBackAsTheyWere(t *testing.T) {
	b := openTest(t, testConfig(t, t.TempDir()))
	r := b.Reader(0)
	before := time.Now().Add(-time.Second)
	for _, body := range [][]byte{[]byte("{}"), bytes.Repeat([]byte(`{"kind":"Event"}`), 10_000), noise(20 << 20), {}} {
		seq := publish(t, b, body)
		got := next(t, r)
		if !bytes.Equal(got.Data, body) || got.Data == nil || got.Seq != seq || got.Kind != event.BatchAudit || got.Origin != "audit/prod.eu/api 1" ||
			!got.Whole || time.Unix(0, got.ReceivedNs).Before(before) || len(got.Faults) > 0 {
			t.Errorf("%d bytes at %d came back as %d bytes of %s at %d, %v", len(body), seq, len(got.Data), got.Origin, got.Seq, got.Faults)
		}
	}
	if r.Oldest() != 0 {
		t.Errorf("a body still waits for parts, the first of them %d", r.Oldest())
	}
}

// A body that is sent again is stored once, also when the process was restarted, and when the first try broke off.
func TestRepeatedBodyIsStoredOnce(t *testing.T) {
	cfg := testConfig(t, t.TempDir())
	b := openTest(t, cfg)
	small, large := []byte(`{"a":1}`), noise(20<<20)
	first := []uint64{publish(t, b, small), publish(t, b, large)}
	closeTest(t, b)
	b = openTest(t, cfg)
	if again := []uint64{publish(t, b, small), publish(t, b, large)}; again[0] != first[0] || again[1] != first[1] {
		t.Errorf("stored at %v, then at %v", first, again)
	}
}

func TestFolderIsLocked(t *testing.T) {
	cfg := testConfig(t, t.TempDir())
	openTest(t, cfg)
	if _, err := Open(t.Context(), cfg); !errors.Is(err, ErrInUse) {
		t.Errorf("opened twice: %v", err)
	}
}

func TestCheckpointFences(t *testing.T) {
	b := openTest(t, testConfig(t, t.TempDir()))
	mine, err := b.LoadCheckpoint(t.Context())
	if err != nil || mine.Seq != 0 {
		t.Fatalf("%+v, %v", mine, err)
	}
	mine.Writer, mine.Seq = "a", 7
	if err := b.SaveCheckpoint(t.Context(), &mine); err != nil {
		t.Fatal(err)
	}
	theirs, err := b.LoadCheckpoint(t.Context())
	if err != nil || theirs.Seq != 7 {
		t.Fatalf("%+v, %v", theirs, err)
	}
	// An answer of ours that was lost is not somebody else's.
	stale := mine
	mine.Seq = 8
	if err := b.SaveCheckpoint(t.Context(), &mine); err != nil {
		t.Fatal(err)
	}
	stale.Seq = 9
	if err := b.SaveCheckpoint(t.Context(), &stale); err != nil {
		t.Errorf("the same writer: %v", err)
	}
	theirs.Writer, theirs.Seq = "b", 10
	if err := b.SaveCheckpoint(t.Context(), &theirs); !errors.Is(err, ErrFenced) {
		t.Errorf("another writer: %v", err)
	}
	if now, err := b.LoadCheckpoint(t.Context()); err != nil || now.Seq != 9 {
		t.Errorf("%+v, %v", now, err)
	}
}
