package daemon

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/parallax-sec/parallax/bus"
	"github.com/parallax-sec/parallax/ingest/audit/webhook"
	"github.com/parallax-sec/parallax/kubeauth"
)

// webhookMetrics are the numbers of the audit webhook.
type webhookMetrics struct {
	of                                                                                            func() webhook.Stats
	all                                                                                           []metric
	requests, outcomes, events, bytes, disagreed, underWay, underWayBytes, connections, displaced metric
	seconds                                                                                       *prometheus.Desc
}

func newWebhookMetrics(of func() webhook.Stats) *webhookMetrics {
	m := &webhookMetrics{
		of:            of,
		requests:      counter("audit_requests_total", "Requests of API servers, by the answer's status.", "code"),
		outcomes:      counter("audit_request_outcomes_total", "The same by what became of them.", "outcome"),
		events:        counter("audit_events_total", "Audit events stored."),
		bytes:         counter("audit_bytes_total", "Bytes of audit events stored, before compression."),
		disagreed:     counter("audit_disagreed_total", "Requests whose path named another API server than their certificate, which was believed."),
		underWay:      gauge("audit_requests_under_way", "Requests that are not answered yet."),
		underWayBytes: gauge("audit_bytes_under_way", "Memory of bodies that are not stored yet."),
		connections:   gauge("audit_connections", "Connections of API servers."),
		displaced:     counter("audit_displaced_connections_total", "Connections closed for a new one, or not taken, since there were too many."),
		seconds:       prometheus.NewDesc("parallax_audit_ingest_seconds", "From the headers of a request that was stored to its answer.", nil, nil),
	}
	m.all = []metric{m.requests, m.outcomes, m.events, m.bytes, m.disagreed, m.underWay, m.underWayBytes, m.connections, m.displaced}
	return m
}

// Describe is prometheus.Collector's.
func (m *webhookMetrics) Describe(ch chan<- *prometheus.Desc) {
	describe(ch, m.all)
	ch <- m.seconds
}

// Collect is prometheus.Collector's.
func (m *webhookMetrics) Collect(ch chan<- prometheus.Metric) {
	s := m.of()
	byCode := map[int]uint64{}
	for outcome, n := range s.Requests {
		byCode[outcome.Code()] += n
		m.outcomes.send(ch, float64(n), outcome.String())
	}
	for code, n := range byCode {
		m.requests.send(ch, float64(n), strconv.Itoa(code))
	}
	m.events.send(ch, float64(s.Events))
	m.bytes.send(ch, float64(s.Bytes))
	m.disagreed.send(ch, float64(s.Disagreed))
	m.underWay.send(ch, float64(s.UnderWay))
	m.underWayBytes.send(ch, float64(s.UnderWayBytes))
	m.connections.send(ch, float64(s.Connections))
	m.displaced.send(ch, float64(s.Displaced))
	ch <- prometheus.MustNewConstHistogram(m.seconds, s.Seconds.Count, s.Seconds.Sum, s.Seconds.Buckets)
}

// gateMetrics are the numbers of what agents send.
type gateMetrics struct {
	of       func() bus.GateStats
	messages metric
}

func newGateMetrics(of func() bus.GateStats) *gateMetrics {
	return &gateMetrics{of, counter("gate_messages_total", "Messages of agents, by what became of them; those that are not stored are sent again.", "result")}
}

// Describe is prometheus.Collector's.
func (m *gateMetrics) Describe(ch chan<- *prometheus.Desc) { describe(ch, []metric{m.messages}) }

// Collect is prometheus.Collector's.
func (m *gateMetrics) Collect(ch chan<- prometheus.Metric) {
	s := m.of()
	for result, n := range map[string]uint64{"stored": s.Stored, "refused": s.Refused, "full": s.Full, "failed": s.Failed, "dropped": s.Dropped} {
		m.messages.send(ch, float64(n), result)
	}
}

// tokenMetrics are the numbers of agents' tokens.
type tokenMetrics struct {
	of     func() kubeauth.Stats
	tokens metric
}

func newTokenMetrics(of func() kubeauth.Stats) *tokenMetrics {
	return &tokenMetrics{of, counter("agent_tokens_total", "Tokens that agents showed, by what became of them; of those cached the API server was not asked again.", "result")}
}

// Describe is prometheus.Collector's.
func (m *tokenMetrics) Describe(ch chan<- *prometheus.Desc) { describe(ch, []metric{m.tokens}) }

// Collect is prometheus.Collector's.
func (m *tokenMetrics) Collect(ch chan<- prometheus.Metric) {
	s := m.of()
	for result, n := range map[string]uint64{"accepted": s.Accepted, "refused": s.Refused, "cached": s.Cached, "unavailable": s.Unavailable} {
		m.tokens.send(ch, float64(n), result)
	}
}
