package pipeline

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"sync"

	"github.com/parallax-sec/parallax/detector"
	"github.com/parallax-sec/parallax/event"
)

// StreamConfig says how the batches of a stream are handled.
type StreamConfig struct {
	Workers int // at least 1
	Filter  Filter
	// From is the place in the stream where the source begins.
	From uint64
	// Stored is the place up to which alerts, facts and faults are stored: batches up to it only tell the detector what it has to know.
	Stored uint64
	// Rules is the hash of the rule set that was in force at Stored; where it is not loaded here, the one that is in force goes on.
	Rules string
	// Follow says that another hub is active: what comes behind Stored is held back, until Acked says that the other one has stored it or
	// Promote says that it is gone.
	Follow bool
	// MaxHeldBytes bounds what a follower holds back. Beyond, the oldest is given up: should it be needed, Promote says ErrBehind.
	MaxHeldBytes int
	// Fault is told of each piece that could not be read, in the order of the stream, when it is given out. It may be nil.
	Fault func(event.Fault)
}

// DefaultStreamConfig reads a stream from its beginning with one worker; it holds back at most 64 MB.
func DefaultStreamConfig() StreamConfig {
	return StreamConfig{Workers: 1, From: 1, MaxHeldBytes: 64 << 20}
}

// StreamParts are what a stream's pipeline is made of. Each of the stores must take again what it has taken before: a step that
// was stored in part is stored again after a restart.
type StreamParts struct {
	Source   Source        // batches with Seq and ReceivedNs, in the order of Seq
	Worker   func() Worker // StreamWorkers.New
	Rules    *RuleSets
	Detector StreamDetector

	Sink       Sink
	Facts      func(context.Context, []event.Fact) error
	Quarantine func(ctx context.Context, f event.Fault, kind event.BatchKind, seq uint64) error
	// Position is told how far everything is stored. It does not block.
	Position func(Checkpoint)
	// Active is asked right before something is stored, and says with an error that another hub may be active: it ends the run. nil: this
	// hub always is.
	Active func() error
	// Retry says whether what could not be stored is tried again, since the store is full or away for now. nil: never.
	Retry func(error) bool
}

// StreamDetector turns the batches of a stream, in their order, into what is to be stored.
type StreamDetector interface {
	Take(b *detector.Batch) detector.Output
}

// Stream is one run over a stream of batches. Use NewStream.
type Stream struct {
	cfg   StreamConfig
	parts StreamParts
	gate  gate
	marks rebuildMarks
	steps []step // of the last group

	mu     sync.Mutex // guards the detector and what follows
	report Report
	seq    uint64 // of the last batch that the detector took
	waits  uint64 // times that something could not be stored for now
}

// NewStream returns a stream's pipeline of parts.
func NewStream(cfg StreamConfig, parts StreamParts) *Stream {
	s := &Stream{cfg: cfg, parts: parts, report: newReport(), marks: newRebuildMarks(cfg.From)}
	s.gate.store, s.gate.maxBytes, s.gate.following = s.store, cfg.MaxHeldBytes, cfg.Follow
	s.gate.stored.Store(cfg.Stored)
	parts.Rules.begin(cfg.Rules)
	return s
}

// Run handles the stream until its source ends, something cannot be stored, or ctx ends: then the error is the context's cause, and
// nothing more is stored. What was read and is not stored will be read again. For a stop that loses no work, let the source end.
func (s *Stream) Run(ctx context.Context) (Report, error) {
	lane := Lane{Source: ruled{s.parts.Source, s.parts.Rules}, Worker: s.parts.Worker}
	stage := startStage(ctx, lane, Config{Workers: s.cfg.Workers, ahead: batchesAhead})
	defer stage.stop()
	for {
		j, err := stage.next(ctx)
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		if j == nil || err != nil {
			return s.Report(), err
		}
		steps := s.group(stage, j)
		if err := s.gate.pass(ctx, steps); err != nil {
			return s.Report(), err
		}
		clear(steps)
	}
}

// What is judged ahead while a store is at work, and stored together at most, roughly.
const (
	batchesAhead   = 16
	maxGroup       = 64 // batches
	maxGroupAlerts = 256
)

// group returns what is to be stored after a batch and those behind it that are judged by now: a store that syncs its disk takes
// many as fast as one. Nothing waits for a batch that is still to come.
func (s *Stream) group(stage *stage, j *job) []step {
	steps, alerts := s.steps[:0], 0
	for ; j != nil; j = stage.ready() {
		steps = append(steps, s.take(j))
		stage.recycle(j)
		alerts += len(steps[len(steps)-1].alerts)
		if len(steps) == maxGroup || alerts >= maxGroupAlerts {
			break
		}
	}
	s.steps = steps
	return steps
}

// Acked tells a follower that the active hub has stored everything up to seq.
func (s *Stream) Acked(seq uint64) { s.gate.acked(seq) }

// Promote makes a follower the active one: it stores what it held back behind seq, which is the last checkpoint of the hub before, and holds
// back nothing from then on. It may be called while Run is at work. ErrBehind says that it cannot.
func (s *Stream) Promote(ctx context.Context, seq uint64) error { return s.gate.promote(ctx, seq) }

// Sync calls f while the detector is at rest, so that f may read what the detector has counted.
func (s *Stream) Sync(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

// Progress is how far a stream's pipeline has come.
type Progress struct {
	Seq       uint64 // of the last batch that the detector took
	Stored    uint64 // everything up to here is stored, as far as is known
	HeldBytes int    // roughly, of what a follower holds back
	Waits     uint64 // times that something could not be stored for now, and was tried again
}

// Progress may be called from any goroutine.
func (s *Stream) Progress() Progress {
	stored, held := s.gate.progress()
	s.mu.Lock()
	defer s.mu.Unlock()
	return Progress{Seq: s.seq, Stored: stored, HeldBytes: held, Waits: s.waits}
}

// Report returns what was seen and given out so far. What was read again to build up what is known does not count.
func (s *Stream) Report() Report {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.report
	r.BySeverity, r.ByRule = maps.Clone(r.BySeverity), maps.Clone(r.ByRule)
	return r
}

// take has the detector look at what a batch came to, and returns what is to be stored. It keeps nothing of j.
func (s *Stream) take(j *job) step {
	slices.SortStableFunc(j.Matches, func(a, b event.Match) int { return j.compare(&a, &b) })
	st := step{to: Checkpoint{Seq: j.seq, RebuildFrom: s.marks.note(j.seq, j.receivedNs), Rules: j.rules}, kind: j.kind, faults: slices.Clone(j.Faults)}
	out := s.detect(j)
	st.facts = out.Facts
	for _, a := range out.Alerts {
		if s.cfg.Filter.keep(a) {
			st.alerts = append(st.alerts, a)
		}
	}
	return st
}

// detect has the detector say what a batch comes to.
func (s *Stream) detect(j *job) detector.Output {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.parts.Detector.Take(&detector.Batch{
		Seq: j.seq, ReceivedNs: j.receivedNs, Kind: j.kind, Origin: j.origin, Head: j.Head, NewestNs: j.newestNs(), Ahead: j.Ahead,
		Matches: j.Matches, Facts: j.Facts,
	})
	if s.seq = j.seq; j.seq > s.cfg.Stored {
		s.report.addJob(j)
		s.report.Matches += out.Matches
		s.report.Late += out.Late
	}
	return out
}

// newestNs is how far event time has come; 0 where nothing tells.
func (j *job) newestNs() int64 {
	told := max(j.Head.NewestNs, j.ReadToNs)
	if j.Events == 0 {
		return told
	}
	return max(told, j.LastNs)
}

// compare puts matches in event-time order. A time that cannot be, since it is after the receipt, counts as one that just can.
func (j *job) compare(a, b *event.Match) int {
	latest := int64(math.MaxInt64)
	if j.receivedNs != 0 {
		latest = j.receivedNs + detector.MaxAhead.Nanoseconds()
	}
	if c := cmp.Compare(min(a.Details.TimeNs, latest), min(b.Details.TimeNs, latest)); c != 0 {
		return c
	}
	return compareAtOneTime(a, b)
}
