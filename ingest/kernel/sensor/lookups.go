package sensor

import "sync"

// lookups runs what may take for ever, a bounded number at a time, each in a goroutine of its own. What becomes of it is done by
// the goroutine that calls settle.
type lookups struct {
	room chan struct{} // one element for each lookup at work
	wake func()        // called when one is done

	mu   sync.Mutex
	done []func() // guarded by mu
}

func newLookups(atOnce int, wake func()) *lookups {
	return &lookups{room: make(chan struct{}, atOnce), wake: wake}
}

// start runs look, whose result settle calls. It waits while as many are at work as may be, which full tells.
func (l *lookups) start(look func() (settle func())) {
	l.room <- struct{}{}
	go func() {
		settle := look()
		<-l.room
		l.mu.Lock()
		l.done = append(l.done, settle)
		l.mu.Unlock()
		l.wake()
	}()
}

// settle calls what the lookups that are done have come to, in the order in which they were.
func (l *lookups) settle() {
	l.mu.Lock()
	done := l.done
	l.done = nil
	l.mu.Unlock()
	for _, settle := range done {
		settle()
	}
}

// full says whether as many are at work as may be. When one of them is done it wakes who waits for room.
func (l *lookups) full() bool { return len(l.room) == cap(l.room) }

// busy is how many are at work.
func (l *lookups) busy() int { return len(l.room) }
