package bus

import (
	"context"
	"fmt"
)

// Ready says why events cannot be stored now; nil where they can: the stream is there, and neither it nor its disk is full.
func (b *Bus) Ready(ctx context.Context) error {
	s, err := b.js.Stream(ctx, streamEvents)
	if err != nil {
		return fmt.Errorf("ask for the stream of events: %w", storeError(err))
	}
	info := s.CachedInfo()
	if info.State.Bytes >= uint64(info.Config.MaxBytes) {
		return fmt.Errorf("%w: the stream of events has %d bytes", ErrFull, info.State.Bytes)
	}
	return b.room(streamEvents)
}
