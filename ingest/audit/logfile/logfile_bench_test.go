package logfile

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// benchLog is 128 MB of lines like those of a real log: 3 KB on average, some very long.
func benchLog() string {
	var b strings.Builder
	for i := 0; b.Len() < 128<<20; i++ {
		ts := time.Unix(int64(i), 0).UTC().Format("2006-01-02T15:04:05.000000Z")
		fmt.Fprintf(&b, `{"kind":"Event","auditID":"%d","stage":"ResponseComplete","responseObject":{"items":[`, i)
		for j := range i * 7919 % 60 {
			fmt.Fprintf(&b, `{"name":"object-%d","uid":"%x","labels":{"app":"web","tier":"%d"}},`, j, i*j*2654435761, j%3)
		}
		fmt.Fprintf(&b, `0]},"stageTimestamp":"%s","annotations":{"authorization.k8s.io/decision":"allow"}}`+"\n", ts)
	}
	return b.String()
}

// floor does what `wc -l` does.
func floor(tb testing.TB, path string) {
	tb.Helper()
	file, err := os.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer file.Close()
	buf := make([]byte, 256<<10)
	lines := 0
	for {
		n, err := file.Read(buf)
		for rest := buf[:n]; ; lines++ {
			i := bytes.IndexByte(rest, '\n')
			if i < 0 {
				break
			}
			rest = rest[i+1:]
		}
		if err != nil {
			break
		}
	}
	if lines == 0 {
		tb.Fatal("no lines")
	}
}

// decodeOnly runs the decompressor alone.
func decodeOnly(tb testing.TB, path string, open func(io.Reader) (io.Reader, error)) {
	tb.Helper()
	file, err := os.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer file.Close()
	z, err := open(bufio.NewReaderSize(file, 64<<10))
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{z}, make([]byte, 256<<10)); err != nil {
		tb.Fatal(err)
	}
}

// BenchmarkRead takes turns, in one process, between reading and the least that reading could cost, and tells the ratio of
// the smallest times: 100 is as fast.
func BenchmarkRead(b *testing.B) {
	text := benchLog()
	gz := func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }
	zs := func(r io.Reader) (io.Reader, error) {
		return zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true))
	}
	for _, c := range []struct {
		name, text string
		floor      func(path string)
	}{
		{"plain", text, func(path string) { floor(b, path) }},
		{"gzip", gzipped(text), func(path string) { decodeOnly(b, path, gz) }},
		{"zstd", zstded(text), func(path string) { decodeOnly(b, path, zs) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "log")
			if err := os.WriteFile(path, []byte(c.text), 0o644); err != nil {
				b.Fatal(err)
			}
			best := [2]time.Duration{time.Hour, time.Hour}
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				start := time.Now()
				c.floor(path)
				middle := time.Now()
				r, err := Open(Config{}, []string{path}, nil)
				if err != nil {
					b.Fatal(err)
				}
				readNothing(b, r)
				best[0] = min(best[0], middle.Sub(start))
				best[1] = min(best[1], time.Since(middle))
			}
			b.ReportMetric(100*float64(best[0])/float64(best[1]), "%floor")
			b.ReportMetric(float64(len(text))/best[1].Seconds()/1e9, "GB/s")
		})
	}
}
