package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/parallax-sec/parallax/event"
)

// GateConfig bounds what agents may store.
type GateConfig struct {
	// NodeBytes is what one node may store at once, and in each NodePeriod again.
	NodeBytes  int64
	NodePeriod time.Duration
	// FullPercent is how full the stream of events may be until agents have to wait: the rest is for API servers.
	FullPercent int
	// MaxMatchBytes and MaxAuditBytes bound a batch of matches and a piece of an audit log, before compression.
	MaxMatchBytes, MaxAuditBytes int
}

// DefaultGateConfig lets a node store a sixteenth of the stream in 15 minutes, the time after which a stream that is almost full can
// be trimmed, and all nodes together three quarters of it.
func DefaultGateConfig(l Limits) GateConfig {
	return GateConfig{NodeBytes: l.Events / 16, NodePeriod: 15 * time.Minute, FullPercent: 75, MaxMatchBytes: 16 << 20, MaxAuditBytes: 64 << 20}
}

// Gate takes what agents send and stores it in the stream of events. Agents have no way to the stream by themselves, since whoever
// publishes to a stream can have the server's answer sent to any subject whatever his permissions, a key of a bucket for one, can
// name his messages so that another's are taken for repetitions, and can fill it. All hubs have one, each message goes to one of them.
type Gate struct {
	bus   *Bus
	cfg   GateConfig
	quota *quota
	stats struct{ stored, refused, full, failed atomic.Uint64 }
	sub   *nats.Subscription
}

// GateStats counts messages of agents. Dropped ones came when too many waited: their agents get no answer and try again.
type GateStats struct {
	Stored, Refused, Full, Failed, Dropped uint64
}

const (
	gateQueue = "hub"
	// gateMessages and gateBytes bound what waits at the gate.
	gateMessages = 8192
	gateBytes    = 64 << 20
)

// Gate returns a gate that is ready to run, and takes messages from now on.
func (b *Bus) Gate(cfg GateConfig) (*Gate, error) {
	g := &Gate{bus: b, cfg: cfg, quota: newQuota(cfg.NodeBytes, cfg.NodePeriod)}
	var err error
	if g.sub, err = b.nc.QueueSubscribeSync(gatePrefix+">", gateQueue); err == nil {
		err = g.sub.SetPendingLimits(gateMessages, gateBytes)
	}
	if err != nil {
		return nil, fmt.Errorf("open the gate: %w", storeError(err))
	}
	return g, nil
}

// Stats may be called from any goroutine.
func (g *Gate) Stats() GateStats {
	dropped, _ := g.sub.Dropped()
	return GateStats{g.stats.stored.Load(), g.stats.refused.Load(), g.stats.full.Load(), g.stats.failed.Load(), uint64(max(dropped, 0))}
}

// Run stores what comes until ctx ends, all that waits with one sync of the disk, and answers each message when it is stored.
func (g *Gate) Run(ctx context.Context) error {
	defer func() { _ = g.sub.Unsubscribe() }()
	for {
		m, err := g.sub.NextMsgWithContext(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil && !errors.Is(err, nats.ErrSlowConsumer) {
			return fmt.Errorf("wait at the gate: %w", storeError(err))
		}
		if m != nil {
			g.store(ctx, g.waiting(m))
		}
	}
}

// waiting returns m and what waits behind it, as much as is stored at once.
func (g *Gate) waiting(m *nats.Msg) []*nats.Msg {
	msgs, bytes := []*nats.Msg{m}, len(m.Data)
	for len(msgs) < batchMessages && bytes < batchBytes {
		if n, _, err := g.sub.Pending(); err != nil || n == 0 {
			break
		}
		m, err := g.sub.NextMsg(time.Second) // it is there
		if err != nil {
			break
		}
		msgs, bytes = append(msgs, m), bytes+len(m.Data)
	}
	return msgs
}

// store stores those messages that may come in, and answers all.
func (g *Gate) store(ctx context.Context, msgs []*nats.Msg) {
	var in, out []*nats.Msg
	fill := g.fill(ctx)
	for _, m := range msgs {
		admitted, err := g.admit(m, fill)
		if err != nil {
			g.answer(m, err)
			continue
		}
		in, out = append(in, m), append(out, admitted)
	}
	if len(out) == 0 {
		return
	}
	g.put(ctx, in, out)
}

// put stores out and answers in, the same messages as they came. What is refused for good is refused to the one message that is at
// fault: then each is stored by itself. Some are stored again by it, which whoever reads them knows, as after a retry.
func (g *Gate) put(ctx context.Context, in, out []*nats.Msg) {
	err := g.bus.storeAll(ctx, streamEvents, out)
	alone := Permanent(err)
	for i, m := range in {
		if alone {
			_, err = g.bus.store(ctx, streamEvents, out[i])
			alone = err == nil || Permanent(err) // others have to try again, too
		}
		g.answer(m, err)
	}
}

// fill returns an error when agents have to wait since the stream is too full.
func (g *Gate) fill(ctx context.Context) error {
	s, err := g.bus.js.Stream(ctx, streamEvents)
	if err != nil {
		return storeError(err)
	}
	i := s.CachedInfo()
	if i.Config.MaxBytes > 0 && i.State.Bytes > uint64(i.Config.MaxBytes)/100*uint64(g.cfg.FullPercent) {
		return fmt.Errorf("%w: agents wait while the stream is more than %d %% full", ErrFull, g.cfg.FullPercent)
	}
	return nil
}

// admit returns the message that is stored for m, with nothing of it but what we know.
func (g *Gate) admit(m *nats.Msg, fill error) (*nats.Msg, error) {
	subject := strings.TrimPrefix(m.Subject, gatePrefix)
	kind, origin, err := parseSubject(subject)
	if err != nil || kind != event.BatchMatches && kind != event.BatchAudit {
		return nil, fmt.Errorf("%w: nothing is taken from %.300q", ErrRefused, m.Subject)
	}
	header, err := g.header(kind, m)
	if err != nil {
		return nil, err
	}
	size, err := g.size(kind, m)
	if err != nil {
		return nil, err
	}
	if fill != nil {
		return nil, fill
	}
	if !g.quota.take(origin, int64(max(len(m.Data), size/16)+headroom)) {
		return nil, fmt.Errorf("%w: %s has stored as much as it may for now", ErrFull, origin)
	}
	stored := storedAs(kind, subject)
	if _, _, err := parseSubject(stored); err != nil { // the name is too long with the prefix
		return nil, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return &nats.Msg{Subject: stored, Header: header, Data: m.Data}, nil
}

// TailedPrefix begins the names of sources of audit events that are log files, not API servers. The name of an API server has no colon.
const TailedPrefix = "file:"

// storedAs is the subject in the stream of what comes to the gate under one: an audit log that an agent reads is another source than an API
// server, whatever the agent's node is called.
func storedAs(kind event.BatchKind, subject string) string {
	if kind != event.BatchAudit {
		return subject
	}
	last := strings.LastIndexByte(subject, '.') + 1
	return subject[:last] + tailedToken + subject[last:]
}

// tailedToken is TailedPrefix as encodeToken writes it.
const tailedToken = "file%3A"

// header returns the headers that are kept. Only pieces of audit logs come in parts.
func (g *Gate) header(kind event.BatchKind, m *nats.Msg) (nats.Header, error) {
	h := nats.Header{}
	for _, name := range []string{headerEncoding, headerWhole, headerPart, headerBody} {
		v := m.Header.Get(name)
		if v == "" {
			continue
		}
		if len(v) > 64 || (name == headerPart || name == headerBody) && kind != event.BatchAudit {
			return nil, fmt.Errorf("%w: header %s", ErrRefused, name)
		}
		h.Set(name, v)
	}
	if _, _, err := parsePart(h); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return h, nil
}

// size returns how large a payload becomes. The first part of a body tells it for all of them; of others it is not known.
func (g *Gate) size(kind event.BatchKind, m *nats.Msg) (int, error) {
	size := uint64(len(m.Data))
	if k, _, _ := parsePart(m.Header); k == 1 && m.Header.Get(headerEncoding) == encodingZstd {
		var err error
		if size, err = zipSize(m.Data); err != nil {
			return 0, fmt.Errorf("%w: %w", ErrRefused, err)
		}
	}
	// What we add to a message must fit beside it.
	if room := int(g.bus.nc.MaxPayload()) - headroom; len(m.Data) > room {
		return 0, fmt.Errorf("%w: %d bytes, of at most %d in one message", ErrTooLarge, len(m.Data), room)
	}
	most := g.cfg.MaxMatchBytes
	if kind == event.BatchAudit {
		most = g.cfg.MaxAuditBytes
	}
	if size > uint64(most) {
		return 0, fmt.Errorf("%w: %d bytes, of at most %d", ErrTooLarge, size, most)
	}
	return int(size), nil
}

// The answers of the gate, beside none.
const (
	answerStored      = "stored"
	answerFull        = "full"
	answerTooLarge    = "too large"
	answerRefused     = "refused"
	answerUnavailable = "unavailable"
)

// gateAnswer is what an agent is told.
type gateAnswer struct {
	Answer string `json:"answer"`
	Reason string `json:"reason,omitempty"`
}

// answer tells an agent what became of its message, in its own inbox and nowhere else: what it asks to be answered to is its word.
func (g *Gate) answer(m *nats.Msg, err error) {
	a := gateAnswer{Answer: g.count(err)}
	if err != nil {
		a.Reason = headerText(err.Error())
	}
	if !ownInbox(m) {
		return
	}
	data, err := json.Marshal(a)
	if err == nil {
		err = m.Respond(data)
	}
	if err != nil {
		g.bus.log.Debug("an agent got no answer", "subject", m.Subject, "error", err)
	}
}

// count counts what became of a message, and returns the word for it.
func (g *Gate) count(err error) string {
	switch {
	case err == nil:
		g.stats.stored.Add(1)
		return answerStored
	case errors.Is(err, ErrFull):
		g.stats.full.Add(1)
		return answerFull
	case errors.Is(err, ErrTooLarge):
		g.stats.refused.Add(1)
		return answerTooLarge
	case errors.Is(err, ErrRefused):
		g.stats.refused.Add(1)
		return answerRefused
	}
	g.stats.failed.Add(1)
	return answerUnavailable
}

// ownInbox says whether m is to be answered in an inbox of the node that it comes from, the last token of its subject.
func ownInbox(m *nats.Msg) bool {
	node := m.Subject[strings.LastIndexByte(m.Subject, '.')+1:]
	return strings.HasPrefix(m.Reply, inboxPrefix+node+".")
}
