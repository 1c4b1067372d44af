package main

import (
	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/kernel"
	"github.com/parallax-sec/parallax/ingest/kernel/sensor"
)

// keeper is a decoder that keeps the sessions of its stream in a file.
type keeper struct {
	*kernel.Decoder
	state  sensor.State
	failed func(error) // told of the first failure; others are most likely the same

	changed bool // since sessions were kept
}

// Decode decodes.
func (k *keeper) Decode(b *event.Batch, yield func(event.Event), fault func(event.Fault)) {
	k.Decoder.Decode(b, func(e event.Event) {
		k.changed = true
		yield(e)
	}, fault)
}

// keep writes the file if something happened since the last time. What begins between two calls is of unseen origin to the next sensor,
// should this one be killed.
func (k *keeper) keep() {
	if !k.changed || k.state.Path == "" {
		return
	}
	k.changed = false
	if err := k.state.Save(k.Sessions()); err != nil && k.failed != nil {
		k.failed(err)
		k.failed = nil
	}
}
