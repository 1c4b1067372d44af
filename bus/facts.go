package bus

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/parallax-sec/parallax/event"
)

// PutFacts stores facts, of each kind and key the last. A fact whose Seq is not above that of the one that is there changes
// nothing, so what is read again from the stream of events does no harm. One without Data holds no more, and Trim removes it. One that
// is too large for a message is quarantined. A stream of facts that is full is no error: the nodes that hold most lose their oldest
// (Status.FactsEvicted).
func (b *Bus) PutFacts(ctx context.Context, facts []event.Fact) error {
	err := b.putFacts(ctx, facts)
	if errors.Is(err, ErrFull) {
		made, roomErr := b.makeFactRoom(ctx)
		if roomErr != nil {
			return fmt.Errorf("make room for facts: %w", roomErr)
		}
		if made {
			err = b.putFacts(ctx, facts)
		}
	}
	if err != nil {
		return fmt.Errorf("store facts: %w", err)
	}
	for i := range facts {
		b.gone.note(&facts[i])
	}
	return nil
}

func (b *Bus) putFacts(ctx context.Context, facts []event.Fact) error {
	msgs, err := b.newFacts(ctx, facts)
	if err != nil {
		return err
	}
	err = b.storeAll(ctx, streamFacts, msgs)
	if wrongSequence(err) { // somebody else has written some of them since
		err = b.putOneByOne(ctx, facts)
	}
	return err
}

// newFacts returns messages for those facts that are newer than what is stored, one a key, which are stored only if that does not
// change meanwhile.
func (b *Bus) newFacts(ctx context.Context, facts []event.Fact) ([]*nats.Msg, error) {
	var msgs []*nats.Msg
	place := make(map[string]int)
	for i := range facts {
		f := &facts[i]
		m, err := b.newFact(ctx, f)
		if err != nil {
			return nil, err
		}
		if m == nil {
			continue
		}
		if at, twice := place[m.Subject]; twice {
			msgs[at] = m
			continue
		}
		place[m.Subject] = len(msgs)
		msgs = append(msgs, m)
	}
	return msgs, nil
}

func (b *Bus) newFact(ctx context.Context, f *event.Fact) (*nats.Msg, error) {
	subject, err := factSubject(f)
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("encode a fact: %w", err)
	}
	if len(data) > int(b.nc.MaxPayload())-headroom {
		return nil, b.Quarantine(ctx, event.Fault{Origin: "fact/" + f.Kind + "/" + f.Key, Reason: "a fact too large to store", Data: f.Data}, event.BatchMatches, f.Seq)
	}
	stored, err := b.storedFact(ctx, subject)
	if err != nil || f.Seq <= stored.seq && stored.revision > 0 {
		return nil, err
	}
	m := &nats.Msg{Subject: subject, Data: data, Header: nats.Header{
		headerSeq: {strconv.FormatUint(f.Seq, 10)}, jetstream.ExpectedLastSubjSeqHeader: {strconv.FormatUint(stored.revision, 10)},
	}}
	if len(f.Data) == 0 {
		m.Header.Set(headerGone, "1")
	}
	return m, nil
}

// putOneByOne stores facts that another process writes, too.
func (b *Bus) putOneByOne(ctx context.Context, facts []event.Fact) error {
	for i := range facts {
		for try := 0; ; try++ {
			msgs, err := b.newFacts(ctx, facts[i:i+1])
			if err != nil {
				return err
			}
			if err = b.storeEach(ctx, streamFacts, msgs); err == nil {
				break
			}
			if !wrongSequence(err) || try == 10 {
				return err
			}
		}
	}
	return nil
}

// storedFact is what is known of a fact in the stream; the zero one is none.
type storedFact struct{ seq, revision uint64 }

func (b *Bus) storedFact(ctx context.Context, subject string) (storedFact, error) {
	m, err := b.factStream.GetLastMsgForSubject(ctx, subject)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return storedFact{}, nil
	} else if err != nil {
		return storedFact{}, storeError(err)
	}
	seq, _ := strconv.ParseUint(m.Header.Get(headerSeq), 10, 64) // 0 where it is none: any fact is newer
	return storedFact{seq, m.Sequence}, nil
}

// wrongSequence says that a message was not stored since another one has been since it was made.
func wrongSequence(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && (api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence || api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant)
}

// factSubject is where a fact is kept: its kind, its owner, which is what its key begins with up to a slash, and the rest of the key.
func factSubject(f *event.Fact) (string, error) {
	kind, err := encodeToken(f.Kind)
	if err != nil {
		return "", err
	}
	owner, rest, two := strings.Cut(f.Key, "/")
	subject := subjectFact + "." + kind + "." + factToken(owner)
	if two {
		subject += "." + factToken(rest)
	}
	return subject, nil
}

// factToken is a part of a key as a token, where it is short enough, else its hash: what is read back has both.
func factToken(part string) string {
	token, err := encodeToken(part)
	if err != nil {
		sum := sha256.Sum256([]byte(part))
		return "sha256=" + hex.EncodeToString(sum[:]) // no escaped name has a =
	}
	return token
}

// Facts tells the facts of a kind that hold (their Data is not empty), in the order in which they were stored; of all kinds where it is empty. A fact is the
// caller's.
func (b *Bus) Facts(ctx context.Context, kind string, each func(event.Fact)) error {
	filter := subjectFact + ".>"
	if kind != "" {
		token, err := encodeToken(kind)
		if err != nil {
			return err
		}
		filter = subjectFact + "." + token + ".>"
	}
	err := b.readAll(ctx, streamFacts, jetstream.ConsumerConfig{FilterSubject: filter}, func(m jetstream.Msg) {
		var f event.Fact
		if err := json.Unmarshal(m.Data(), &f); err != nil {
			b.log.Warn("a fact cannot be read", "subject", m.Subject(), "error", err)
			return
		}
		if len(f.Data) == 0 {
			b.gone.note(&f)
			return
		}
		each(f)
	})
	if err != nil {
		return fmt.Errorf("read facts: %w", err)
	}
	return nil
}
