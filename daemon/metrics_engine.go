package daemon

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/parallax-sec/parallax/detector"
	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/pipeline"
)

// engineMetrics are the numbers of judging: of this node's events, of the stream, or of both.
type engineMetrics struct {
	reports func() []pipeline.Report
	sources func() []detector.SourceState // of the stream; nil where it is not judged here
	shipped func() pipeline.ShipStats     // nil where there is no sensor
	all     []metric
	events, faults, matches, late, alerts, sourceAge, sourceLate, sourceAhead, reload,
	shipBatches, shipLost, shipFailures, shipWaiting metric
	reloadFailed func() bool
}

func newEngineMetrics(m engineMetrics) *engineMetrics {
	m.events = counter("events_total", "Events judged.")
	m.faults = counter("engine_faults_total", "Pieces that could not be read.")
	m.matches = counter("engine_matches_total", "Matches of rules.")
	m.late = counter("engine_late_events_total", "Matches older than the watermark of their source.")
	m.alerts = counter("engine_alerts_total", "Alerts stored for the sinks.", "rule")
	m.sourceAge = gauge("source_age_seconds", "How long ago a source was heard of.", "source")
	m.sourceLate = counter("source_late_events_total", "Matches of a source older than its watermark.", "source")
	m.sourceAhead = counter("source_ahead_events_total", "Events of a source that were received before they happened: its clock is wrong.", "source")
	m.reload = gauge("config_reload_success", "0 where what was changed last could not be put into force.")
	m.shipBatches = counter("agent_batches_total", "Batches of matches and facts that the stream has.")
	m.shipLost = counter("agent_lost_events_total", "Matches and facts given up, since there was no room for them while the stream was away.", "stage")
	m.shipFailures = counter("agent_send_failures_total", "Times that a batch could not be sent, and was tried again.")
	m.shipWaiting = gauge("agent_waiting_bytes", "Bytes of batches that wait for the stream.")
	m.all = []metric{
		m.events, m.faults, m.matches, m.late, m.alerts, m.sourceAge, m.sourceLate, m.sourceAhead, m.reload,
		m.shipBatches, m.shipLost, m.shipFailures, m.shipWaiting,
	}
	return &m
}

// Describe is prometheus.Collector's.
func (m *engineMetrics) Describe(ch chan<- *prometheus.Desc) { describe(ch, m.all) }

// Collect is prometheus.Collector's.
func (m *engineMetrics) Collect(ch chan<- prometheus.Metric) {
	m.reload.send(ch, flag(!m.reloadFailed()))
	m.collectReports(ch)
	if m.sources != nil {
		m.collectSources(ch)
	}
	if m.shipped != nil {
		s := m.shipped()
		m.shipBatches.send(ch, float64(s.Batches))
		m.shipLost.send(ch, float64(s.LostMatches+s.LostFacts), "outbox")
		m.shipFailures.send(ch, float64(s.Failures))
		m.shipWaiting.send(ch, float64(s.WaitingBytes))
	}
}

// collectReports adds up what the pipelines of this process saw.
func (m *engineMetrics) collectReports(ch chan<- prometheus.Metric) {
	var sum pipeline.Report
	alerts := map[string]uint64{}
	for _, r := range m.reports() {
		sum.Events, sum.Faults, sum.Matches, sum.Late = sum.Events+r.Events, sum.Faults+r.Faults, sum.Matches+r.Matches, sum.Late+r.Late
		for rule, n := range r.ByRule {
			alerts[rule] += n
		}
	}
	m.events.send(ch, float64(sum.Events))
	m.faults.send(ch, float64(sum.Faults))
	m.matches.send(ch, float64(sum.Matches))
	m.late.send(ch, float64(sum.Late))
	for rule, n := range alerts {
		m.alerts.send(ch, float64(n), rule)
	}
}

func (m *engineMetrics) collectSources(ch chan<- prometheus.Metric) {
	now := time.Now().UnixNano()
	for _, s := range m.sources() {
		name := event.Escape(s.Origin)
		m.sourceAge.send(ch, time.Duration(max(0, now-s.ReceivedNs)).Seconds(), name)
		m.sourceLate.send(ch, float64(s.Late), name)
		m.sourceAhead.send(ch, float64(s.Ahead), name)
	}
}
