package bus

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Headers of an atomic batch (NATS ADR-50): all its messages are stored, or none, and files are synced once.
const (
	headerBatchID     = "Nats-Batch-Id"
	headerBatchSeq    = "Nats-Batch-Sequence"
	headerBatchCommit = "Nats-Batch-Commit"
)

const (
	// batchMessages bounds a batch: nats-server takes 1,000.
	batchMessages = 500
	batchBytes    = 4 << 20
	// fewMessages are stored one by one: a batch writes each of its messages twice.
	fewMessages = 4
)

// storeAll stores messages in their order. After an error any number of them may be there.
func (b *Bus) storeAll(ctx context.Context, stream string, msgs []*nats.Msg) error {
	for len(msgs) > 0 {
		n := batchLength(msgs)
		err := errAlone
		if n > fewMessages {
			err = b.storeBatch(ctx, stream, msgs[:n])
		}
		if errors.Is(err, errAlone) {
			err = b.storeEach(ctx, stream, msgs[:n])
		}
		if err != nil {
			return err
		}
		msgs = msgs[n:]
	}
	return nil
}

// batchLength returns how many of the messages go together.
func batchLength(msgs []*nats.Msg) int {
	bytes := 0
	for i, m := range msgs {
		if bytes += len(m.Data); i > 0 && (bytes > batchBytes || i == batchMessages) {
			return i
		}
	}
	return len(msgs)
}

func (b *Bus) storeEach(ctx context.Context, stream string, msgs []*nats.Msg) error {
	for _, m := range msgs {
		if _, err := b.store(ctx, stream, m); err != nil {
			return err
		}
	}
	return nil
}

// errAlone says that messages have to be stored one by one: some of them are there, or one was refused.
var errAlone = errors.New("the batch cannot be stored as one")

// storeBatch stores all messages, or none.
func (b *Bus) storeBatch(ctx context.Context, stream string, msgs []*nats.Msg) error {
	if err := b.room(stream); err != nil {
		return err
	}
	id := rand.Text()
	last := len(msgs) - 1
	for i, m := range msgs {
		m := batchMessage(m, stream, id, i+1)
		if i == last {
			m.Header.Set(headerBatchCommit, "1")
			return b.commit(ctx, m)
		}
		if err := b.nc.PublishMsg(m); err != nil {
			return storeError(err)
		}
	}
	return nil
}

// batchMessage is m as the i-th of a batch, from 1.
func batchMessage(m *nats.Msg, stream, id string, i int) *nats.Msg {
	h := nats.Header{headerBatchID: {id}, headerBatchSeq: {strconv.Itoa(i)}, jetstream.ExpectedStreamHeader: {stream}}
	for k, v := range m.Header {
		h[k] = v
	}
	return &nats.Msg{Subject: m.Subject, Header: h, Data: m.Data}
}

// commit sends the last message of a batch and waits until all are stored.
func (b *Bus) commit(ctx context.Context, m *nats.Msg) error {
	ctx, cancel := context.WithTimeoutCause(ctx, b.cfg.Timeout, ErrUnavailable)
	defer cancel()
	answer, err := b.nc.RequestMsgWithContext(ctx, m)
	if err != nil {
		return answerError(ctx, err)
	}
	var ack struct {
		Error *jetstream.APIError `json:"error"`
		Seq   uint64              `json:"seq"`
	}
	if err := json.Unmarshal(answer.Data, &ack); err != nil {
		return fmt.Errorf("%w: no answer to a batch: %w", ErrUnavailable, err)
	}
	switch {
	case ack.Error == nil && ack.Seq == 0:
		return fmt.Errorf("%w: no answer to a batch", ErrUnavailable)
	case ack.Error == nil:
		return nil
	case ack.Error.ErrorCode == codeBatchDuplicate, ack.Error.ErrorCode == codeBatchIncomplete:
		return errAlone
	}
	return storeError(ack.Error)
}
