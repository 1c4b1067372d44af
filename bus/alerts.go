package bus

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/parallax-sec/parallax/event"
)

// PutAlerts stores alerts in their order. Of each (id, revision) one is stored within an hour; whoever gets them must know later
// repetitions (RecentAlertIDs). They are the caller's. After an error any number of them may be there: put them all again.
func (b *Bus) PutAlerts(ctx context.Context, alerts []*event.Alert) error {
	for _, a := range alerts {
		data, err := encodeAlert(a)
		if err != nil {
			return err
		}
		m := &nats.Msg{
			Subject: subjectAlert + "." + event.SeverityName(a.Severity),
			Header:  nats.Header{nats.MsgIdHdr: {alertKey(a)}},
			Data:    data,
		}
		if _, err := b.store(ctx, streamAlerts, m); err != nil {
			return fmt.Errorf("store an alert: %w", err)
		}
	}
	return nil
}

// alertKey is an alert's message id. Agents cannot write to the stream, so it needs no secret.
func alertKey(a *event.Alert) string { return a.ID + "." + strconv.Itoa(a.Revision) }

func parseAlertKey(key string) (id string, revision int, err error) {
	dot := strings.LastIndexByte(key, '.')
	if dot <= 0 {
		return "", 0, fmt.Errorf("no id of an alert: %.40q", key)
	}
	revision, err = strconv.Atoi(key[dot+1:])
	if err != nil || revision < 0 {
		return "", 0, fmt.Errorf("no id of an alert: %.40q", key)
	}
	return key[:dot], revision, nil
}

// RecentAlertIDs tells the ids and revisions of the last max alerts that were stored, the oldest first. It reads their headers
// only.
func (b *Bus) RecentAlertIDs(ctx context.Context, limit int, seen func(id string, revision int)) error {
	stream, err := b.js.Stream(ctx, streamAlerts)
	if err != nil {
		return fmt.Errorf("read the ids of alerts: %w", storeError(err))
	}
	state := stream.CachedInfo().State
	if state.Msgs == 0 {
		return nil
	}
	cfg := jetstream.ConsumerConfig{
		AckPolicy: jetstream.AckNonePolicy, HeadersOnly: true, MemoryStorage: true, Replicas: 1, InactiveThreshold: consumerIdle,
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: max(state.FirstSeq, state.LastSeq-min(state.LastSeq, uint64(limit))+1),
	}
	consumer, err := stream.CreateConsumer(ctx, cfg)
	if err != nil {
		return fmt.Errorf("read the ids of alerts: %w", storeError(err))
	}
	return readTo(ctx, consumer, state.LastSeq, func(m jetstream.Msg) {
		if id, revision, err := parseAlertKey(m.Headers().Get(nats.MsgIdHdr)); err == nil {
			seen(id, revision)
		}
	})
}

// readTo reads what a consumer gives, up to the message of sequence last.
func readTo(ctx context.Context, c jetstream.Consumer, last uint64, each func(jetstream.Msg)) error {
	for {
		got, err := c.Fetch(1024, jetstream.FetchMaxWait(5*time.Second), jetstream.FetchHeartbeat(time.Second))
		if err != nil {
			return storeError(err)
		}
		any := false
		for m := range got.Messages() {
			any = true
			each(m)
			if meta, err := m.Metadata(); err != nil || meta.Sequence.Stream >= last {
				return nil
			}
		}
		if err := errors.Join(got.Error(), ctx.Err()); err != nil || !any {
			return storeError(errors.Join(err, errShort))
		}
	}
}

var errShort = errors.New("the stream ended early")
