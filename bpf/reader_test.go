package bpf

import (
	"context"
	"encoding/binary"
	"errors"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// How a test program wakes the reader (include/uapi/linux/bpf.h).
const (
	wakeFirst = 0      // when the ring was empty
	wakeNever = 1 << 0 // BPF_RB_NO_WAKEUP
	wakeNow   = 1 << 1 // BPF_RB_FORCE_WAKEUP
)

// writer is a program that writes to a ring what the test puts into a map.
type writer struct {
	t      testing.TB
	ring   *ebpf.Map
	input  *ebpf.Map // flags, length, bytes
	output *ebpf.Program
}

const writerMax = 1 << 12

func newWriter(t testing.TB, ringBytes uint32) *writer {
	t.Helper()
	make := func(spec *ebpf.MapSpec) *ebpf.Map {
		m, err := ebpf.NewMap(spec)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { m.Close() })
		return m
	}
	w := &writer{t: t}
	w.ring = make(&ebpf.MapSpec{Type: ebpf.RingBuf, MaxEntries: ringBytes})
	w.input = make(&ebpf.MapSpec{Type: ebpf.Array, KeySize: 4, ValueSize: 16 + writerMax, MaxEntries: 1})
	prog, err := ebpf.NewProgram(&ebpf.ProgramSpec{
		Type: ebpf.SocketFilter,
		Instructions: asm.Instructions{
			asm.StoreImm(asm.RFP, -4, 0, asm.Word),
			asm.LoadMapPtr(asm.R1, w.input.FD()),
			asm.Mov.Reg(asm.R2, asm.RFP),
			asm.Add.Imm(asm.R2, -4),
			asm.FnMapLookupElem.Call(),
			asm.JEq.Imm(asm.R0, 0, "end"),
			asm.LoadMem(asm.R4, asm.R0, 0, asm.DWord),
			asm.LoadMem(asm.R3, asm.R0, 8, asm.DWord),
			asm.And.Imm(asm.R3, writerMax-1),
			asm.Mov.Reg(asm.R2, asm.R0),
			asm.Add.Imm(asm.R2, 16),
			asm.LoadMapPtr(asm.R1, w.ring.FD()),
			asm.FnRingbufOutput.Call(),
			asm.Mov.Imm(asm.R0, 0).WithSymbol("end"),
			asm.Return(),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { prog.Close() })
	w.output = prog
	return w
}

func (w *writer) write(flags uint64, record []byte) {
	w.t.Helper()
	var value [16 + writerMax]byte
	binary.NativeEndian.PutUint64(value[:], flags)
	binary.NativeEndian.PutUint64(value[8:], uint64(len(record)))
	copy(value[16:], record)
	if err := w.input.Put(uint32(0), value[:]); err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.output.Run(&ebpf.RunOptions{Data: make([]byte, 64), Repeat: 1}); err != nil {
		w.t.Fatal(err)
	}
}

// newTestReader returns a reader of two rings, and what writes to them.
func newTestReader(t testing.TB) (r *reader, rare, bulk *writer) {
	t.Helper()
	needsRoot(t)
	rare, bulk = newWriter(t, minRingBytes), newWriter(t, 2*minRingBytes)
	r, err := newReader(rare.ring.FD(), minRingBytes, bulk.ring.FD(), 2*minRingBytes)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.close(); err != nil {
			t.Error(err)
		}
	})
	return r, rare, bulk
}

// newReaderSensor returns a sensor that has a reader and nothing else, and what writes to its rare ring.
func newReaderSensor(t testing.TB) (*Sensor, *writer) {
	t.Helper()
	r, rare, _ := newTestReader(t)
	s := &Sensor{reader: r}
	t.Cleanup(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.closed = true
	})
	return s, rare
}

// readText reads once and returns what came, one word a record, and how long it took.
func readText(t testing.TB, r *reader, wait time.Duration) (string, time.Duration) {
	t.Helper()
	var out []string
	start := time.Now()
	_, err := r.read(t.Context(), wait, func(b []byte) { out = append(out, text(b)) })
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(out, " "), time.Since(start)
}

const never = time.Minute // a wait that no test may come to the end of

func TestReadsWhatTheKernelWrote(t *testing.T) {
	r, rare, bulk := newTestReader(t)
	bulk.write(wakeNever, timed(1, "b"))
	bulk.write(wakeNever, timed(3, "b"))
	rare.write(wakeNever, timed(2, "r"))
	got, _ := readText(t, r, 0)
	if d := cmp.Diff("1b 2r 3b", got); d != "" {
		t.Error(d)
	}
}

func TestRingsRunOverManyTimes(t *testing.T) {
	r, rare, bulk := newTestReader(t)
	long := strings.Repeat("x", 3000)
	for i := range uint64(200) {
		rare.write(wakeFirst, timed(2*i, long))
		bulk.write(wakeFirst, timed(2*i+1, long))
		got, _ := readText(t, r, never)
		if d := cmp.Diff(text(timed(2*i, long))+" "+text(timed(2*i+1, long)), got); d != "" {
			t.Fatalf("round %d: %s", i, d)
		}
	}
}

func TestFirstRecordWakes(t *testing.T) {
	for _, urgent := range []bool{true, false} {
		r, rare, bulk := newTestReader(t)
		w := bulk
		if urgent {
			w = rare
		}
		for i := range uint64(5) {
			written := make(chan struct{})
			time.AfterFunc(time.Millisecond, func() { // when the reader sleeps
				w.write(wakeFirst, timed(i, "x"))
				close(written)
			})
			if got, _ := readText(t, r, never); got == "" {
				t.Fatal("woken for nothing")
			}
			<-written
		}
	}
}

func TestUrgentRecordWakes(t *testing.T) {
	r, rare, _ := newTestReader(t)
	rare.write(wakeNever, timed(1, "r"))
	rare.write(wakeNow, timed(2, "r"))
	if got, _ := readText(t, r, never); got != "1r 2r" {
		t.Errorf("got %q", got)
	}
}

func TestReadEndsAfterItsWait(t *testing.T) {
	r, _, _ := newTestReader(t)
	got, took := readText(t, r, 5*time.Millisecond)
	if got != "" || took < 5*time.Millisecond {
		t.Errorf("got %q after %v", got, took)
	}
}

func TestWakeEndsOneRead(t *testing.T) {
	r, _, _ := newTestReader(t)
	r.bell.ring()
	r.bell.ring()
	readText(t, r, never)
	if _, took := readText(t, r, 5*time.Millisecond); took < 5*time.Millisecond {
		t.Error("the bell rings on")
	}
	time.AfterFunc(time.Millisecond, r.bell.ring)
	readText(t, r, never)
}

func TestContextEndsRead(t *testing.T) {
	s, _ := newReaderSensor(t)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(time.Millisecond, cancel)
	for range 2 {
		if n, err := s.Read(ctx, never, func([]byte) {}); n != 0 || !errors.Is(err, context.Canceled) {
			t.Errorf("%d records, %v", n, err)
		}
	}
}

// A context's end that comes late must not write to a descriptor that Close gave back, and that is another's by now: who rings waits
// for Close.
func TestContextEndsReadThroughWake(t *testing.T) {
	s, rare := newReaderSensor(t)
	rare.write(wakeFirst, timed(1, "r"))
	ctx, cancel := context.WithCancel(t.Context())
	s.mu.Lock() // as Close does
	_, err := s.Read(ctx, never, func([]byte) { cancel() })
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	for range 1000 {
		runtime.Gosched()
	}
	if s.reader.bell.rang() {
		t.Error("the bell rang during Close")
	}
	s.mu.Unlock()
}

func TestNewReaderWithoutDescriptors(t *testing.T) {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	none := limit
	none.Cur = 0
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &none); err != nil {
		t.Fatal(err)
	}
	_, err := newReader(-1, minRingBytes, -1, minRingBytes)
	if back := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); back != nil {
		t.Fatal(back)
	}
	if !errors.Is(err, unix.EMFILE) {
		t.Error(err)
	}
	if _, err := unix.FcntlInt(0, unix.F_GETFD, 0); err != nil {
		t.Errorf("standard input is closed: %v", err)
	}
}

// A record that is not to be handed out yet must not be forgotten, though nobody will wake the reader for it.
func TestRecordsOfTheFutureAreReadWhenTheirTimeHasCome(t *testing.T) {
	r, _, bulk := newTestReader(t)
	now, err := bootTime()
	if err != nil {
		t.Fatal(err)
	}
	bulk.write(wakeFirst, timed(now+uint64(30*time.Millisecond), "b"))
	if got, took := readText(t, r, never); got == "" || took < 15*time.Millisecond {
		t.Errorf("got %q after %v", got, took)
	}
}

// Reader and writers run at the same time: nothing is lost, nothing comes twice, what one ring got first comes first, and no wake-up is
// missed.
func TestNothingIsMissedUnderLoad(t *testing.T) {
	r, rare, bulk := newTestReader(t)
	const each = 20_000
	write := func(w *writer, ring *ring, name string) {
		for i := range each {
			for atomic.LoadUint64(ring.producer)-atomic.LoadUint64(ring.consumer) > minRingBytes/2 {
				runtime.Gosched()
			}
			now, err := bootTime()
			if err != nil {
				t.Error(err)
			}
			w.write(wakeFirst, timed(now, name+strconv.Itoa(i)))
		}
	}
	var writers sync.WaitGroup
	defer writers.Wait()
	writers.Go(func() { write(rare, r.rare, "r") })
	writers.Go(func() { write(bulk, r.bulk, "b") })
	next := map[string]int{}
	for next["r"]+next["b"] < 2*each {
		n, err := r.read(t.Context(), 10*time.Second, func(b []byte) {
			name, number := string(b[headBytes:headBytes+1]), string(b[headBytes+1:])
			if number != strconv.Itoa(next[name]) {
				t.Errorf("%s: got %s, want %d", name, number, next[name])
			}
			next[name]++
		})
		if err != nil || n == 0 {
			t.Fatalf("asleep after %v: %d and %d bytes are waiting; %v", next, r.rare.waiting(), r.bulk.waiting(), err)
		}
	}
}
