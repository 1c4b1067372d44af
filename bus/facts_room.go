package bus

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// headerGone marks a fact that holds no more, for those who read headers only.
const headerGone = "Plx-Gone"

// factPercent is how full the stream of facts stays when room was made in it.
const factPercent = 75

// makeFactRoom removes the oldest facts of those owners that hold most, until all that hold more than others hold the same. It says no
// where the stream is not what is full. The facts that nodes tell of themselves stay: there is one a node.
func (b *Bus) makeFactRoom(ctx context.Context) (bool, error) {
	s, err := b.js.Stream(ctx, streamFacts)
	if err != nil {
		return false, storeError(err)
	}
	state, most := s.CachedInfo().State, s.CachedInfo().Config.MaxBytes
	left := float64(most) / 100 * factPercent / float64(max(state.Bytes, 1))
	if b.room(streamFacts) != nil || most <= 0 || left >= 1 {
		return false, nil
	}
	shares, err := b.factShares(ctx)
	if err != nil {
		return false, err
	}
	cut := factCut{level: level(slices.Sorted(maps.Values(shares)), left), shares: shares, ends: make(map[string]uint64)}
	if err := b.eachFact(ctx, cut.note); err != nil {
		return false, err
	}
	for owner, end := range cut.ends {
		if err := s.Purge(ctx, jetstream.WithPurgeSubject(subjectFact+".*."+owner+".>"), jetstream.WithPurgeSequence(end)); err != nil {
			return false, storeError(err)
		}
	}
	b.evicted.Add(cut.lost)
	b.log.Warn("the stream of facts is full: the oldest of those who hold most are removed", "owners", len(cut.ends), "facts", cut.lost)
	return len(cut.ends) > 0, nil
}

// storedSize is roughly what a fact takes in the stream.
type storedSize struct {
	owner string // a token
	seq   uint64
	bytes int
	gone  bool // it holds no more
}

// eachFact tells of all facts that have an owner, the oldest first.
func (b *Bus) eachFact(ctx context.Context, each func(storedSize)) error {
	cfg := jetstream.ConsumerConfig{FilterSubject: subjectFact + ".*.*.>", HeadersOnly: true}
	err := b.readAll(ctx, streamFacts, cfg, func(m jetstream.Msg) {
		tokens := strings.Split(m.Subject()[len(subjectFact)+1:], ".")
		meta, err := m.Metadata()
		if err != nil || len(tokens) < 3 {
			return
		}
		const overhead = 100 // headers, and what the server adds
		h := m.Headers()
		size, _ := strconv.Atoi(h.Get(nats.MsgSize))
		each(storedSize{tokens[1], meta.Sequence.Stream, overhead + len(m.Subject()) + size, h.Get(headerGone) != ""})
	})
	if err != nil {
		return fmt.Errorf("read the sizes of facts: %w", err)
	}
	return nil
}

// factShares tells how much each owner holds.
func (b *Bus) factShares(ctx context.Context) (map[string]int, error) {
	shares := make(map[string]int)
	err := b.eachFact(ctx, func(f storedSize) { shares[f.owner] += f.bytes })
	return shares, err
}

// level returns what each may hold at most, so that all together hold a part of what they do; shares are in order.
func level(shares []int, part float64) int {
	total := 0
	for _, share := range shares {
		total += share
	}
	left := int(float64(total) * part)
	for i, share := range shares {
		if each := left / (len(shares) - i); share > each {
			return each
		}
		left -= share
	}
	return total
}

// factCut finds where, in the stream, what each owner may keep begins.
type factCut struct {
	level  int
	shares map[string]int    // what is still there
	ends   map[string]uint64 // what is before goes
	lost   uint64            // facts that hold
}

// note looks at the facts, the oldest first.
func (c *factCut) note(f storedSize) {
	if c.shares[f.owner] <= c.level {
		return
	}
	c.shares[f.owner] -= f.bytes
	c.ends[f.owner] = f.seq + 1
	if !f.gone {
		c.lost++
	}
}
