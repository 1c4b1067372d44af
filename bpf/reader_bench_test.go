package bpf

import (
	"testing"

	"github.com/cilium/ebpf"
)

// BenchmarkDrain reads rings that a program has filled, record by record, in place: what a record costs before anybody looks at it.
func BenchmarkDrain(b *testing.B) {
	needsRoot(b)
	const ringBytes = 8 << 20
	rare, bulk := newWriter(b, minRingBytes), newWriter(b, ringBytes)
	r, err := newReader(rare.ring.FD(), minRingBytes, bulk.ring.FD(), ringBytes)
	if err != nil {
		b.Fatal(err)
	}
	defer r.close()
	record := timed(1, "some text behind the head")
	bulk.write(wakeNever, record)
	records := ringBytes / (len(record) + 16) / 2
	var sum uint64
	for n := 0; n < b.N; {
		b.StopTimer()
		if _, err := bulk.output.Run(&ebpf.RunOptions{Data: make([]byte, 64), Repeat: uint32(records)}); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		for r.bulk.waiting() > 0 {
			got, err := r.drain(func(rec []byte) { sum += timeOf(rec) })
			if err != nil {
				b.Fatal(err)
			}
			n += got
		}
	}
	b.SetBytes(int64(len(record)))
}
