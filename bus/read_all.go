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
	for left := c.CachedInfo().NumPending; left > 0; {
		if left, err = readSome(ctx, c, left, each); err != nil {
			return err
		}
	}
	return nil
}

// errShort says that messages that were announced did not come.
var errShort = errors.New("the stream ended early")

// readSome reads some of the messages that are left, and returns how many are left then.
func readSome(ctx context.Context, c jetstream.Consumer, left uint64, each func(jetstream.Msg)) (uint64, error) {
	got, err := c.Fetch(int(min(left, 1024)), jetstream.FetchMaxBytes(fetchBytes), jetstream.FetchMaxWait(fetchWait), jetstream.FetchHeartbeat(time.Second))
	if err != nil {
		return left, storeError(err)
	}
	before := left
	for m := range got.Messages() {
		meta, err := m.Metadata()
		if err != nil {
			return left, err
		}
		each(m)
		left = meta.NumPending
		if left == 0 {
			return 0, nil
		}
	}
	if err := got.Error(); err != nil {
		return left, storeError(err)
	}
	if left == before {
		return left, storeError(errors.Join(ctx.Err(), errShort))
	}
	return left, nil
}
