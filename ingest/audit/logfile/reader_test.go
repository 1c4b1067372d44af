package logfile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/parallax-sec/parallax/event"
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
		if errors.Is(err, io.EOF) {
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

func names(pieces []piece) (out []string) {
	for _, p := range pieces {
		if len(p.Data) > 14 {
			out = append(out, p.Data[12:14])
		}
	}
	return out
}

func TestFilesAreMergedByEventTime(t *testing.T) {
	one := len(at(10, "a1"))
	f := func(cfg Config, files map[string]string, want string) {
		t.Helper()
		dir := write(t, files)
		got := readAll(t, openAll(t, cfg, dir))
		if d := cmp.Diff(strings.Fields(want), names(got)); d != "" {
			t.Error(d)
		}
		low := int64(0)
		for _, p := range got {
			if p.Newest != 0 && p.Newest < low && !strings.Contains(p.Data, "late") {
				t.Errorf("%s comes after low mark %d", p.Data, low)
			}
			low = p.Low
		}
	}
	overlapping := map[string]string{
		"a.log": at(10, "a1") + at(30, "a2") + at(50, "a3"),
		"b.log": gzipped(at(20, "b1") + at(25, "b2") + at(60, "b3")),
		"c.log": zstded(at(40, "c1") + at(41, "c2")),
	}
	f(Config{ChunkBytes: one}, overlapping, "a1 a2 b1 b2 b3 a3 c1 c2")
	f(Config{ChunkBytes: one, MaxOpen: 1}, overlapping, "a1 a2 a3 b1 b2 b3 c1 c2")
	f(Config{}, map[string]string{ // a rotated set, the newest has the plain name
		"audit.log": at(900, "n1"), "audit-3.log.gz": gzipped(at(600, "m1")), "audit-20.log": at(300, "l1"), "b.log": at(10, "b1"),
	}, "b1 l1 m1 n1")
	f(Config{ChunkBytes: one}, map[string]string{ // without times: by name, before the rest
		"b.log": "{\"auditID\":\"b1\"}\n", "a.log": at(5, "a1"), "c.log": "{\"auditID\":\"c1\"}\n",
	}, "b1 c1 a1")
	f(Config{ChunkBytes: one}, map[string]string{ // a wild time stamp stands alone
		"a.log": at(10, "a1") + at(999_999, "a2") + at(20, "a3") + at(30, "a4"), "b.log": at(12, "b1") + at(28, "b2"),
	}, "a1 a2 a3 b1 b2 a4")
	f(Config{ChunkBytes: one}, map[string]string{ // a pause is believed when it is confirmed
		"a.log": at(10, "a1") + at(5000, "a2") + at(5001, "a3") + at(5002, "a4"), "b.log": at(12, "b1") + at(28, "b2"),
	}, "a1 a2 a3 b1 b2 a4")
}

func TestStandardInputIsMerged(t *testing.T) {
	dir := write(t, map[string]string{"a": at(10, "a1") + at(30, "a2")})
	r, err := Open(Config{ChunkBytes: len(at(10, "a1"))}, []string{"-", dir}, strings.NewReader(at(20, "s1")+at(40, "s2")))
	if err != nil {
		t.Fatal(err)
	}
	got := names(readAll(t, r))
	if d := cmp.Diff(strings.Fields("a1 a2 s1 s2"), got); d != "" {
		t.Error(d)
	}
	if read, total := r.Progress(); read == 0 || total != 0 {
		t.Error(read, total)
	}
}

// The same input gives the same batches, however the caller and the readers take turns.
func TestSameInputSameBatches(t *testing.T) {
	files := map[string]string{}
	for i := range 12 {
		var text strings.Builder
		for j := range 300 {
			text.WriteString(at(i*100+j*(i+1), fmt.Sprint(i)))
			if j%50 == i {
				text.WriteString("{\n\"stageTimestamp\": \"1970-01-01T00:05:00Z\"\n}\n{\"cut\n")
			}
		}
		name := fmt.Sprintf("%d.log", i)
		files[name] = [...]func(...string) string{gzipped, zstded, func(s ...string) string { return s[0] }}[i%3](text.String())
	}
	dir := write(t, files)
	f := func(pause time.Duration, paths ...string) []piece {
		r := openAll(t, Config{ChunkBytes: 1000, MaxOpen: 5}, paths...)
		time.Sleep(pause)
		return readAll(t, r)
	}
	want := f(0, dir)
	if d := cmp.Diff(want, f(5*time.Millisecond, dir)); d != "" {
		t.Error(d)
	}
	entries, err := filepath.Glob(dir + "/*")
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(entries)
	if d := cmp.Diff(want, f(0, entries...)); d != "" {
		t.Error("in another order:", d)
	}
}

func TestProgress(t *testing.T) {
	text := gzipped(strings.Repeat(at(1, "aa"), 1000))
	r := openAll(t, Config{}, write(t, map[string]string{"x": text}))
	if read, total := r.Progress(); read != 0 || total != int64(len(text)) {
		t.Error(read, total)
	}
	readAll(t, r)
	if read, total := r.Progress(); read != total {
		t.Error(read, total)
	}
}

// Batches stay as they are while others are read, until they are released.
func TestBatchesAreOwnedUntilRelease(t *testing.T) {
	var text strings.Builder
	for i := range 500 {
		text.WriteString(at(i, fmt.Sprint(i)))
	}
	r := openAll(t, Config{ChunkBytes: 777}, write(t, map[string]string{"x": text.String()}))
	var held []*event.Batch
	var got strings.Builder
	for {
		b, err := r.Next(t.Context())
		if errors.Is(err, io.EOF) {
			break
		}
		held = append(held, b)
		if len(held) == 7 {
			got.Write(held[0].Data)
			held[0].Release()
			held = held[1:]
		}
	}
	for _, b := range held {
		got.Write(b.Data)
	}
	if got.String() != text.String() {
		t.Error("batches have changed")
	}
}

func TestCloseEndsReaders(t *testing.T) {
	dir := write(t, map[string]string{"a": gzipped(strings.Repeat(at(1, "aa"), 100_000)), "b": zstded(strings.Repeat(at(1, "bb"), 100_000))})
	r := openAll(t, Config{ChunkBytes: 4096}, dir)
	for range 3 {
		if _, err := r.Next(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(r.Close(), r.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Next(t.Context()); !errors.Is(err, io.EOF) {
		t.Error(err)
	}
}

func TestCancelEndsALongSkip(t *testing.T) {
	r := openAll(t, Config{MaxLineBytes: 1 << 20}, write(t, map[string]string{"x": zstdRuns(20, 100_000, 'x')})+"/x")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	if _, err := r.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if err := r.Close(); err != nil || time.Since(start) > time.Second {
		t.Error(err, time.Since(start))
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
