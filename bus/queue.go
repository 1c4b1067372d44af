package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/parallax-sec/parallax/event"
)

const (
	// ackWait is how long a message may be held by a hub that says nothing, until another one gets it. Whoever holds some says so
	// every ackBeat.
	ackWait = 30 * time.Second
	ackBeat = 5 * time.Second
	// maxHeld bounds what one sink holds, in messages, and maxAsked what it asks for at a time.
	maxHeld  = 1024
	maxAsked = 256
)

// AlertQueue hands the alerts to one sink: each is there until it is said to be done, also over restarts and on another hub.
// After a failure it may be handed out again: sinks know (id, revision). A sink that is new gets all alerts that are there.
// It implements sinks.Queue, and belongs to one goroutine. Use Close.
type AlertQueue struct {
	bus      *Bus
	log      *slog.Logger
	sink     string
	consumer jetstream.Consumer // nil: to be asked for
	got      jetstream.MessageBatch
	mu       sync.Mutex
	held     []*heldAlert // handed out and not done; guarded by mu
	stop     context.CancelFunc
	beats    sync.WaitGroup
}

type heldAlert struct {
	alert *event.Alert
	msg   jetstream.Msg
}

// AlertQueue returns the queue of a sink, which it names. All that is not done is handed out, also what another process
// holds: only the hub that is active opens queues.
func (b *Bus) AlertQueue(ctx context.Context, sink string) (*AlertQueue, error) {
	q := &AlertQueue{bus: b, log: b.log.With("sink", sink), sink: sink}
	var err error
	if q.consumer, err = q.consume(ctx); err != nil {
		return nil, fmt.Errorf("open the queue of %s: %w", sink, storeError(err))
	}
	// Servers before 2.14 cannot: there, what another process held comes after ackWait.
	if _, err := b.js.ResetConsumer(ctx, streamAlerts, q.consumer.CachedInfo().Name); err != nil {
		q.log.Debug("what was held comes later", "error", err)
	}
	beating, stop := context.WithCancel(context.WithoutCancel(ctx))
	q.stop = stop
	q.beats.Go(func() { q.beat(beating) })
	return q, nil
}

// consume returns the sink's durable consumer, which it makes where it is not there.
func (q *AlertQueue) consume(ctx context.Context) (jetstream.Consumer, error) {
	ctx, cancel := context.WithTimeout(ctx, askAgain)
	defer cancel()
	name, err := encodeToken(q.sink)
	if err != nil {
		return nil, err
	}
	return q.bus.js.CreateOrUpdateConsumer(ctx, streamAlerts, jetstream.ConsumerConfig{
		Durable: consumerPrefix + name, AckPolicy: jetstream.AckExplicitPolicy, AckWait: ackWait, MaxDeliver: -1, MaxAckPending: maxHeld,
	})
}

// consumerPrefix begins the names of the sinks' consumers.
const consumerPrefix = "sink-"

// Next returns at least one alert and at most limit, and waits for the first until ctx ends. Those that it returned before and
// that are not done stay held. An alert that cannot be read is a dead letter.
func (q *AlertQueue) Next(ctx context.Context, limit int) ([]*event.Alert, error) {
	wait := retryFirst
	for {
		alerts, err := q.fetch(ctx, min(limit, maxAsked))
		if ctx.Err() != nil && len(alerts) == 0 {
			return nil, ctx.Err()
		}
		if len(alerts) > 0 {
			return alerts, nil
		}
		if err == nil {
			continue
		}
		q.log.Warn("the queue of alerts is asked for anew", "error", err)
		q.consumer, q.got = nil, nil
		if err := sleep(ctx, wait); err != nil {
			return nil, err
		}
		wait = min(2*wait, retryMost)
	}
}

// fetch returns the alerts that are there, and waits for the first of them.
func (q *AlertQueue) fetch(ctx context.Context, limit int) (alerts []*event.Alert, err error) {
	if q.consumer == nil {
		if q.consumer, err = q.consume(ctx); err != nil {
			return nil, err
		}
	}
	if q.got == nil {
		// No bound of bytes: with one, the word that a request is fulfilled overtakes the messages where the consumer is replicated, and
		// nats.go takes none of them.
		if q.got, err = q.consumer.Fetch(limit, jetstream.FetchMaxWait(fetchWait), jetstream.FetchHeartbeat(fetchHeartbeat)); err != nil {
			return nil, err
		}
	}
	for len(alerts) < limit {
		var m jetstream.Msg
		var more bool
		if len(alerts) == 0 {
			select {
			case m, more = <-q.got.Messages():
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		} else {
			select {
			case m, more = <-q.got.Messages():
			default:
				return alerts, nil
			}
		}
		if !more {
			err := q.got.Error()
			q.got = nil
			return alerts, err
		}
		if a := q.hold(ctx, m); a != nil {
			alerts = append(alerts, a)
		}
	}
	return alerts, nil
}

// hold keeps the message of an alert until it is done.
func (q *AlertQueue) hold(ctx context.Context, m jetstream.Msg) *event.Alert {
	a, err := event.ParseAlert(m.Data())
	if err != nil {
		if err := q.bury(ctx, m, err); err != nil {
			q.log.Warn("a dead letter could not be stored; its alert comes again", "error", err)
		}
		return nil
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.held = append(q.held, &heldAlert{a, m})
	return a
}

// Done says that alerts that are held have arrived. Others are left out of it.
func (q *AlertQueue) Done(ctx context.Context, alerts []*event.Alert) error {
	held := q.release(alerts)
	var err error
	for i, h := range held {
		if i == len(held)-1 {
			err = errors.Join(err, h.msg.DoubleAck(ctx)) // those before it are acknowledged by then
		} else {
			err = errors.Join(err, h.msg.Ack())
		}
	}
	if err != nil {
		return fmt.Errorf("acknowledge alerts: %w", storeError(err))
	}
	return nil
}

// release takes alerts out of those that are held.
func (q *AlertQueue) release(alerts []*event.Alert) []*heldAlert {
	arrived := make(map[*event.Alert]bool, len(alerts))
	for _, a := range alerts {
		arrived[a] = true
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	var out, kept []*heldAlert
	for _, h := range q.held {
		if arrived[h.alert] {
			out = append(out, h)
		} else {
			kept = append(kept, h)
		}
	}
	q.held = kept
	return out
}

// Dead stores an alert that is held as a dead letter, with the reason. It is not handed out again.
func (q *AlertQueue) Dead(ctx context.Context, a *event.Alert, reason error) error {
	q.mu.Lock()
	i := slices.IndexFunc(q.held, func(h *heldAlert) bool { return h.alert == a })
	q.mu.Unlock()
	if i < 0 {
		return fmt.Errorf("the alert %s is not held", a.ID)
	}
	if err := q.bury(ctx, q.held[i].msg, reason); err != nil {
		return err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.held = slices.Delete(q.held, i, i+1)
	return nil
}

// bury stores a message as a dead letter of the sink, then takes it out of the queue.
func (q *AlertQueue) bury(ctx context.Context, m jetstream.Msg, reason error) error {
	name, err := encodeToken(q.sink)
	if err != nil {
		return err
	}
	key := m.Headers().Get(nats.MsgIdHdr)
	dead := &nats.Msg{Subject: subjectDead + "." + name, Data: m.Data(), Header: nats.Header{
		nats.MsgIdHdr: {q.sink + "." + key}, headerAlert: {key}, headerReason: {headerText(reason.Error())},
	}}
	if _, err := q.bus.store(ctx, streamDead, dead); err != nil {
		return fmt.Errorf("store a dead letter: %w", err)
	}
	return m.TermWithReason("dead letter")
}

// beat says, as long as alerts are held, that they are.
func (q *AlertQueue) beat(ctx context.Context) {
	for sleep(ctx, ackBeat) == nil {
		q.mu.Lock()
		held := slices.Clone(q.held)
		q.mu.Unlock()
		for _, h := range held {
			_ = h.msg.InProgress() // a held one that is forgotten comes again
		}
	}
}

// Close gives up the queue. What is held is handed out again by the next one.
func (q *AlertQueue) Close() error {
	q.stop()
	q.beats.Wait()
	q.mu.Lock()
	defer q.mu.Unlock()
	q.held = nil
	return nil
}
