package bus

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/parallax-sec/parallax/event"
)

// goneFacts remembers which facts hold no more, until they are removed from their stream: not before the batch that said so is never
// read again, since one before it could bring the fact back. The zero value is ready for use, by any goroutine.
type goneFacts struct {
	mu  sync.Mutex
	seq map[string]uint64 // by subject; guarded by mu
}

const (
	// maxGone bounds what is remembered. What is not is removed after the next start.
	maxGone = 1 << 18
	// removeAtOnce bounds how many facts one Trim removes.
	removeAtOnce = 1000
)

// note takes in what was stored of a fact.
func (g *goneFacts) note(f *event.Fact) {
	subject, err := factSubject(f)
	if err != nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case len(f.Data) > 0:
		delete(g.seq, subject)
	case g.seq == nil:
		g.seq = map[string]uint64{subject: f.Seq}
	case len(g.seq) < maxGone:
		g.seq[subject] = f.Seq
	}
}

// before returns some subjects of facts that have been gone since before a sequence.
func (g *goneFacts) before(seq uint64) (subjects []string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for subject, at := range g.seq {
		if at < seq && len(subjects) < removeAtOnce {
			subjects = append(subjects, subject)
		}
	}
	return subjects
}

func (g *goneFacts) removed(subject string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.seq, subject)
}

// trimFacts removes facts that have been gone since before a sequence of the stream of events.
func (b *Bus) trimFacts(ctx context.Context, before uint64) error {
	for _, subject := range b.gone.before(before) {
		if err := b.removeFact(ctx, subject, before); err != nil {
			return fmt.Errorf("trim %s: %w", streamFacts, storeError(err))
		}
		b.gone.removed(subject)
	}
	return nil
}

// removeFact removes a fact, unless it is a newer one by now.
func (b *Bus) removeFact(ctx context.Context, subject string, before uint64) error {
	m, err := b.factStream.GetLastMsgForSubject(ctx, subject)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	if seq, err := strconv.ParseUint(m.Header.Get(headerSeq), 10, 64); err != nil || seq >= before {
		return nil
	}
	return b.factStream.Purge(ctx, jetstream.WithPurgeSubject(subject), jetstream.WithPurgeSequence(m.Sequence+1))
}
