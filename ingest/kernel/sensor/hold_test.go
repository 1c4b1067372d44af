package sensor

import (
	"context"
	"testing"
	"time"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/kernel"
)

// What was held is not lost to the decoder, however many records of the same processor came meanwhile.
func TestHeldRecordsAreEvents(t *testing.T) {
	for _, meanwhile := range []int{1, 65, 1000} {
		onBench(t, named(0, time.Millisecond), func(b *bench) {
			d := kernel.NewDecoder()
			execs := map[uint32]int{}
			read := func() {
				batch, err := b.Next(context.Background())
				if err != nil {
					t.Fatal(err)
				}
				defer batch.Release()
				d.Decode(batch, func(e event.Event) { execs[e.(*kernel.Event).Process().PID]++ }, func(f event.Fault) { t.Error(f) })
			}
			read()
			b.reader.put(cgroupRecord(1, 5, podPath+containerID), execRecord(5, 70, entry), execRecord(5, 71, 0))
			for i := range meanwhile {
				b.reader.put(execRecord(hostCgroup, uint32(100+i), 0))
			}
			read()
			if execs[70] != 0 {
				t.Error("nothing was held")
			}
			read()
			if execs[70] != 1 || execs[71] != 1 || len(execs) != meanwhile+2 {
				t.Errorf("%d records meanwhile: %d and %d events of what was held, %d processes", meanwhile, execs[70], execs[71], len(execs))
			}
		})
	}
}
