package bpf

import (
	"encoding/binary"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"
)

// fakeRing is a ring in plain memory, written as the kernel writes.
type fakeRing struct {
	*ring
}

func newFakeRing(size uint64) *fakeRing {
	var positions [2]uint64
	data := make([]uint64, size/8) // aligned to 8
	bytes := unsafe.Slice((*byte)(unsafe.Pointer(&data[0])), size)
	r := ringOver((*byte)(unsafe.Pointer(&positions[0])), (*byte)(unsafe.Pointer(&positions[1])), bytes)
	return &fakeRing{r}
}

// set writes at a position.
func (f *fakeRing) set(pos uint64, b []byte) {
	for i, c := range b {
		f.data[(pos+uint64(i))&f.mask] = c
	}
}

// put appends a record with these bits in its header and returns its position.
func (f *fakeRing) put(bits uint32, record []byte) uint64 {
	pos := *f.producer
	f.set(pos, binary.NativeEndian.AppendUint32(nil, uint32(len(record))|bits))
	f.set(pos+recordHeaderBytes, record)
	atomic.StoreUint64(f.producer, (pos+recordHeaderBytes+uint64(len(record))+7)&^7)
	return pos
}

// commit takes the bits out of the header of the record at pos.
func (f *fakeRing) commit(pos uint64, record []byte) {
	f.set(pos, binary.NativeEndian.AppendUint32(nil, uint32(len(record))))
}

const headBytes = int(unsafe.Sizeof(Head{}))

// timed is a record of this time, which carries text.
func timed(time uint64, text string) []byte {
	b := make([]byte, headBytes, headBytes+len(text))
	binary.NativeEndian.PutUint64(b, time)
	return append(b, text...)
}

func text(record []byte) string {
	return fmt.Sprintf("%d%s", timeOf(record), record[headBytes:])
}

// drained returns what drain hands out, one word each.
func drained(rare, bulk *fakeRing, until uint64) string {
	var out []string
	n := drain(rare.ring, bulk.ring, until, func(r []byte) { out = append(out, text(r)) })
	if n != len(out) {
		out = append(out, fmt.Sprintf("and says %d", n))
	}
	return strings.Join(out, " ")
}

func TestDrainMergesByTime(t *testing.T) {
	rare, bulk := newFakeRing(1<<14), newFakeRing(1<<14)
	for _, at := range []uint64{3, 4, 9} {
		rare.put(0, timed(at, "r"))
	}
	for _, at := range []uint64{1, 4, 5, 12} {
		bulk.put(0, timed(at, "b"))
	}
	f := func(until uint64, want string) {
		t.Helper()
		if d := cmp.Diff(want, drained(rare, bulk, until)); d != "" {
			t.Error(d)
		}
	}
	f(2, "1b")
	f(4, "3r 4r 4b")
	f(20, "5b 9r 12b")
	f(20, "")
	if rare.waiting() != 0 || bulk.waiting() != 0 || *rare.consumer != *rare.producer || *bulk.consumer != *bulk.producer {
		t.Error("the rings are not empty")
	}
}

func TestDrainStopsAtItsSnapshot(t *testing.T) {
	rare, bulk := newFakeRing(1<<14), newFakeRing(1<<14)
	rare.put(0, timed(1, "r"))
	n := drain(rare.ring, bulk.ring, 10, func([]byte) { rare.put(0, timed(2, "r")) })
	if n != 1 || rare.waiting() == 0 {
		t.Errorf("%d records, %d bytes waiting", n, rare.waiting())
	}
}

func TestBusyRecordHoldsItsRingOnly(t *testing.T) {
	rare, bulk := newFakeRing(1<<14), newFakeRing(1<<14)
	late := timed(1, "r")
	pos := rare.put(recordBusy, late)
	rare.put(0, timed(2, "r"))
	bulk.put(0, timed(3, "b"))
	if d := cmp.Diff("3b", drained(rare, bulk, 10)); d != "" {
		t.Error(d)
	}
	if rare.waiting() == 0 {
		t.Error("nobody would look again")
	}
	rare.commit(pos, late)
	if d := cmp.Diff("1r 2r", drained(rare, bulk, 10)); d != "" {
		t.Error(d)
	}
}

func TestDiscardedRecordsAreSkipped(t *testing.T) {
	rare, bulk := newFakeRing(1<<14), newFakeRing(1<<14)
	rare.put(recordDiscarded, timed(1, "no"))
	rare.put(0, timed(2, "r"))
	rare.put(recordDiscarded, timed(3, "no"))
	if d := cmp.Diff("2r", drained(rare, bulk, 10)); d != "" {
		t.Error(d)
	}
	if rare.waiting() != 0 || *rare.consumer != *rare.producer {
		t.Error("discarded records keep their room")
	}
}

func TestRecordsRunOverTheEnd(t *testing.T) {
	rare, bulk := newFakeRing(1<<10), newFakeRing(1<<10)
	for i := range uint64(100) {
		want := fmt.Sprintf("%d%s", i, strings.Repeat("x", int(i)))
		rare.put(0, timed(i, strings.Repeat("x", int(i))))
		if d := cmp.Diff(want, drained(rare, bulk, 1000)); d != "" {
			t.Fatal(d)
		}
	}
}

func TestRoomIsGivenBackInPieces(t *testing.T) {
	rare, bulk := newFakeRing(1<<20), newFakeRing(1<<10)
	for range 2 * publishBytes / 300 {
		rare.put(0, timed(1, strings.Repeat("x", 100)))
	}
	var published []uint64
	drain(rare.ring, bulk.ring, 10, func([]byte) {
		if p := *rare.consumer; len(published) == 0 || published[len(published)-1] != p {
			published = append(published, p)
		}
	})
	if len(published) != 3 || published[0] != 0 || published[1] < publishBytes || published[2] < 2*publishBytes {
		t.Errorf("published at %d", published)
	}
}

func TestShortRecordIsHandedOut(t *testing.T) {
	rare, bulk := newFakeRing(1<<10), newFakeRing(1<<10)
	rare.put(0, []byte("oops"))
	var got string
	drain(rare.ring, bulk.ring, 10, func(r []byte) { got = string(r) })
	if got != "oops" {
		t.Errorf("got %q: nobody would notice that it is no record", got)
	}
}

// A full ring is handed out in parts.
func TestDrainStops(t *testing.T) {
	rare, bulk := newFakeRing(1<<16), newFakeRing(1<<20)
	for i := range uint64(200) {
		bulk.put(0, append(timed(i+1, "b"), make([]byte, 4000)...))
	}
	rare.put(0, timed(100, "r"))
	calls, records := 0, 0
	for n := 1; n > 0; calls++ {
		last := 0
		n = drain(rare.ring, bulk.ring, 1000, func(r []byte) { last += len(r) })
		if records += n; last > drainBytes+4096 {
			t.Errorf("%d bytes at once", last)
		}
	}
	if records != 201 || calls != 5 { // the last of them finds nothing
		t.Errorf("%d records in %d calls", records, calls)
	}
}
