package bus

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// readAll reads what is in a stream now, as cfg says which, and returns when it has all.
func (b *Bus) readAll(ctx context.Context, stream string, cfg jetstream.ConsumerConfig, each func(jetstream.Msg)) error {
	cfg.AckPolicy, cfg.MemoryStorage, cfg.Replicas, cfg.InactiveThreshold = jetstream.AckNonePolicy, true, 1, consumerIdle
	c, err := b.js.CreateConsumer(ctx, stream, cfg)
	if err != nil {
		return storeError(err)
	}
	defer func() { _ = b.js.DeleteConsumer(context.WithoutCancel(ctx), stream, c.CachedInfo().Name) }() // it would be forgotten anyway
	a := &reading{consumer: c, left: c.CachedInfo().NumPending, each: each, bytes: b.fetchBytes()}
	for a.left > 0 {
		if err := a.some(ctx); err != nil {
			return err
		}
	}
	return nil
}

// reading is how far readAll has come.
type reading struct {
	consumer   jetstream.Consumer
	each       func(jetstream.Msg)
	bytes      int
	came, left uint64 // messages
}

// errShort says that messages that were announced did not come.
var errShort = errors.New("the stream ended early")

// some reads some of the messages that are left.
func (a *reading) some(ctx context.Context) error {
	got, err := a.consumer.Fetch(int(min(a.left, 1024)), jetstream.FetchMaxBytes(a.bytes), jetstream.FetchMaxWait(fetchWait), jetstream.FetchHeartbeat(time.Second))
	if err != nil {
		return storeError(err)
	}
	before := a.came
	for m := range got.Messages() {
		meta, err := m.Metadata()
		if err != nil {
			return err
		}
		if meta.Sequence.Consumer != a.came+1 { // some were lost on their way
			return storeError(errShort)
		}
		a.came++
		a.each(m)
		if a.left = meta.NumPending; a.left == 0 {
			return nil
		}
	}
	if err := got.Error(); err != nil {
		return storeError(err)
	}
	if a.came == before {
		return storeError(errors.Join(ctx.Err(), errShort))
	}
	return nil
}
