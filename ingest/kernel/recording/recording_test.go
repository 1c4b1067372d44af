package recording

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
	"unsafe"

	"github.com/google/go-cmp/cmp"
	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/kernel"
)

// Streams of the tests: a Start of a node, then forks, one a second of boot time.

const second = int64(1e9)

func start(t testing.TB, node string, offsetSeconds int64) []byte {
	t.Helper()
	frame, err := kernel.AppendFact(nil, &kernel.Fact{Start: &kernel.Start{Node: node, BootID: "b", Epoch: 7, OffsetNs: offsetSeconds * second, BootNs: uint64(second)}})
	if err != nil {
		t.Fatal(err)
	}
	return frame
}

func fork(seq uint64) []byte {
	h := bpf.Head{TimeNs: seq * uint64(second), Seq: seq, Kind: uint8(bpf.KindFork), Version: bpf.RecordVersion, Pid: uint32(seq), StartNs: seq}
	h.Size = uint32(unsafe.Sizeof(h))
	return kernel.AppendRecord(nil, unsafe.Slice((*byte)(unsafe.Pointer(&h)), unsafe.Sizeof(h)))
}

// recorded is a recording of a Start and forks from..to, with a block for each few frames.
func recorded(t testing.TB, node string, offsetSeconds int64, from, to uint64, each int) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := NewWriter(&out)
	if err != nil {
		t.Fatal(err)
	}
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	must(w.Write(start(t, node, offsetSeconds)))
	for seq := from; seq <= to; seq++ {
		must(w.Write(fork(seq)))
		if int(seq-from)%each == each-1 {
			must(w.Flush())
		}
	}
	must(w.Flush())
	must(w.Flush())
	return out.Bytes()
}

func files(t testing.TB, contents ...[]byte) []string {
	t.Helper()
	var out []string
	dir := t.TempDir()
	for i, c := range contents {
		name := filepath.Join(dir, fmt.Sprintf("%c.plx", 'a'+i))
		if err := os.WriteFile(name, c, 0o600); err != nil {
			t.Fatal(err)
		}
		out = append(out, name)
	}
	return out
}

// result is what reading gave: "FILE SECONDS" of each event, and the faults.
type result struct{ events, faults []string }

func readAll(t testing.TB, paths []string, stdin io.Reader) result {
	t.Helper()
	r, err := Open(paths, stdin)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var out result
	d := NewDecoder()
	for {
		b, err := r.Next(context.Background())
		if errors.Is(err, io.EOF) {
			if len(d.byOrigin) > 0 {
				t.Errorf("%d decoders are kept", len(d.byOrigin))
			}
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		out.take(b, d)
	}
}

func (r *result) take(b *event.Batch, d *Decoder) {
	name := filepath.Base(b.Origin)
	fault := func(f event.Fault) { r.faults = append(r.faults, fmt.Sprintf("%s:%d: %s", name, f.Line, f.Reason)) }
	for _, f := range b.Faults {
		fault(f)
	}
	d.Decode(b, func(e event.Event) {
		r.events = append(r.events, fmt.Sprintf("%s %d", name, e.TimeNs()/second))
	}, fault)
	b.Release()
}

// spans shortens "a 1", "a 2", "a 3" to "a 1-3".
func spans(events []string) string {
	var out []string
	name, first, last := "", 0, -2
	flush := func() {
		if name != "" {
			out = append(out, fmt.Sprintf("%s %d-%d", name, first, last))
		}
	}
	for _, e := range events {
		var n int
		file, number, _ := strings.Cut(e, " ")
		_, _ = fmt.Sscan(number, &n)
		if file = strings.TrimSuffix(file, ".plx"); file != name || n != last+1 {
			flush()
			name, first = file, n
		}
		last = n
	}
	flush()
	return strings.Join(out, ", ")
}

func TestReadsWhatWasWritten(t *testing.T) {
	got := readAll(t, files(t, recorded(t, "n", 1000, 1, 2000, 300)), nil)
	if s := spans(got.events); s != "a 1001-3000" || got.faults != nil {
		t.Errorf("%s %q", s, got.faults)
	}
}

func TestBlocksCloseBySize(t *testing.T) {
	data := recorded(t, "n", 0, 1, 3000, 1<<30)
	if n := bytes.Count(data, []byte(blockMagic)); n != 1+3000*len(fork(1))/blockBytes {
		t.Errorf("%d blocks", n)
	}
	if got := readAll(t, files(t, data), nil); spans(got.events) != "a 1-3000" {
		t.Error(spans(got.events))
	}
}

func TestSeveralAreMergedByEventTime(t *testing.T) {
	got := readAll(t, files(t,
		recorded(t, "n1", 1000, 1, 400, 100), // 1001-1400
		recorded(t, "n2", 1150, 1, 300, 100), // 1151-1450
		recorded(t, "n3", 0, 1, 5, 100),
	), nil)
	want := "c 1-5, a 1001-1200, b 1151-1250, a 1201-1300, b 1251-1350, a 1301-1400, b 1351-1450"
	if diff := cmp.Diff(want, spans(got.events)); diff != "" || got.faults != nil {
		t.Errorf("%s %q", diff, got.faults)
	}
}

// More recordings than may be open at a time are merged all the same.
func TestMoreThanMayBeOpen(t *testing.T) {
	var contents [][]byte
	for i := range maxOpen + 20 {
		contents = append(contents, recorded(t, fmt.Sprint("n", i), int64(i%7), 1, 30, 10))
	}
	r, err := Open(files(t, contents...), nil)
	if err != nil {
		t.Fatal(err)
	}
	var got result
	low, d := int64(0), NewDecoder()
	for {
		b, err := r.Next(t.Context())
		if errors.Is(err, io.EOF) {
			break
		}
		if b.NewestNs != 0 && b.NewestNs < low {
			t.Errorf("%s: %d after a low mark of %d", b.Origin, b.NewestNs, low)
		}
		low = max(low, b.LowNs)
		got.take(b, d)
	}
	if len(got.events) != 30*len(contents) || got.faults != nil {
		t.Errorf("%d events, %q", len(got.events), got.faults)
	}
}

func TestOneBehindTheOther(t *testing.T) {
	data := append(recorded(t, "n1", 0, 1, 10, 5), recorded(t, "n2", 100, 1, 10, 5)...)
	for _, got := range []result{readAll(t, files(t, data), nil), readAll(t, nil, &pieces{data})} {
		if s := spans(got.events); s != "a 1-10, a 101-110" && s != "- 1-10, - 101-110" || got.faults != nil {
			t.Errorf("%s %q", s, got.faults)
		}
	}
}

// pieces hands out bytes a few at a time.
type pieces struct{ rest []byte }

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(b[:min(len(b), 7)], p.rest)
	p.rest = p.rest[n:]
	return n, nil
}

// A recording that is cut at any byte gives all whole blocks, and one fault where it is cut in the middle of one.
func TestCutAnywhere(t *testing.T) {
	data := recorded(t, "n", 0, 1, 40, 10)
	var ends []int // of blocks
	for at := fileHead; at < len(data); {
		k, ok := parseBlock(data[at:])
		if !ok {
			t.Fatal("no block")
		}
		at += blockHead + int(k.stored)
		ends = append(ends, at)
	}
	for n := fileHead; n < len(data); n++ {
		whole := 0
		for _, e := range ends {
			if e <= n {
				whole++
			}
		}
		got := readAll(t, nil, bytes.NewReader(data[:n]))
		wantFaults := 1
		if n == fileHead || whole > 0 && ends[whole-1] == n {
			wantFaults = 0
		}
		if len(got.events) != 10*whole || len(got.faults) != wantFaults {
			t.Fatalf("cut at %d: %d events, %q", n, len(got.events), got.faults)
		}
		if wantFaults == 1 && !strings.Contains(got.faults[0], "ends early") {
			t.Fatalf("cut at %d: %q", n, got.faults)
		}
	}
}

// Any byte that is changed costs its block and no more, and is told.
func TestDamagedAnywhere(t *testing.T) {
	data := recorded(t, "n", 0, 1, 40, 10)
	first, _ := parseBlock(data[fileHead:])
	second := fileHead + blockHead + int(first.stored)
	k, _ := parseBlock(data[second:])
	for i := second; i < second+blockHead+int(k.stored); i++ {
		bad := bytes.Clone(data)
		bad[i] ^= 0x40
		got := readAll(t, nil, bytes.NewReader(bad))
		if s := spans(got.events); s != "- 1-10, - 21-40" || len(got.faults) == 0 {
			t.Fatalf("byte %d: %s %q", i, s, got.faults)
		}
	}
}

func TestOtherVersions(t *testing.T) {
	data := recorded(t, "n", 0, 1, 10, 5)
	version := func(at int) []byte {
		out := bytes.Clone(data)
		out[at]++
		return append(appendSum(out[:12:12], out[:12]), out[16:]...)
	}
	got := readAll(t, files(t, version(8), version(10), append(version(8), data...), data[:10]), nil)
	want := []string{
		"a.plx:1: recording of format 2, this program reads 1 (at byte 0)",
		"b.plx:1: recording with records of layout 2, this program reads 1 (at byte 0)",
		"d.plx:1: the recording ends early: it is cut at byte 0; what came before is read",
		"c.plx:1: recording of format 2, this program reads 1 (at byte 0)",
	}
	if diff := cmp.Diff(want, got.faults); diff != "" || spans(got.events) != "c 1-10" {
		t.Errorf("%s %s", spans(got.events), diff)
	}
}

func TestMissingFrames(t *testing.T) {
	data := recorded(t, "n", 0, 1, 30, 10)
	first, _ := parseBlock(data[fileHead:])
	second := fileHead + blockHead + int(first.stored)
	k, _ := parseBlock(data[second:])
	got := readAll(t, nil, bytes.NewReader(append(data[:second:second], data[second+blockHead+int(k.stored):]...)))
	if spans(got.events) != "- 1-10, - 21-30" || len(got.faults) != 1 || !strings.Contains(got.faults[0], "-:12: frames 12 to 21 are missing") {
		t.Errorf("%s %q", spans(got.events), got.faults)
	}
}

func TestFileIsGone(t *testing.T) {
	got := readAll(t, []string{filepath.Join(t.TempDir(), "x.plx")}, nil)
	if len(got.faults) != 1 || !strings.Contains(got.faults[0], "x.plx:1: open: no such file") {
		t.Errorf("%q", got.faults)
	}
}

// Whoever waits for standard input can give up.
func TestSilentInput(t *testing.T) {
	in, feed := io.Pipe()
	defer feed.Close()
	r, err := Open(nil, in)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go cancel()
	if _, err := r.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := r.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

type failingWriter struct{ left int }

func (w *failingWriter) Write(b []byte) (int, error) {
	if w.left--; w.left < 0 {
		return 0, io.ErrShortWrite
	}
	return len(b), nil
}

func TestWriterFails(t *testing.T) {
	if _, err := NewWriter(&failingWriter{}); !errors.Is(err, io.ErrShortWrite) {
		t.Error(err)
	}
	w, err := NewWriter(&failingWriter{left: 1})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := errors.Join(w.Write(fork(1)), w.Flush()); !errors.Is(err, io.ErrShortWrite) {
			t.Error(err)
		}
	}
	w, _ = NewWriter(io.Discard)
	if err := w.Write([]byte("not frames")); err == nil {
		t.Error("it took what are no frames")
	}
}

// Forged numbers cost no memory.
func TestForgedBlocks(t *testing.T) {
	f := func(k block, stored []byte, want string) {
		t.Helper()
		data := k.append(appendHead(nil))
		got := readAll(t, nil, bytes.NewReader(append(data, stored...)))
		if len(got.faults) == 0 || !strings.Contains(got.faults[0], want) {
			t.Errorf("%+v: %q", k, got.faults)
		}
	}
	f(block{frames: 1, first: 1, raw: 1 << 31, stored: 10}, make([]byte, 50), "are damaged")
	f(block{frames: 1, first: 1, raw: 8, stored: 1 << 31}, make([]byte, 50), "are damaged")
	f(block{frames: 1, first: 1, raw: 8, stored: 8, sum: 0x8c28b28a}, make([]byte, 8), "block of 1 frames")
	f(block{frames: 1, first: 1 << 62, raw: 8, stored: 10}, make([]byte, 50), "are damaged")
}

// What cannot be read is handed out in parts, so that a file full of it takes no memory.
func TestFaultsComeInParts(t *testing.T) {
	bad := block{frames: 1, first: 1, raw: 64, stored: 0}
	bad.sum = 1
	junk := bytes.Repeat(bad.append(nil), 50*maxFaults)
	whole := recorded(t, "n", 0, 1, 9, 3)
	r, err := Open(nil, io.MultiReader(bytes.NewReader(whole[:fileHead]), bytes.NewReader(junk), bytes.NewReader(whole)))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var out result
	d := NewDecoder()
	for {
		b, err := r.Next(context.Background())
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil || len(b.Faults) > maxFaults+2 {
			t.Fatalf("%d faults in one batch, %v", len(b.Faults), err)
		}
		out.take(b, d)
	}
	if spans(out.events) != "- 1-9" || len(out.faults) < 50*maxFaults {
		t.Errorf("%s, %d faults", spans(out.events), len(out.faults))
	}
}

// What only looks like a block costs little more than to be read.
func TestJunkIsSkipped(t *testing.T) {
	whole := recorded(t, "n", 0, 1, 9, 3)
	for _, piece := range []string{blockMagic, "\x89PLX", fileMagic[:7], "PLX", "\x89", "."} {
		for _, before := range [][]byte{nil, recorded(t, "before", 0, 1, 9, 3)} {
			src := io.MultiReader(bytes.NewReader(before), strings.NewReader(strings.Repeat(piece, 1<<20/len(piece))), bytes.NewReader(whole))
			if got := readAll(t, nil, src); len(got.events) != 9 && before == nil || len(got.events) != 18 && before != nil {
				t.Errorf("%q: %d events", piece, len(got.events))
			}
		}
	}
}
