package detector

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/parallax-sec/parallax/event"
)

// WatermarkConfig says how far behind the newest event of a source older ones may still come.
type WatermarkConfig struct {
	Reorder time.Duration // of API servers that send to the webhook: they collect batches, and try again
	Tail    time.Duration // of log files that are read as they grow
	// Silence is how long a sensor may say nothing until its watermark moves on by itself: so long may batches be under way. The
	// others have that in the two above.
	Silence time.Duration
	// Tailed says of an origin of audit events that it is a log file; nil: none is.
	Tailed func(origin string) bool
	// MaxSources bounds how many sources are known. Beyond, of the owner that has most of them (a cluster, all nodes, all Falcos), the
	// one that was heard of least recently is forgotten: nothing of it is late until it has said something again.
	MaxSources int
}

// DefaultWatermarkConfig waits 30 s for API servers and 5 s for files, and knows 16,384 sources.
func DefaultWatermarkConfig() WatermarkConfig {
	return WatermarkConfig{Reorder: 30 * time.Second, Tail: 5 * time.Second, Silence: 5 * time.Second, MaxSources: 1 << 14}
}

// SourceState is how far a source has come.
type SourceState struct {
	Origin      string
	ReceivedNs  int64  // time of receipt of its last batch
	WatermarkNs int64  // at that time; the least number there is where there is none
	Batches     uint64 // that were not repetitions
	Late        uint64 // matches older than the watermark
	Ahead       uint64 // events more than MaxAhead after their receipt
}

// MaxAhead is how far event time may be ahead of the time of receipt. Beyond, the clock of the source is wrong.
const MaxAhead = 5 * time.Second

// watermarks know for each source up to which event time everything has come, as far as can be told. Their clock is the time of
// receipt of batches. A jump of that costs nothing: forward, watermarks jump with it; back, none stays ahead of it.
type watermarks struct {
	cfg       WatermarkConfig
	sources   map[string]*source // by origin
	forgotten uint64
}

// source is how far one source has come. WatermarkNs is never after ReceivedNs.
type source struct {
	SourceState
	slackNs int64 // how long it may say nothing without anything being wrong
	delayNs int64 // how far behind its newest event older ones may come
}

func newWatermarks(cfg WatermarkConfig) watermarks {
	return watermarks{cfg: cfg, sources: map[string]*source{}}
}

// news takes in that a source has been heard of, with events up to newestNs; 0: with none. Of a sensor, that is how far it has
// read. It returns the source and the watermark that stood before: what is older is late.
func (w *watermarks) news(origin string, kind event.BatchKind, newestNs, receivedNs int64) (s *source, beforeNs int64) {
	if s = w.sources[origin]; s == nil {
		s = w.add(origin, kind)
	}
	beforeNs = s.at(receivedNs)
	s.WatermarkNs, s.ReceivedNs = beforeNs, receivedNs
	if newestNs != 0 && kind != event.BatchFalco { // what another program says moves no watermark
		reached := max(newestNs, math.MinInt64+s.delayNs) - s.delayNs
		s.WatermarkNs = max(beforeNs, min(reached, receivedNs))
	}
	s.Batches++
	return s, beforeNs
}

// at is the watermark at a time of receipt: that of the last news, and the time that has passed since then.
func (s *source) at(receivedNs int64) int64 {
	if s.WatermarkNs == math.MinInt64 {
		return s.WatermarkNs
	}
	passed := max(0, receivedNs-s.ReceivedNs-s.slackNs)
	return min(s.WatermarkNs+passed, receivedNs)
}

// states returns how far the sources have come, in the order of their origins.
func (w *watermarks) states() []SourceState {
	out := make([]SourceState, 0, len(w.sources))
	for _, s := range w.sources {
		out = append(out, s.SourceState)
	}
	slices.SortFunc(out, func(a, b SourceState) int { return strings.Compare(a.Origin, b.Origin) })
	return out
}

func (w *watermarks) add(origin string, kind event.BatchKind) *source {
	if len(w.sources) >= w.cfg.MaxSources {
		w.forget()
	}
	s := &source{SourceState: SourceState{Origin: origin, WatermarkNs: math.MinInt64}}
	switch {
	case kind != event.BatchAudit:
		s.slackNs = w.cfg.Silence.Nanoseconds()
	case w.cfg.Tailed != nil && w.cfg.Tailed(origin):
		s.delayNs = w.cfg.Tail.Nanoseconds()
	default:
		s.delayNs = w.cfg.Reorder.Nanoseconds()
	}
	w.sources[origin] = s
	return s
}

// forget forgets a source: of the owner that has most of them, the one heard of least recently.
func (w *watermarks) forget() {
	count := map[string]int{}
	for origin := range w.sources {
		count[ownerOf(origin)]++
	}
	var worst *source
	for _, s := range w.sources {
		if worst == nil || soonerForgotten(s, worst, count) < 0 {
			worst = s
		}
	}
	if worst != nil {
		delete(w.sources, worst.Origin)
		w.forgotten++
	}
}

func soonerForgotten(a, b *source, count map[string]int) int {
	return cmp.Or(
		cmp.Compare(count[ownerOf(b.Origin)], count[ownerOf(a.Origin)]),
		cmp.Compare(a.ReceivedNs, b.ReceivedNs),
		strings.Compare(a.Origin, b.Origin), // the same in every run
	)
}

// ownerOf is whom a source belongs to: all but the last part of its origin, "audit/CLUSTER" or "node".
func ownerOf(origin string) string {
	return origin[:max(0, strings.LastIndexByte(origin, '/'))]
}
