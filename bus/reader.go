package bus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/parallax-sec/parallax/event"
)

// What a Reader asks for at a time: at most so many messages, and so many bytes, or one message that has more.
const (
	fetchMessages  = 256
	fetchBytes     = 8 << 20
	fetchWait      = 10 * time.Second
	fetchHeartbeat = 2 * time.Second
	consumerIdle   = 30 * time.Second // after which the server forgets the consumer of a reader that is gone
	// askAgain is how long one question after a consumer waits: the answer may have been lost with a connection, or a leader.
	askAgain   = 2 * time.Second
	retryFirst = 50 * time.Millisecond
	retryMost  = 2 * time.Second
)

// Reader hands out the batches of the stream of events in order. Whatever happens to the connection, the cluster or its
// consumer there, it goes on at the right place, and tries until its context ends. A message that is not there any more, or cannot
// be read, is a fault of the next batch. It implements pipeline.Source, and belongs to one goroutine.
type Reader struct {
	bus    *Bus
	log    *slog.Logger
	unpack *unpacker
	join   joiner

	next   uint64 // the sequence that is expected; 0: the first there is
	got    jetstream.MessageBatch
	source jetstream.Consumer
	came   uint64          // messages of source that came, in its own counting
	broken <-chan struct{} // closed when the connection on which source was made breaks
	faults []event.Fault   // for the next batch
}

// Reader returns a reader that begins at a sequence; 0 and 1 are the first message there is.
func (b *Bus) Reader(from uint64) *Reader {
	return &Reader{bus: b, log: b.log, unpack: newUnpacker(b.cfg.MaxBodyBytes), join: newJoiner(b.cfg.MaxBodyBytes), next: from}
}

// Next returns the next batch, and waits for it until ctx ends. Its Data is the batch's own. Errors are the context's, and
// ErrLost where the stream is not there any more or is shorter than it was: then nothing can be said about what was in it.
func (r *Reader) Next(ctx context.Context) (*event.Batch, error) {
	wait := retryFirst
	for {
		m, err := r.message(ctx)
		switch {
		case err == nil:
			if b := r.batch(m); b != nil {
				return b, nil
			}
			wait = retryFirst
			continue
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case errors.Is(err, ErrLost):
			return nil, err
		case !errors.Is(err, errQuiet):
			r.log.Warn("the stream of events is read anew", "at", r.next, "error", err)
			r.drop()
			if err := sleep(ctx, wait); err != nil {
				return nil, err
			}
			wait = min(2*wait, retryMost)
		}
	}
}

// errQuiet says that nothing came for a while, which is no fault.
var errQuiet = errors.New("nothing new")

// message returns the next message of the stream, as its consumer gives it.
func (r *Reader) message(ctx context.Context) (jetstream.Msg, error) {
	if err := r.fetch(ctx); err != nil {
		return nil, err
	}
	select {
	case m, more := <-r.got.Messages():
		if more {
			return m, nil
		}
		return nil, r.fetched(ctx)
	case <-r.broken:
		return nil, errBroken
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// fetched is called when nothing more comes of what was asked for. Where the consumer has given more than came, that was lost on its
// way, and if nothing is published any more no message would ever tell.
func (r *Reader) fetched(ctx context.Context) error {
	err := r.got.Error()
	if r.got = nil; err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, r.bus.cfg.Timeout)
	defer cancel()
	i, err := r.source.Info(ctx)
	if err == nil && i.Delivered.Consumer != r.came {
		err = errBroken
	}
	return cmp.Or(err, errQuiet)
}

// errBroken says that messages were lost on their way.
var errBroken = errors.New("the connection broke")

// fetch asks for messages, unless some that were asked for have not come yet.
func (r *Reader) fetch(ctx context.Context) (err error) {
	if r.got != nil {
		return nil
	}
	if r.source == nil {
		if r.source, err = r.consume(ctx); err != nil {
			return err
		}
	}
	r.got, err = r.source.Fetch(fetchMessages, jetstream.FetchMaxBytes(r.bus.fetchBytes()), jetstream.FetchMaxWait(fetchWait), jetstream.FetchHeartbeat(fetchHeartbeat))
	return err
}

// consume makes a consumer that begins where the reader is.
func (r *Reader) consume(ctx context.Context) (jetstream.Consumer, error) {
	ctx, cancel := context.WithTimeout(ctx, askAgain)
	defer cancel()
	stream, err := r.bus.js.Stream(ctx, streamEvents)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return nil, fmt.Errorf("%w: there is no stream %s", ErrLost, streamEvents)
	} else if err != nil {
		return nil, err
	}
	if last := stream.CachedInfo().State.LastSeq; r.next > last+1 {
		return nil, fmt.Errorf("%w: it ends at %d, and %d was to be read", ErrLost, last, r.next)
	}
	cfg := jetstream.ConsumerConfig{AckPolicy: jetstream.AckNonePolicy, MemoryStorage: true, Replicas: 1, InactiveThreshold: consumerIdle}
	if r.next > 1 {
		cfg.DeliverPolicy, cfg.OptStartSeq = jetstream.DeliverByStartSequencePolicy, r.next
	}
	r.came, r.broken = 0, r.bus.broken.wait()
	return stream.CreateConsumer(ctx, cfg)
}

// fetchBytes bounds what is asked for at a time. The server gives up a connection to which more than its max_pending is under way.
func (b *Bus) fetchBytes() int { return max(fetchBytes, int(b.nc.MaxPayload())+headroom) }

// drop gives up the consumer: a new one begins where the reader is.
func (r *Reader) drop() { r.got, r.source = nil, nil }

// batch makes a batch of a message, or nil where that is not the last part of one and there is nothing to tell.
func (r *Reader) batch(m jetstream.Msg) *event.Batch {
	meta, err := m.Metadata()
	if err != nil || meta.Sequence.Stream < r.next || meta.Sequence.Consumer != r.came+1 {
		r.drop() // not from the stream at all, or once more, or some before it were lost on their way
		return nil
	}
	r.came++
	r.noteGap(meta.Sequence.Stream)
	r.next = meta.Sequence.Stream + 1
	b := &event.Batch{Seq: meta.Sequence.Stream, ReceivedNs: meta.Timestamp.UnixNano()}
	if err := r.fill(b, m); err != nil {
		r.fault(cmp.Or(b.Origin, m.Subject()), err, m.Data())
	}
	r.faults = append(r.faults, r.join.expire(b.ReceivedNs)...)
	if b.Data == nil && len(r.faults) == 0 {
		return nil
	}
	b.Faults, r.faults = r.faults, nil
	return b
}

// fill sets what the message says, where that completes a body.
func (r *Reader) fill(b *event.Batch, m jetstream.Msg) (err error) {
	if b.Kind, b.Origin, err = parseSubject(m.Subject()); err != nil {
		return err
	}
	data, err := r.join.add(m.Subject(), m.Headers(), m.Data(), b.ReceivedNs, b.Seq)
	if data == nil || err != nil {
		return err
	}
	b.Line, b.Whole = 1, m.Headers().Get(headerWhole) != ""
	b.Data, err = r.unpack.unpack(m.Headers().Get(headerEncoding), data)
	return err
}

// noteGap tells of messages that should have come before seq. Before the reader's first there may be anything.
func (r *Reader) noteGap(seq uint64) {
	if r.next > 1 && seq > r.next {
		r.faults = append(r.faults, event.Fault{Origin: streamEvents, Reason: "messages " + strconv.FormatUint(r.next, 10) + " to " + strconv.FormatUint(seq-1, 10) + " are not in the stream any more"})
	}
}

// maxFaultData is how much of what cannot be read a fault keeps.
const maxFaultData = 64 << 10

func (r *Reader) fault(origin string, err error, data []byte) {
	r.faults = append(r.faults, event.Fault{Origin: origin, Reason: err.Error(), Data: append([]byte(nil), data[:min(len(data), maxFaultData)]...)})
}

// Oldest returns the sequence of the oldest message that a body still waits for other parts of, 0 where none does: whoever wants
// to read that body again has to begin there.
func (r *Reader) Oldest() uint64 { return r.join.oldest() }

// Position returns the sequence that the reader expects next.
func (r *Reader) Position() uint64 { return max(r.next, 1) }

// sleep waits for d, or until ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
