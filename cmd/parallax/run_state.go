package main

import (
	"time"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/kernel"
	"github.com/parallax-sec/parallax/ingest/kernel/sensor"
)

// keepEvery is how often sessions are kept at most: what begins in between is of unseen origin to the next sensor, should this one be
// killed.
const keepEvery = 2 * time.Second

// keeper is a decoder that keeps the sessions of its stream in a file.
type keeper struct {
	*kernel.Decoder
	state  sensor.State
	failed func(error) // told of the first failure; others are most likely the same
	now    func() time.Time

	changed bool
	next    time.Time
}

// Decode decodes, and keeps sessions when something happened.
func (k *keeper) Decode(b *event.Batch, yield func(event.Event), fault func(event.Fault)) {
	k.Decoder.Decode(b, func(e event.Event) {
		k.changed = true
		yield(e)
	}, fault)
	if now := k.now(); k.changed && !now.Before(k.next) {
		k.next = now.Add(keepEvery)
		k.keep()
	}
}

// keep writes the file.
func (k *keeper) keep() {
	sessions := k.Sessions()
	if sessions == nil || k.state.Path == "" {
		return
	}
	k.changed = false
	if err := k.state.Save(sessions); err != nil && k.failed != nil {
		k.failed(err)
		k.failed = nil
	}
}
