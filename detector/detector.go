package detector

import "github.com/parallax-sec/parallax/event"

// Config bounds what a detector remembers.
type Config struct {
	// MaxIDs is how many different alerts back a repetition is known for certain; between one and two times as many
	// ids are kept (27 bytes each, and the map's own slack).
	MaxIDs     int
	Nodes      NodeConfig
	Watermarks WatermarkConfig
}

// DefaultConfig remembers 131,072 alerts, in at most 14 MB.
func DefaultConfig() Config {
	return Config{MaxIDs: 1 << 17, Nodes: DefaultNodeConfig(), Watermarks: DefaultWatermarkConfig()}
}

// Stats counts what became of matches that gave no alert.
type Stats struct {
	Silent    uint64 // matches of building blocks
	Repeated  uint64 // matches of an alert that had been given out
	Forgotten uint64 // ids of alerts that were forgotten: should one of those repeat, it is given out again with the same id

	RepeatedBatches  uint64 // batches of agents that had been taken
	ForgottenNodes   uint64 // nodes of which nothing is known any more, since there are too many
	ForgottenFacts   uint64 // facts that were given up, since there are too many
	ForgottenSources uint64 // sources of which the watermark was forgotten, since there are too many
}

// Detector holds what decisions about coming matches need of those gone by.
type Detector struct {
	seen  recent // alerts
	plain recent // events of a stream that were given out as they are
	nodes nodes
	marks watermarks
	stats Stats
}

// New returns a detector.
func New(cfg Config) *Detector {
	return &Detector{
		seen: newRecent(cfg.MaxIDs), plain: newRecent(cfg.MaxIDs), nodes: newNodes(cfg.Nodes), marks: newWatermarks(cfg.Watermarks),
	}
}

// Known tells of an alert that was given out before the detector began: it is not given out again.
func (d *Detector) Known(id string) { d.seen.add(id) }

// Load tells of a fact that was stored before the detector began.
func (d *Detector) Load(f event.Fact) { d.nodes.load(&f) }

// Sources returns how far each source has come, in the order of their origins.
func (d *Detector) Sources() []SourceState { return d.marks.states() }

// Match takes the next match and returns the alert that it comes to, or nil: a building block gives none, and neither
// does what was given out before (the second stage of a request, the same event read twice). An event without a rule is given
// out as it is. late says that m's place in event-time order had been given out when m came.
func (d *Detector) Match(m *event.Match, late bool) *event.Alert {
	rule := m.Rule
	if rule == nil {
		return event.PlainEvent(m.Details, late)
	}
	if rule.Silent {
		d.stats.Silent++
		return nil
	}
	anchor, timeNs := anchorOf(rule, m.Details)
	id := event.AlertID(rule.Key(), nil, anchor)
	if !d.seen.add(id) {
		d.stats.Repeated++
		return nil
	}
	return &event.Alert{
		ID: id, Rule: rule, TimeNs: timeNs, Severity: m.Severity, Message: m.Message, Reason: m.Output,
		Status: event.StatusConfirmed, Confidence: confidence(m.Details), Late: late,
		Anchors: []string{anchor}, Details: m.Details,
	}
}

// Stats returns what was counted so far.
func (d *Detector) Stats() Stats {
	s := d.stats
	s.Forgotten = d.seen.forgotten
	s.ForgottenNodes, s.ForgottenFacts, s.ForgottenSources = d.nodes.forgottenNodes, d.nodes.forgottenFacts, d.marks.forgotten
	return s
}

// anchorOf returns what the alert is about, and its time.
func anchorOf(rule *event.Rule, d *event.Details) (id string, timeNs int64) {
	if rule.Request && d.RequestID != "" {
		if d.ReceivedNs == 0 {
			return d.RequestID, d.TimeNs
		}
		return d.RequestID, d.ReceivedNs
	}
	return d.EventID, d.TimeNs
}

func confidence(d *event.Details) event.Confidence {
	if d.Partial {
		return event.ConfidencePartial
	}
	return event.ConfidenceExact
}
