package bus

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go/jetstream"
)

// oldestServer is the minor version of nats-server 2 that is needed: atomic batches came with 2.12 (NATS ADR-50).
const oldestServer = 12

// checkVersion refuses a server that is too old.
func (b *Bus) checkVersion() error {
	v := b.nc.ConnectedServerVersion()
	major, rest, _ := strings.Cut(v, ".")
	minor, _, _ := strings.Cut(rest, ".")
	if n, err := strconv.Atoi(minor); major == "2" && err == nil && n < oldestServer {
		return fmt.Errorf("the NATS server is of version %s: 2.%d or later is needed", v, oldestServer)
	}
	return nil
}

// makeAll makes what is not there, and changes the sizes of what is.
func (b *Bus) makeAll(ctx context.Context) error {
	replicas := b.replicas()
	for _, cfg := range streamConfigs(&b.cfg.Limits, replicas) {
		if err := b.persist(ctx, "make the stream "+cfg.Name, func(ctx context.Context) error { return b.makeStream(ctx, cfg) }); err != nil {
			return err
		}
	}
	for name, bucket := range map[string]*jetstream.KeyValue{bucketCheckpoint: &b.ckpt, bucketMeta: &b.meta} {
		err := b.persist(ctx, "make the bucket "+name, func(ctx context.Context) (err error) {
			*bucket, err = b.makeBucket(ctx, name, replicas)
			return err
		})
		if err != nil {
			return err
		}
	}
	return b.persist(ctx, "agree on the key of message ids", b.shareKey)
}

// persist does something until it succeeds, ctx ends, or trying again is no use. Each try has its time: an answer may be lost.
func (b *Bus) persist(ctx context.Context, what string, do func(context.Context) error) error {
	for wait := retryFirst; ; wait = min(2*wait, retryMost) {
		trial, cancel := context.WithTimeout(ctx, b.cfg.Timeout)
		err := do(trial)
		cancel()
		if err == nil {
			return nil
		}
		if err = fmt.Errorf("%s: %w", what, storeError(err)); !passing(err) {
			return err
		}
		b.log.Warn("the streams are not ready", "error", err)
		if sleep(ctx, wait) != nil {
			return err
		}
	}
}

// Error codes of a cluster that may be able to later.
const (
	codeNoPeers   = 10005 // JSClusterNoPeersErrF: too few servers are there
	codeNoCluster = 10074 // JSStreamReplicasNotSupportedErr
)

// passing says whether an error of the JetStream API may pass.
func passing(err error) bool {
	var api *jetstream.APIError
	if !errors.As(err, &api) {
		return true
	}
	return api.ErrorCode == codeNoPeers || api.Code >= 500 && api.ErrorCode != codeNoCluster
}

// replicas returns how many copies of each message are kept: what Config says, or three in a cluster.
func (b *Bus) replicas() int {
	switch {
	case b.server != nil:
		return 1
	case b.cfg.Replicas > 0:
		return b.cfg.Replicas
	case b.nc.ConnectedClusterName() != "":
		return 3
	}
	return 1
}

// makeStream makes a stream, or changes the one that is there. Its number of copies stays what it was unless Config names one:
// whoever runs the cluster may have changed it.
func (b *Bus) makeStream(ctx context.Context, cfg jetstream.StreamConfig) error {
	old, err := b.js.Stream(ctx, cfg.Name)
	if err != nil && !errors.Is(err, jetstream.ErrStreamNotFound) {
		return err
	}
	if err == nil && b.cfg.Replicas == 0 {
		cfg.Replicas = old.CachedInfo().Config.Replicas
	}
	made, err := b.js.CreateOrUpdateStream(ctx, cfg)
	if err == nil && cfg.Name == streamFacts {
		b.factStream = made
	}
	return err
}

// makeBucket makes a key-value bucket that is read where it is written: a copy that lags behind would tell of an older checkpoint.
func (b *Bus) makeBucket(ctx context.Context, name string, replicas int) (jetstream.KeyValue, error) {
	_, err := b.js.KeyValue(ctx, name)
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		_, err = b.js.CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{
			Bucket: name, History: 2, Storage: jetstream.FileStorage, Replicas: replicas, MaxBytes: bucketBytes,
		})
	}
	if err != nil {
		return nil, err
	}
	s, err := b.js.Stream(ctx, "KV_"+name) // the stream of a bucket (NATS ADR-8)
	if err != nil {
		return nil, err
	}
	if cfg := s.CachedInfo().Config; cfg.AllowDirect {
		cfg.AllowDirect = false
		if _, err := b.js.UpdateStream(ctx, cfg); err != nil {
			return nil, err
		}
	}
	return b.js.KeyValue(ctx, name)
}

// shareKey sets the key of message ids, which the first hub makes.
func (b *Bus) shareKey(ctx context.Context) error {
	const name = "message-id-key"
	b.idKey = make([]byte, 32)
	_, _ = rand.Read(b.idKey) // never fails (crypto/rand)
	_, err := b.meta.Create(ctx, name, b.idKey)
	if !errors.Is(err, jetstream.ErrKeyExists) {
		return err
	}
	e, err := b.meta.Get(ctx, name)
	if err != nil {
		return err
	}
	b.idKey = e.Value()
	return nil
}
