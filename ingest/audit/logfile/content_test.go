package logfile

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func tarred(text string) string {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	_ = w.WriteHeader(&tar.Header{Name: "audit.log", Size: int64(len(text)), Mode: 0o644})
	_, _ = io.WriteString(w, text)
	_ = w.Close()
	return b.String()
}

func TestWhatIsNoLog(t *testing.T) {
	line := strings.Repeat("{\"a\":1}\n", 100)
	for name, c := range map[string]struct{ text, want string }{
		"program":          {"\x7fELF\x02\x01\x01" + strings.Repeat("\x00", 100), "a program"},
		"tar":              {tarred(line), "a tar archive; unpack it first"},
		"tar.gz":           {gzipped(tarred(line)), "a tar archive; unpack it first"},
		"twice":            {gzipped(zstded(line)), "compressed twice"},
		"xz":               {"\xfd7zXZ\x00\x00\x04", "xz -dc FILE"},
		"bzip2":            {"BZh91AY&SY", "bzip2 -dc FILE"},
		"zip":              {"PK\x03\x04\x14\x00", "a zip archive"},
		"utf-16":           {"\xff\xfe{\x00}\x00", "iconv -f UTF-16"},
		"utf-16, no mark":  {"{\x00}\x00\n\x00", "binary data"},
		"noise":            {"{\x01\x02\x03\x04\x05", "binary data"},
		"cut gzip header":  {"\x1f\x8b\x08\x08", "read gzip header"},
		"gzip header name": {"\x1f\x8b\x08\x08\x00\x00\x00\x00\x00\xff" + strings.Repeat("n", 1<<20), "read gzip header"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := write(t, map[string]string{"d/bad": c.text, "d/good": line})
			if _, err := Open(Config{}, []string{dir + "/d/bad"}, nil); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), dir) {
				t.Errorf("named: %v, want %q", err, c.want)
			}
			got := readAll(t, openAll(t, Config{}, dir+"/d"))
			if len(got) != 2 || len(got[0].Faults) != 1 || !strings.Contains(got[0].Faults[0], c.want) || got[1].Data != line {
				t.Errorf("in a directory: %v, want %q", got, c.want)
			}
			r, err := Open(Config{}, []string{"-"}, strings.NewReader(c.text))
			if err != nil {
				t.Fatal(err)
			}
			if got := readAll(t, r); len(got) != 1 || len(got[0].Faults) != 1 || !strings.Contains(got[0].Faults[0], c.want) {
				t.Errorf("standard input: %v, want %q", got, c.want)
			}
		})
	}
}

// What a broken archive still holds is read.
func TestBrokenArchives(t *testing.T) {
	var lines strings.Builder
	for i := range 20_000 {
		lines.WriteString(at(i, "x"))
	}
	text := lines.String()
	gz, zs := gzipped(text), zstded(text)
	for name, c := range map[string]struct{ text, want string }{
		"cut gzip":     {gz[:len(gz)/2], "compressed file ends early"},
		"cut zstd":     {zs[:len(zs)/2], "compressed file ends early"},
		"gzip tail":    {gz + "a tail that is longer", "gzip: invalid header"},
		"zstd tail":    {zs + "a tail that is longer", "invalid input: magic number mismatch"},
		"gzip bit":     {gz[:len(gz)/2] + "\xff\x00\xff\x00" + gz[len(gz)/2+4:], "what came before is read"},
		"gzip sum":     {gz[:len(gz)-8] + "\x00\x00\x00\x00" + gz[len(gz)-4:], "gzip: invalid checksum"},
		"cut at start": {zs[:6], "compressed file ends early"},
	} {
		t.Run(name, func(t *testing.T) {
			got := readAll(t, openAll(t, Config{}, write(t, map[string]string{"x": c.text})+"/x"))
			last := got[len(got)-1]
			if len(last.Faults) == 0 || !strings.Contains(last.Faults[len(last.Faults)-1], c.want) {
				t.Fatalf("faults %v, want %q", last.Faults, c.want)
			}
			data := joined(got)
			whole := data[:strings.LastIndex(data, "\n")+1]
			if name != "gzip bit" && !strings.HasPrefix(text, whole) {
				t.Error("what was read is not what was written")
			}
			if name != "cut at start" && len(data) < len(text)/4 {
				t.Errorf("only %d of %d bytes", len(data), len(text))
			}
		})
	}
}

// zstdRuns is a zstd frame (RFC 8878) of run-length blocks: n times 128 KiB of one byte, four bytes each.
func zstdRuns(windowLog, n int, c byte) string {
	var b bytes.Buffer
	b.Write(zstdMagic)
	b.WriteByte(0)                       // frame header: no size, no checksum
	b.WriteByte(byte(windowLog-10) << 3) // window descriptor
	for i := range n {
		header := uint32(128<<10)<<3 | 1<<1 // block type 1: run-length
		if i == n-1 {
			header |= 1
		}
		b.Write(binary.LittleEndian.AppendUint32(nil, header)[:3])
		b.WriteByte(c)
	}
	return b.String()
}

func TestBombs(t *testing.T) {
	cfg := Config{RatioFromBytes: 4 << 20}
	f := func(name, text, want string) {
		t.Helper()
		got := readAll(t, openAll(t, cfg, write(t, map[string]string{"x": text})))
		var faults []string
		for _, p := range got {
			faults = append(faults, p.Faults...)
		}
		if all := strings.Join(faults, "\n"); !strings.Contains(all, want) {
			t.Errorf("%s: %s, want %q", name, all, want)
		}
	}
	f("ratio", zstdRuns(20, 200, '\n'), "decompression bomb: each compressed byte becomes more than 10000; the rest is left out")
	f("window", zstdRuns(27, 1, '\n'), "zstd window is too large")
	if got := readAll(t, openAll(t, Config{}, write(t, map[string]string{"x": zstdRuns(26, 30, '\n')}))); len(joined(got)) != 30*128<<10 {
		t.Error("a window of 64 MiB is refused")
	}
}

// A bomb, one line or many, costs a few blocks of memory.
func TestMemoryIsBounded(t *testing.T) {
	for c, name := range map[byte]string{'\n': "lines", 'x': "one line", 0: "hole", '[': "brackets", ' ': "blanks"} {
		blocks := 512 // 64 MB
		if c == '\n' {
			blocks = 64
		}
		r := openAll(t, Config{MaxLineBytes: 1 << 20}, write(t, map[string]string{"x": zstdRuns(20, blocks, c)})+"/x")
		runtime.GC()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		readNothing(t, r)
		runtime.ReadMemStats(&after)
		if grown := int64(after.HeapSys) - int64(before.HeapSys); grown > 48<<20 {
			t.Errorf("%s: heap has grown by %d MiB", name, grown>>20)
		}
	}
}

// readNothing reads everything and keeps nothing.
func readNothing(t testing.TB, r *Reader) (bytes int64) {
	t.Helper()
	for {
		b, err := r.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return bytes
		}
		if err != nil {
			t.Fatal(err)
		}
		bytes += int64(len(b.Data))
		b.Release()
	}
}

// Where a stream of strange pieces is cut by the ratio does not depend on the pieces.
func TestBombIsCutAtTheSamePlace(t *testing.T) {
	bomb := zstdRuns(20, 200, '\n')
	f := func(src io.Reader) []piece {
		t.Helper()
		r, err := Open(Config{RatioFromBytes: 4 << 20}, []string{"-"}, src)
		if err != nil {
			t.Fatal(err)
		}
		return readAll(t, r)
	}
	want := f(strings.NewReader(bomb))
	if d := cmp.Diff(want, f(&shortReads{src: strings.NewReader(bomb)})); d != "" {
		t.Error(d)
	}
}
