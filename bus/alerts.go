package bus

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/parallax-sec/parallax/event"
)

// PutAlerts stores alerts in their order. Of each (id, revision) one is stored within an hour; whoever gets them must know later
// repetitions (RecentAlertIDs). They are the caller's. After an error any number of them may be there: put them all again.
func (b *Bus) PutAlerts(ctx context.Context, alerts []*event.Alert) error {
	msgs := make([]*nats.Msg, len(alerts))
	for i, a := range alerts {
		msgs[i] = &nats.Msg{
			Subject: subjectAlert + "." + event.SeverityName(a.Severity),
			Header:  nats.Header{nats.MsgIdHdr: {alertKey(a)}},
			Data:    event.AppendAlert(nil, a),
		}
	}
	if err := b.storeAll(ctx, streamAlerts, msgs); err != nil {
		return fmt.Errorf("store alerts: %w", err)
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
	last := stream.CachedInfo().State.LastSeq
	from := last - min(last, uint64(limit)) + 1
	err = b.readAll(ctx, streamAlerts, jetstream.ConsumerConfig{
		HeadersOnly: true, DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: from,
	}, func(m jetstream.Msg) {
		if id, revision, err := parseAlertKey(m.Headers().Get(nats.MsgIdHdr)); err == nil {
			seen(id, revision)
		}
	})
	if err != nil {
		return fmt.Errorf("read the ids of alerts: %w", err)
	}
	return nil
}
