package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// Checkpoint is how far the detector has come.
type Checkpoint struct {
	// Seq is the last batch of the stream of events whose alerts and facts are stored.
	Seq uint64 `json:"seq"`
	// RebuildFrom is where reading begins after a restart: about 15 minutes before Seq.
	RebuildFrom uint64 `json:"rebuild_from"`
	// Rules is the hash of the rule set that judged.
	Rules string `json:"rules"`
	// Writer tells processes apart: whoever saved it last.
	Writer string `json:"writer"`

	revision uint64 // of the bucket: it must be the same when it is saved
}

const checkpointKey = "detector"

// LoadCheckpoint returns the checkpoint, the zero one where there is none yet.
func (b *Bus) LoadCheckpoint(ctx context.Context) (Checkpoint, error) {
	var c Checkpoint
	e, err := b.ckpt.Get(ctx, checkpointKey)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return c, nil
	}
	if err == nil {
		err = json.Unmarshal(e.Value(), &c)
	}
	if err != nil {
		return c, fmt.Errorf("load the checkpoint: %w", storeError(err))
	}
	c.revision = e.Revision()
	return c, nil
}

// SaveCheckpoint saves c, which LoadCheckpoint or SaveCheckpoint has returned or set, unless another process has saved one
// since: then it is ErrFenced. After ErrUnavailable it may be tried again.
func (b *Bus) SaveCheckpoint(ctx context.Context, c *Checkpoint) error {
	value, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("encode the checkpoint: %w", err)
	}
	c.revision, err = b.swap(ctx, b.ckpt, checkpointKey, value, c.revision, c.writtenByUs)
	if err != nil {
		return fmt.Errorf("save the checkpoint: %w", err)
	}
	return nil
}

// writtenByUs says whether what is stored comes from the same process: then an answer was lost, and nobody has taken over.
func (c *Checkpoint) writtenByUs(stored []byte) bool {
	var s Checkpoint
	return json.Unmarshal(stored, &s) == nil && s.Writer == c.Writer && c.Writer != ""
}

// swap replaces the value of a key whose revision is known (0: the key is not there), and returns the new revision. Where the
// revision is another one, but ours tells that the value comes from this very process, it goes on from that. Otherwise it is
// ErrFenced, and the revision stays.
func (b *Bus) swap(ctx context.Context, kv jetstream.KeyValue, key string, value []byte, revision uint64, ours func(stored []byte) bool) (uint64, error) {
	now, err := kv.Update(ctx, key, value, revision)
	if err == nil {
		return now, nil
	}
	if !conflict(err) {
		return revision, storeError(err)
	}
	e, err := kv.Get(ctx, key)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return revision, fmt.Errorf("%w: %s is gone", ErrFenced, key)
	} else if err != nil {
		return revision, storeError(err)
	}
	if !ours(e.Value()) {
		return revision, ErrFenced
	}
	if now, err = kv.Update(ctx, key, value, e.Revision()); conflict(err) {
		return revision, ErrFenced
	} else if err != nil {
		return revision, storeError(err)
	}
	return now, nil
}

// conflict says whether a compare-and-set failed since the revision is another one.
func conflict(err error) bool {
	return errors.Is(err, jetstream.ErrKeyExists) || errors.Is(err, jetstream.ErrKeyRevisionMismatch)
}
