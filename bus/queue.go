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
	// ackWait is how long a message may be held by a hub that says nothing, until it is handed out again: the hub is gone, or the
	// message was lost on its way. Whoever holds some says so every ackBeat.
	ackWait = 10 * time.Second
	ackBeat = 3 * time.Second
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
	live     context.Context    // ends with Close
	stop     context.CancelFunc
	running  sync.WaitGroup

	mu      sync.Mutex
	arrived []*heldAlert  // not handed out yet; guarded by mu
	held    []*heldAlert  // handed out and not done; guarded by mu
	asking  bool          // a request is under way; guarded by mu
	failed  error         // what the last request ended with; guarded by mu
	news    chan struct{} // has a value when something of this has changed
}

type heldAlert struct {
	alert *event.Alert
	msg   jetstream.Msg
}

// AlertQueue returns the queue of a sink, which it names. All that is not done is handed out, also what another process
// holds: only the hub that is active opens queues.
func (b *Bus) AlertQueue(ctx context.Context, sink string) (*AlertQueue, error) {
	q := &AlertQueue{bus: b, log: b.log.With("sink", sink), sink: sink, news: make(chan struct{}, 1)}
	var err error
	if q.consumer, err = q.consume(ctx); err != nil {
		return nil, fmt.Errorf("open the queue of %s: %w", sink, storeError(err))
	}
	q.takeBack(ctx)
	q.live, q.stop = context.WithCancel(context.WithoutCancel(ctx))
	q.running.Go(q.beat)
	return q, nil
}

// takeBack has what another process held handed out at once, instead of after ackWait, unless that would bring back what is done.
// Servers before 2.14 cannot.
func (q *AlertQueue) takeBack(ctx context.Context) {
	i := q.consumer.CachedInfo()
	if held := i.NumAckPending; held == 0 || uint64(held) != i.Delivered.Stream-i.AckFloor.Stream {
		return
	}
	if _, err := q.bus.js.ResetConsumer(ctx, streamAlerts, i.Name); err != nil {
		q.log.Debug("what was held comes later", "error", err)
	}
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
		if alerts := q.take(limit); len(alerts) > 0 {
			return alerts, nil
		}
		if err := q.ask(ctx, min(limit, maxAsked)); err != nil && ctx.Err() == nil {
			q.log.Warn("the queue of alerts is asked for anew", "error", err)
			q.consumer = nil
			_ = sleep(ctx, wait)
			wait = min(2*wait, retryMost)
			continue
		}
		select {
		case <-q.news:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// take hands out what has arrived.
func (q *AlertQueue) take(limit int) (out []*event.Alert) {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min(limit, len(q.arrived))
	for _, h := range q.arrived[:n] {
		out = append(out, h.alert)
	}
	q.held = append(q.held, q.arrived[:n]...)
	q.arrived = slices.Delete(q.arrived, 0, n)
	return out
}

// ask asks for alerts, unless it has been and they may still come. It returns what the last request failed with.
func (q *AlertQueue) ask(ctx context.Context, limit int) (err error) {
	q.mu.Lock()
	asking, failed := q.asking, q.failed
	q.failed = nil
	q.mu.Unlock()
	if asking || failed != nil {
		return failed
	}
	if q.consumer == nil {
		if q.consumer, err = q.consume(ctx); err != nil {
			return err
		}
	}
	// No bound of bytes: with one, the word that a request is fulfilled overtakes the messages where the consumer is replicated, and
	// nats.go takes none of them.
	expires, cancel := context.WithTimeout(q.live, fetchWait)
	got, err := q.consumer.Fetch(limit, jetstream.FetchContext(expires), jetstream.FetchHeartbeat(fetchHeartbeat))
	if err != nil {
		cancel()
		return err
	}
	q.mu.Lock()
	q.asking = true
	q.mu.Unlock()
	q.running.Go(func() {
		defer cancel()
		q.receive(got)
	})
	return nil
}

// receive takes in what comes of a request, so that it is held from then on, however busy the sink is.
func (q *AlertQueue) receive(got jetstream.MessageBatch) {
	for m := range got.Messages() {
		q.hold(m)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.asking = false
	if q.failed = got.Error(); errors.Is(q.failed, context.DeadlineExceeded) {
		q.failed = nil // it has expired
	}
	q.tell()
}

// tell says that there is something new. The caller holds mu.
func (q *AlertQueue) tell() {
	select {
	case q.news <- struct{}{}:
	default:
	}
}

// hold keeps the message of an alert until it is done. One that is held already is not handed out a second time.
func (q *AlertQueue) hold(m jetstream.Msg) {
	a, err := event.ParseAlert(m.Data())
	if err != nil {
		if err := q.bury(q.live, m, err); err != nil {
			q.log.Warn("a dead letter could not be stored; its alert comes again", "error", err)
		}
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.again(m) {
		q.arrived = append(q.arrived, &heldAlert{a, m})
		q.tell()
	}
}

// again says whether a message is held already; then this copy is the one to acknowledge. The caller holds mu.
func (q *AlertQueue) again(m jetstream.Msg) bool {
	meta, err := m.Metadata()
	if err != nil || meta.NumDelivered == 1 {
		return false
	}
	for _, h := range slices.Concat(q.arrived, q.held) {
		if have, err := h.msg.Metadata(); err == nil && have.Sequence.Stream == meta.Sequence.Stream {
			h.msg = m
			return true
		}
	}
	return false
}

// Done says that alerts that are held have arrived. Others are left out of it. After an error they are held as before: say it again.
func (q *AlertQueue) Done(ctx context.Context, alerts []*event.Alert) error {
	ctx, cancel := context.WithTimeout(ctx, q.bus.cfg.Timeout) // an answer may have been lost
	defer cancel()
	held := q.heldOf(alerts)
	var err error
	for i, h := range held {
		if i == len(held)-1 {
			_, err = q.bus.nc.RequestWithContext(ctx, h.msg.Reply(), ackBody) // those before it are acknowledged by then
		} else {
			err = q.bus.nc.Publish(h.msg.Reply(), ackBody)
		}
		if err != nil {
			return fmt.Errorf("acknowledge alerts: %w", storeError(err))
		}
	}
	q.release(held)
	return nil
}

// ackBody is what acknowledges a message (NATS, "AckAck"). jetstream.Msg.Ack does it once, but what was sent may be lost with a connection.
var ackBody = []byte("+ACK")

// heldOf returns those of the alerts that are held.
func (q *AlertQueue) heldOf(alerts []*event.Alert) (out []*heldAlert) {
	arrived := make(map[*event.Alert]bool, len(alerts))
	for _, a := range alerts {
		arrived[a] = true
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, h := range q.held {
		if arrived[h.alert] {
			out = append(out, h)
		}
	}
	return out
}

// release forgets alerts that are held.
func (q *AlertQueue) release(done []*heldAlert) {
	gone := make(map[*heldAlert]bool, len(done))
	for _, h := range done {
		gone[h] = true
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.held = slices.DeleteFunc(q.held, func(h *heldAlert) bool { return gone[h] })
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
func (q *AlertQueue) beat() {
	for sleep(q.live, ackBeat) == nil {
		q.mu.Lock()
		held := slices.Concat(q.held, q.arrived)
		q.mu.Unlock()
		for _, h := range held {
			_ = h.msg.InProgress() // a held one that is forgotten comes again
		}
	}
}

// Close gives up the queue. What is held is handed out again by the next one.
func (q *AlertQueue) Close() error {
	q.stop()
	q.running.Wait()
	q.mu.Lock()
	defer q.mu.Unlock()
	q.held, q.arrived = nil, nil
	return nil
}
