package pipeline

import (
	"context"
	"encoding/json"
	"maps"
	"sync"
	"time"

	"github.com/parallax-sec/parallax/event"
)

// ShipConfig says how an agent sends what it finds.
type ShipConfig struct {
	MaxMatches int           // of a batch, at most event.MaxBatchMatches
	MaxBytes   int           // of the matches of a batch, roughly
	Linger     time.Duration // how long a match waits for others
	Beat       time.Duration // how often the agent tells how it is, at least
	// OutboxBytes bounds what waits while the bus is away. Beyond, the oldest batch is given up and counted.
	OutboxBytes int
	Drain       time.Duration // how long what waits may take when the run has ended
	// State counts what the sensor saw and lost, for the fact about the node. It is called from any goroutine. nil: nothing is counted.
	State func() event.NodeState
	// Permanent says of an error that sending the same again is no use: the batch is given up and counted. nil: of none.
	Permanent func(error) bool
	// Failed is told of each error of sending, which is tried again unless Permanent says otherwise. It may be nil.
	Failed func(error)
}

// DefaultShipConfig sends batches of 256 matches or 50 ms, tells how the agent is every 10 s, and keeps 16 MB.
func DefaultShipConfig() ShipConfig {
	return ShipConfig{
		MaxMatches: event.MaxBatchMatches, MaxBytes: 512 << 10, Linger: 50 * time.Millisecond, Beat: 10 * time.Second,
		OutboxBytes: 16 << 20, Drain: 5 * time.Second,
	}
}

// Target takes encoded batches of an agent (event.AppendMatches). When Publish returns nil, the batch is stored.
type Target interface {
	Publish(ctx context.Context, data []byte) error
}

// Shipper sends matches and facts to a hub, each batch when the one before is stored. It stands in the place of a pipeline's detector: it
// takes matches, and gives no alerts. What no rule asked for is not sent, but given out here. Use NewShipper.
type Shipper struct {
	cfg    ShipConfig
	target Target
	wake   chan struct{} // something waits to be sent
	full   chan struct{} // a batch is full

	mu      sync.Mutex // guards what follows
	begun   bool
	head    event.Head // of the last batch
	matches []event.Match
	facts   []event.Fact
	bytes   int // of matches
	out     outbox
	refused parcels
	tell    bool // the next batch is to tell of the node
	sent    parcels
	failed  uint64
}

// ShipStats counts what was sent.
type ShipStats struct {
	Batches, Matches, Facts uint64 // stored
	LostMatches, LostFacts  uint64 // given up: there was no room for them, or they were refused
	Failures                uint64 // of sending; most were tried again
	WaitingBytes            int    // of batches that wait
}

// NewShipper returns a shipper. Nothing is sent before Begin.
func NewShipper(cfg ShipConfig, target Target) *Shipper {
	return &Shipper{
		cfg: cfg, target: target, wake: make(chan struct{}, 1), full: make(chan struct{}, 1), out: outbox{maxBytes: cfg.OutboxBytes},
	}
}

// Begin says who sends. It is called once, when the sensor has started and before its first match.
func (s *Shipper) Begin(node, bootID string, epoch uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.head, s.begun, s.tell = event.Head{Node: node, BootID: bootID, Epoch: epoch}, true, true
	signal(s.wake)
}

// Match takes a match, and keeps it until it is in a batch.
func (s *Shipper) Match(m *event.Match, late bool) *event.Alert {
	if m.Rule == nil {
		return event.PlainEvent(m.Details, late)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.begun { // nobody could tell whose it is
		s.refused.matches++
		return nil
	}
	s.matches = append(s.matches, *m)
	s.bytes += sizeOf(m)
	s.added(len(s.matches) >= s.cfg.MaxMatches || s.bytes >= s.cfg.MaxBytes)
	return nil
}

// Fact takes a fact. It may be called from any goroutine.
func (s *Shipper) Fact(f event.Fact) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.begun {
		s.refused.facts++
		return
	}
	s.facts = append(s.facts, f)
	s.added(len(s.facts) >= event.MaxBatchFacts-1) // one may come to it, about the node
}

// added makes a batch of what waits where it is full, and has Run look after it otherwise.
func (s *Shipper) added(full bool) {
	if full {
		s.cut()
		signal(s.full)
	}
	signal(s.wake)
}

// Reached says that all that happened up to an event time has been given to Match.
func (s *Shipper) Reached(newestNs int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.head.NewestNs = max(s.head.NewestNs, newestNs)
}

// Stats may be called from any goroutine.
func (s *Shipper) Stats() ShipStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return ShipStats{
		Batches: s.sent.batches, Matches: s.sent.matches, Facts: s.sent.facts,
		LostMatches: s.out.lost.matches + s.refused.matches, LostFacts: s.out.lost.facts + s.refused.facts,
		Failures: s.failed, WaitingBytes: s.out.bytes,
	}
}

// cut makes a batch of what waits and puts it into the outbox.
func (s *Shipper) cut() {
	if !s.begun {
		return
	}
	if s.tell {
		s.facts = append(s.facts, s.nodeFact())
	}
	if len(s.matches)+len(s.facts) == 0 {
		return
	}
	s.head.Seq++
	fits := s.out.put(parcel{event.AppendMatches(nil, s.head, s.matches, s.facts), len(s.matches), len(s.facts)})
	s.tell = !fits
	clear(s.matches)
	clear(s.facts)
	s.matches, s.facts, s.bytes = s.matches[:0], s.facts[:0], 0
}

// nodeFact tells how the node is.
func (s *Shipper) nodeFact() event.Fact {
	var state event.NodeState
	if s.cfg.State != nil {
		state = s.cfg.State()
	}
	lost := maps.Clone(state.Lost)
	if lost == nil {
		lost = map[string]uint64{}
	}
	for reason, n := range map[string]uint64{
		"outbox_full": s.out.lost.matches, "outbox_full_facts": s.out.lost.facts, "refused": s.refused.matches, "refused_facts": s.refused.facts,
	} {
		if n > 0 {
			lost[reason] += n
		}
	}
	state.Lost = lost
	data, err := json.Marshal(state)
	if err != nil {
		panic(err) // numbers and texts
	}
	return event.Fact{Kind: event.FactNode, Key: s.head.Node, TimeNs: s.head.NewestNs, Data: data}
}

// signal wakes up whoever waits for c.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
