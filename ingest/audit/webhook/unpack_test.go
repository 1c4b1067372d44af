package webhook

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

// testRoom is the place of a request in a room of its own.
func testRoom(bytes int64) *place {
	r := &room{maxBytes: bytes, maxRequests: 1, maxBySource: 1, bySource: map[source]int{}}
	return r.enter(source{"a", "b"})
}

// FuzzUnpack has any body: what comes out looks like JSON and is no larger than it may be, or there is an error.
func FuzzUnpack(f *testing.F) {
	for _, s := range []string{anEvent, "\xef\xbb\xbf" + aList, " [ [", "[1]", "\x1f\x8b"} {
		f.Add([]byte(s))
		f.Add(gzipped(strings.NewReader(s)))
	}
	f.Add(gzipped(bytes.NewReader(gzipped(strings.NewReader(anEvent)))))
	f.Add(gzipped(zeros(1 << 16)))
	const most = 1 << 12
	f.Fuzz(func(t *testing.T, data []byte) {
		p := testRoom(1 << 14)
		out, err := unpack(t.Context(), bytes.Clone(data), p, most)
		if err == nil && looksLikeJSON(out) != nil {
			t.Errorf("%q was taken", out)
		}
		if packed := bytes.HasPrefix(data, gzipMagic); packed && len(out) > most && err == nil {
			t.Errorf("%d bytes", len(out))
		}
		p.leave()
		if n, held := p.room.now(); n != 0 || held != 0 {
			t.Errorf("%d requests hold %d bytes", n, held)
		}
	})
}

// TestUnpackingEnds has a body that is nothing but empty streams, which make no text for a long time.
func TestUnpackingEnds(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	data := bytes.Repeat(gzipped(strings.NewReader("")), 1<<20)
	start := time.Now()
	if _, err := unpack(ctx, data, testRoom(1<<30), 1<<20); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("took %v", took)
	}
}
