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
		first, second, third := l.start(look), l.start(look), l.start(look)
		if !first || !second || third {
			t.Error("want two at once")
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
		if !l.start(look) {
			t.Error("no room, though one is done")
		}
		close(stuck)
		synctest.Wait()
		if l.settle(); settled != 3 {
			t.Errorf("%d settled", settled)
		}
		l.settle()
	})
}
