package logfile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// piece is what a batch says, as text.
type piece struct {
	Origin string
	Line   int64
	Whole  bool
	Data   string
	Faults []string
	Newest int64
	Low    int64
}

// readAll reads everything and releases each batch at once.
func readAll(t *testing.T, r *Reader) []piece {
	t.Helper()
	var out []piece
	for {
		b, err := r.Next(t.Context())
		if err == io.EOF {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		p := piece{Origin: filepath.Base(b.Origin), Line: b.Line, Whole: b.Whole, Data: string(b.Data), Newest: b.NewestNs, Low: b.LowNs}
		for _, f := range b.Faults {
			f.Origin = filepath.Base(f.Origin)
			p.Faults = append(p.Faults, f.Error())
		}
		out = append(out, p)
		b.Release()
		b.Release()
	}
}

func openAll(t *testing.T, cfg Config, paths ...string) *Reader {
	t.Helper()
	r, err := Open(cfg, paths, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

// write makes files in a new directory and returns it.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func gzipped(texts ...string) string {
	var b bytes.Buffer
	for _, text := range texts {
		z := gzip.NewWriter(&b)
		_, _ = io.WriteString(z, text)
		_ = z.Close()
	}
	return b.String()
}

func zstded(texts ...string) string {
	var b bytes.Buffer
	for _, text := range texts {
		z, err := zstd.NewWriter(&b)
		if err != nil {
			panic(err)
		}
		_, _ = io.WriteString(z, text)
		_ = z.Close()
	}
	return b.String()
}

// at is an event of the given second.
func at(sec int, name string) string {
	ts := time.Unix(int64(sec), 0).UTC().Format("2006-01-02T15:04:05.000000Z")
	return fmt.Sprintf(`{"auditID":%q,"stageTimestamp":%q,"annotations":{}}`+"\n", name, ts)
}

func joined(pieces []piece) string {
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(p.Data)
	}
	return b.String()
}

func TestCompressionIsToldByContent(t *testing.T) {
	const a, b = "{\"a\":1}\n", "{\"b\":2}\n"
	skippable := "\x50\x2a\x4d\x18\x03\x00\x00\x00abc"
	for name, text := range map[string]string{
		"plain": a + b, "gzip": gzipped(a + b), "members": gzipped(a, "", b), "zstd": zstded(a + b), "frames": zstded(a, b),
		"skippable": skippable + zstded(a+b), "bom": "\xef\xbb\xbf" + a + b, "gzip bom": gzipped("\xef\xbb\xbf" + a + b),
	} {
		t.Run(name, func(t *testing.T) {
			dir := write(t, map[string]string{"x.bin": text})
			got := readAll(t, openAll(t, Config{}, dir))
			want := []piece{{Origin: "x.bin", Line: 1, Data: a + b}}
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestEmptyFiles(t *testing.T) {
	dir := write(t, map[string]string{"a": "", "b": gzipped(""), "c": zstded(""), "d": "\n\n"})
	got := readAll(t, openAll(t, Config{}, dir))
	if d := cmp.Diff([]piece{{Origin: "d", Line: 1, Data: "\n\n"}}, got); d != "" {
		t.Error(d)
	}
}

func TestFilesAreMergedByEventTime(t *testing.T) {
	dir := write(t, map[string]string{
		"a.log": at(10, "a1") + at(30, "a2") + at(50, "a3"),
		"b.log": gzipped(at(20, "b1") + at(25, "b2") + at(60, "b3")),
		"c.log": at(40, "c1") + at(41, "c2"),
	})
	one := len(at(10, "a1"))
	got := readAll(t, openAll(t, Config{ChunkBytes: one}, dir))
	var order []string
	for _, p := range got {
		order = append(order, p.Data[12:14])
	}
	if d := cmp.Diff(strings.Fields("a1 a2 b1 b2 b3 a3 c1 c2"), order); d != "" {
		t.Error(d)
	}
}

func TestStopsWhileStandardInputIsSilent(t *testing.T) {
	in, out := io.Pipe()
	defer out.Close()
	r, err := Open(Config{}, []string{"-"}, in)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if b, err := r.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(b, err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
}
