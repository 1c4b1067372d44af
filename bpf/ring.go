package bpf

import (
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// What the kernel writes in front of each record, and its bits (include/uapi/linux/bpf.h: BPF_RINGBUF_BUSY_BIT, _DISCARD_BIT, _HDR_SZ).
const (
	recordHeaderBytes = 8
	recordBusy        = 1 << 31 // reserved, not yet written
	recordDiscarded   = 1 << 30
)

// publishBytes is how much is read before the room is given back to the programs: each time costs a cache line that all CPUs want.
const publishBytes = 64 << 10

// ring is a ring buffer of the kernel (kernel/bpf/ringbuf.c), mapped: a page with the position of the consumer, a page with that of
// the producers, then the data. The kernel offers the data a second time behind it, so that no record is cut in two; but what is mapped
// twice counts twice as memory of the process, so the one record in thousands that runs over the end is copied. One goroutine reads it.
type ring struct {
	consumer, producer *uint64 // shared with the kernel; bytes since the ring was made
	data               []byte
	mask               uint64
	joined             []uint64 // a record that ran over the end, aligned as in the ring

	pos       uint64 // of the next record; published <= pos
	published uint64 // what the kernel knows of pos
	end       uint64 // what the producers had written when snapshot was called

	mapped [][]byte
}

// newRing maps the ring buffer fd, which holds size bytes.
func newRing(fd int, size uint32) (*ring, error) {
	page := os.Getpagesize()
	cons, err := unix.Mmap(fd, 0, page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("map the consumer's page: %w", err)
	}
	prod, err := unix.Mmap(fd, int64(page), page+int(size), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("map the ring: %w", err), unix.Munmap(cons))
	}
	r := ringOver(&cons[0], &prod[0], prod[page:])
	r.mapped = [][]byte{cons, prod}
	return r, nil
}

// ringOver returns the ring with these positions and this data.
func ringOver(consumer, producer *byte, data []byte) *ring {
	r := &ring{
		consumer: (*uint64)(unsafe.Pointer(consumer)),
		producer: (*uint64)(unsafe.Pointer(producer)),
		data:     data,
		mask:     uint64(len(data) - 1),
	}
	r.pos = atomic.LoadUint64(r.consumer)
	r.published = r.pos
	return r
}

// snapshot fixes up to where peek reads.
func (r *ring) snapshot() { r.end = atomic.LoadUint64(r.producer) }

// peek returns the next record with room, the bytes that it takes in the ring; nil where there is none before the snapshot's end, or where
// it is not yet written. It is valid until skip.
func (r *ring) peek() (record []byte, room uint64) {
	for r.pos != r.end {
		at := r.pos & r.mask
		length := atomic.LoadUint32((*uint32)(unsafe.Pointer(&r.data[at])))
		if length&recordBusy != 0 {
			return nil, 0
		}
		n := uint64(length &^ recordDiscarded)
		room = (n + recordHeaderBytes + 7) &^ 7
		if length&recordDiscarded == 0 {
			return r.record((at+recordHeaderBytes)&r.mask, n), room
		}
		r.skip(room)
	}
	return nil, 0
}

// record returns the n bytes at this offset.
func (r *ring) record(at, n uint64) []byte {
	if end := at + n; end <= uint64(len(r.data)) {
		return r.data[at:end:end]
	}
	if words := int(n+7) / 8; words > len(r.joined) {
		r.joined = make([]uint64, words)
	}
	joined := unsafe.Slice((*byte)(unsafe.Pointer(&r.joined[0])), 8*len(r.joined))[:n:n]
	first := copy(joined, r.data[at:])
	copy(joined[first:], r.data)
	return joined
}

// skip goes past the record that peek returned.
func (r *ring) skip(room uint64) {
	r.pos += room
	if r.pos-r.published >= publishBytes {
		r.publish()
	}
}

// publish gives the room of what has been read back to the programs.
func (r *ring) publish() {
	if r.pos != r.published {
		atomic.StoreUint64(r.consumer, r.pos)
		r.published = r.pos
	}
}

// waiting returns how many bytes have been written and not read. After publish, zero means that the next record wakes the reader:
// the kernel wakes when the record that it commits is the one that the consumer's position stands at (bpf_ringbuf_commit).
func (r *ring) waiting() uint64 { return atomic.LoadUint64(r.producer) - r.pos }

func (r *ring) close() error {
	var err error
	for _, m := range r.mapped {
		err = errors.Join(err, unix.Munmap(m))
	}
	r.mapped = nil
	return err
}
