package bus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// TrimConfig says what is not needed any more.
type TrimConfig struct {
	// RebuildFrom is the checkpoint's: what is before it is not read again. 0 keeps all events.
	RebuildFrom uint64
	// Sinks are those that alerts are for; those of others are not waited for. None keeps all alerts.
	Sinks []string
	// Retention is how long events are kept that are not needed any more, and AlertRetention the same for alerts, by the stream's own
	// times.
	Retention, AlertRetention time.Duration
}

// fullPercent is where a stream counts as almost full: what is not needed goes, whatever its age.
const fullPercent = 80

// alertRebuild is how long alerts are kept at least: their ids tell repetitions.
const alertRebuild = 15 * time.Minute

// Trim removes what has been handled and is old: events before RebuildFrom, facts that hold no more since before it, and alerts that all
// sinks have taken. Of a stream that
// is almost full, or on a disk that is, what has been handled is removed though it is young, the older half first, until it is enough.
// Nothing else ever removes anything from these streams. Only the active hub calls it.
func (b *Bus) Trim(ctx context.Context, cfg TrimConfig) error {
	var errs []error
	if cfg.RebuildFrom > 0 {
		errs = append(errs, b.trim(ctx, streamEvents, cfg.RebuildFrom, cfg.Retention, 0), b.trimFacts(ctx, cfg.RebuildFrom))
	}
	delivered, err := b.delivered(ctx, cfg.Sinks)
	if err == nil && delivered > 0 {
		err = b.trim(ctx, streamAlerts, delivered+1, cfg.AlertRetention, alertRebuild)
	}
	return errors.Join(append(errs, err)...)
}

// trim removes messages before the sequence end from a stream: those older than keep, and when it is almost full those older than
// least.
func (b *Bus) trim(ctx context.Context, name string, end uint64, keep, least time.Duration) error {
	s, err := b.js.Stream(ctx, name)
	if err != nil {
		return fmt.Errorf("trim %s: %w", name, storeError(err))
	}
	now := time.Now()
	old, err := firstSince(ctx, s, end, now.Add(-keep))
	if err == nil {
		err = purge(ctx, s, old)
	}
	if err == nil && b.almostFull(s) {
		if end, err = firstSince(ctx, s, end, now.Add(-least)); err == nil {
			err = b.purgeHalves(ctx, s, end)
		}
	}
	if err != nil {
		return fmt.Errorf("trim %s: %w", name, storeError(err))
	}
	return nil
}

func (b *Bus) almostFull(s jetstream.Stream) bool {
	i := s.CachedInfo()
	return b.server != nil && b.server.disk.tight() || i.Config.MaxBytes > 0 && i.State.Bytes > uint64(i.Config.MaxBytes)/100*fullPercent
}

// purgeHalves removes the older half of what is before end, again and again, until the stream is not almost full.
func (b *Bus) purgeHalves(ctx context.Context, s jetstream.Stream, end uint64) error {
	for {
		first := s.CachedInfo().State.FirstSeq
		if first >= end || !b.almostFull(s) {
			return nil
		}
		if err := purge(ctx, s, first+(end-first+1)/2); err != nil {
			return err
		}
	}
}

// purge removes what is before end, and looks at the stream anew.
func purge(ctx context.Context, s jetstream.Stream, end uint64) error {
	if end <= s.CachedInfo().State.FirstSeq {
		return nil
	}
	if err := s.Purge(ctx, jetstream.WithPurgeSequence(end)); err != nil {
		return err
	}
	_, err := s.Info(ctx)
	return err
}

// firstSince returns the first sequence before end whose message was received at or after a time, or end. Times that go back are found
// about right: it only says how much of what is not needed stays.
func firstSince(ctx context.Context, s jetstream.Stream, end uint64, at time.Time) (uint64, error) {
	state := s.CachedInfo().State
	low, high := max(state.FirstSeq, 1), min(end, state.LastSeq+1)
	if !state.FirstTime.Before(at) {
		return min(low, end), nil
	}
	for low < high {
		mid := low + (high-low)/2
		m, err := s.GetMsg(ctx, mid)
		switch {
		case errors.Is(err, jetstream.ErrMsgNotFound) || err == nil && m.Time.Before(at):
			low = mid + 1
		case err != nil:
			return 0, err
		default:
			high = mid
		}
	}
	return low, nil
}

// delivered returns up to which sequence all sinks have taken the alerts; 0 is none.
func (b *Bus) delivered(ctx context.Context, sinks []string) (uint64, error) {
	var least uint64
	for i, sink := range sinks {
		name, err := encodeToken(sink)
		if err != nil {
			return 0, err
		}
		c, err := b.js.Consumer(ctx, streamAlerts, consumerPrefix+name)
		if errors.Is(err, jetstream.ErrConsumerNotFound) {
			return 0, nil // it has not begun
		} else if err != nil {
			return 0, fmt.Errorf("ask what %s has taken: %w", sink, storeError(err))
		}
		if floor := c.CachedInfo().AckFloor.Stream; i == 0 || floor < least {
			least = floor
		}
	}
	return least, nil
}
