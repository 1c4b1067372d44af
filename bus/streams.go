package bus

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// The streams and buckets.
const (
	streamEvents     = "PLX"
	streamAlerts     = "PLX_ALERT"
	streamFacts      = "PLX_FACT"
	streamDead       = "PLX_DLQ"
	streamQuarantine = "PLX_QUARANTINE"
	bucketCheckpoint = "plx-ckpt"
	bucketMeta       = "plx-meta"
)

const (
	// dedupeEvents is for how long a body that an API server sends again is known, dedupeAlerts the same for alerts. Both save
	// space only: what is stored twice has the same ids.
	dedupeEvents = 15 * time.Minute
	dedupeAlerts = time.Hour
	// keepAside is how long dead letters and quarantined pieces are kept. They have been reported: the oldest make room.
	keepAside   = 30 * 24 * time.Hour
	bucketBytes = 16 << 20
)

// streamConfigs are the streams. Those that hold what may not have been handled yet have no maximum age (a jump of the clock would
// delete it) and refuse what is too much.
func streamConfigs(l *Limits, replicas int) []jetstream.StreamConfig {
	subjects := func(prefixes ...string) (out []string) {
		for _, p := range prefixes {
			out = append(out, p+".>")
		}
		return out
	}
	configs := []jetstream.StreamConfig{
		{Name: streamEvents, Subjects: subjects(subjectAudit, subjectNode, subjectFalco, subjectControl), MaxBytes: l.Events, Discard: jetstream.DiscardNew, Duplicates: dedupeEvents, AllowAtomicPublish: true},
		{Name: streamAlerts, Subjects: subjects(subjectAlert), MaxBytes: l.Alerts, Discard: jetstream.DiscardNew, Duplicates: dedupeAlerts, AllowAtomicPublish: true},
		{Name: streamFacts, Subjects: subjects(subjectFact), MaxBytes: l.Facts, Discard: jetstream.DiscardNew, MaxMsgsPerSubject: 1, AllowAtomicPublish: true},
		{Name: streamDead, Subjects: subjects(subjectDead), MaxBytes: l.Dead, Discard: jetstream.DiscardOld, MaxAge: keepAside, Duplicates: dedupeAlerts},
		{Name: streamQuarantine, Subjects: subjects(subjectQuarantine), MaxBytes: l.Quarantine, Discard: jetstream.DiscardOld, MaxAge: keepAside, Duplicates: dedupeAlerts},
	}
	for i := range configs {
		configs[i].Storage, configs[i].Replicas = jetstream.FileStorage, replicas
		configs[i].DenyDelete = true
	}
	return configs
}

// makeStreams makes what is not there, and changes the sizes of what is.
func (b *Bus) makeStreams(ctx context.Context) (err error) {
	replicas := b.replicas()
	for _, cfg := range streamConfigs(&b.cfg.Limits, replicas) {
		if err := b.makeStream(ctx, cfg); err != nil {
			return fmt.Errorf("make the stream %s: %w", cfg.Name, err)
		}
	}
	if b.ckpt, err = b.makeBucket(ctx, bucketCheckpoint, replicas); err != nil {
		return err
	}
	b.meta, err = b.makeBucket(ctx, bucketMeta, replicas)
	return err
}

// makeStream makes a stream, or changes the one that is there. Its number of copies stays what it was unless Config names one:
// whoever runs the cluster may have changed it.
func (b *Bus) makeStream(ctx context.Context, cfg jetstream.StreamConfig) error {
	old, err := b.js.Stream(ctx, cfg.Name)
	if err == nil && b.cfg.Replicas == 0 {
		cfg.Replicas = old.CachedInfo().Config.Replicas
	}
	if err != nil && !errors.Is(err, jetstream.ErrStreamNotFound) {
		return storeError(err)
	}
	_, err = b.js.CreateOrUpdateStream(ctx, cfg)
	return storeError(err)
}

// makeBucket makes a key-value bucket that is read where it is written: a copy that lags behind would tell of an older checkpoint.
func (b *Bus) makeBucket(ctx context.Context, name string, replicas int) (jetstream.KeyValue, error) {
	kv, err := b.js.KeyValue(ctx, name)
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		_, err = b.js.CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{
			Bucket: name, History: 2, Storage: jetstream.FileStorage, Replicas: replicas, MaxBytes: bucketBytes,
		})
		if err == nil {
			err = b.readAtLeader(ctx, "KV_"+name) // the stream of a bucket (NATS ADR-8)
		}
		if err == nil {
			kv, err = b.js.KeyValue(ctx, name)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("make the bucket %s: %w", name, storeError(err))
	}
	return kv, nil
}

func (b *Bus) readAtLeader(ctx context.Context, stream string) error {
	s, err := b.js.Stream(ctx, stream)
	if err != nil {
		return err
	}
	cfg := s.CachedInfo().Config
	cfg.AllowDirect = false
	_, err = b.js.UpdateStream(ctx, cfg)
	return err
}

// sharedKey returns the key of message ids, which the first hub makes.
func (b *Bus) sharedKey(ctx context.Context) ([]byte, error) {
	const name = "message-id-key"
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails (crypto/rand)
	if _, err := b.meta.Create(ctx, name, key); err == nil {
		return key, nil
	} else if !errors.Is(err, jetstream.ErrKeyExists) {
		return nil, fmt.Errorf("store the key of message ids: %w", storeError(err))
	}
	e, err := b.meta.Get(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("read the key of message ids: %w", storeError(err))
	}
	return e.Value(), nil
}
