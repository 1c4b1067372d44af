package daemon

import (
	"time"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/kernel"
	"github.com/parallax-sec/parallax/ingest/kernel/sensor"
)

// keeper is a decoder that keeps the sessions of its stream in a file. It writes in a goroutine of its own, so that nothing waits for the
// file while the kernel's rings fill up; its methods are for the goroutine that decodes.
type keeper struct {
	*kernel.Decoder
	state  sensor.State
	failed func(error) // told of the first failure; others are most likely the same

	changed bool       // since sessions were kept
	saving  chan saved // gets what became of the writing that goes on; nil: none does
	rest    time.Time  // before which nothing is written
}

// saved is what became of one writing of the file.
type saved struct {
	took time.Duration
	err  error
}

// keepRest bounds what keeping costs: after each writing comes a pause so many times as long, which is 3 s with as many sessions as there
// can be, and hardly anything on most machines.
const keepRest = 20

// Decode decodes.
func (k *keeper) Decode(b *event.Batch, yield func(event.Event), fault func(event.Fault)) {
	k.Decoder.Decode(b, func(e event.Event) {
		k.changed = true
		yield(e)
	}, fault)
}

// keep begins to write the file if something happened since the last time. What begins between two calls is of unseen origin to the next
// sensor, should this one be killed.
func (k *keeper) keep() {
	select {
	case s := <-k.saving:
		k.saved(s)
	default:
	}
	if k.saving == nil && time.Now().After(k.rest) {
		k.save()
	}
}

// finish writes what happened last, and waits until it is in the file.
func (k *keeper) finish() {
	k.wait()
	k.save()
	k.wait()
}

func (k *keeper) save() {
	if !k.changed || k.state.Path == "" {
		return
	}
	k.changed = false
	began, sessions, saving := time.Now(), k.Sessions(), make(chan saved, 1)
	k.saving = saving
	go func() {
		err := k.state.Save(sessions)
		saving <- saved{time.Since(began), err}
	}()
}

func (k *keeper) wait() {
	if k.saving != nil {
		k.saved(<-k.saving)
	}
}

func (k *keeper) saved(s saved) {
	k.saving, k.rest = nil, time.Now().Add(keepRest*s.took)
	if s.err != nil && k.failed != nil {
		k.failed(s.err)
		k.failed = nil
	}
}
