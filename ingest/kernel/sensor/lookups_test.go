package sensor

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
)

func TestLookupsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		settled := 0
		var woken atomic.Int32
		l := newLookups(2, func() { woken.Add(1) })
		stuck := make(chan struct{})
		look := func() func() {
			<-stuck
			return func() { settled++ }
		}
		l.start(look)
		if l.full() {
			t.Error("full with one")
		}
		l.start(look)
		if !l.full() {
			t.Error("not full with two")
		}
		synctest.Wait()
		if l.settle(); settled != 0 || l.busy() != 2 {
			t.Errorf("%d settled, %d busy", settled, l.busy())
		}
		stuck <- struct{}{}
		synctest.Wait()
		if l.settle(); settled != 1 || woken.Load() != 1 || l.busy() != 1 {
			t.Errorf("%d settled, %d woken, %d busy", settled, woken.Load(), l.busy())
		}
		if l.full() {
			t.Error("no room, though one is done")
		}
		l.start(look)
		close(stuck)
		synctest.Wait()
		if l.settle(); settled != 3 {
			t.Errorf("%d settled", settled)
		}
		l.settle()
	})
}
