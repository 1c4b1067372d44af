package daemon

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/sinks"
)

// delivery brings alerts to one sink while this hub is the active one.
type delivery struct {
	d    *Daemon
	name string
	sink sinks.Sink
	min  int                            // severity of the least severe alerts that it gets
	loop atomic.Pointer[sinks.Delivery] // of this term; nil before the first
}

// openSinks opens all sinks: the output, and those that the configuration names.
func (h *hub) openSinks(context.Context) error {
	d := h.d
	h.deliveries = append(h.deliveries, &delivery{d: d, name: "output", sink: d.output})
	for i := range d.cfg.Sinks {
		c := &d.cfg.Sinks[i]
		s, err := d.sink(c)
		if err != nil {
			return fmt.Errorf("sink %s: %w", c.Name, err)
		}
		d.open.add(s.Close)
		h.deliveries = append(h.deliveries, &delivery{d: d, name: c.Name, sink: s, min: minSeverity(c)})
	}
	return nil
}

// start delivers until ctx is done.
func (o *delivery) start(ctx context.Context, t *term, running *sync.WaitGroup) {
	running.Go(func() {
		if err := o.run(ctx, t); err != nil && ctx.Err() == nil {
			o.d.fail(fmt.Errorf("sink %s: %w", o.name, err))
		} else if err != nil {
			o.d.s.Log.Info("a sink has not taken all alerts yet: they stay in the stream", "sink", o.name, "error", err.Error())
		}
	})
}

func (o *delivery) run(ctx context.Context, t *term) error {
	queue, err := o.d.bus.AlertQueue(ctx, o.name)
	for err != nil && mayRetry(err) && sleep(ctx, time.Second) == nil {
		queue, err = o.d.bus.AlertQueue(ctx, o.name)
	}
	if err != nil {
		return err
	}
	defer queue.Close()
	cfg := sinks.DefaultConfig()
	cfg.Name, cfg.Log, cfg.Drain, cfg.MinSeverity = o.name, o.d.s.Log, o.d.cfg.Ops.Drain/2, o.min
	loop, err := sinks.NewDelivery(cfg, queue, fenced{o.sink, t})
	if err != nil {
		return err
	}
	o.loop.Store(loop)
	return loop.Run(ctx)
}

// stats returns what became of alerts at each sink in this term.
func (h *hub) stats() map[string]sinks.Stats {
	out := map[string]sinks.Stats{}
	for _, o := range h.deliveries {
		if loop := o.loop.Load(); loop != nil {
			out[o.name] = loop.Stats()
		}
	}
	return out
}

// fenced is a sink that is written to by the active hub only.
type fenced struct {
	sinks.Sink
	t *term
}

// Write writes as long as this hub is the active one.
func (f fenced) Write(ctx context.Context, alerts []*event.Alert) error {
	if err := f.t.active(); err != nil {
		return err
	}
	return f.Sink.Write(ctx, alerts)
}

// Duplicates is sinks.Deduplicator's.
func (f fenced) Duplicates() uint64 { return duplicates(f.Sink) }

// duplicates is how many alerts a sink had already; 0 where it does not know.
func duplicates(s sinks.Sink) uint64 {
	if d, ok := s.(sinks.Deduplicator); ok {
		return d.Duplicates()
	}
	return 0
}
