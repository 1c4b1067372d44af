package daemon

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/sinks"
)

// sinkMetrics are the numbers of the sinks, and of the alerts that the output took.
type sinkMetrics struct {
	sinks                      func() map[string]sinks.Stats // by name
	given                      func() Given
	all                        []metric
	documents, failing, alerts metric
}

func newSinkMetrics(of func() map[string]sinks.Stats, given func() Given) *sinkMetrics {
	m := &sinkMetrics{
		sinks: of, given: given,
		documents: counter("sink_documents_total", "Alerts by what became of them at a sink.", "sink", "result"),
		failing:   gauge("sink_failing", "1 while a sink takes nothing.", "sink"),
		alerts:    counter("alerts_total", "Alerts that the output took.", "severity"),
	}
	m.all = []metric{m.documents, m.failing, m.alerts}
	return m
}

var sinkSeconds = prometheus.NewDesc("parallax_sink_request_seconds", "Requests to a sink, and the time that they took.", []string{"sink"}, nil)

// Describe is prometheus.Collector's.
func (m *sinkMetrics) Describe(ch chan<- *prometheus.Desc) {
	describe(ch, m.all)
	ch <- sinkSeconds
}

// Collect is prometheus.Collector's.
func (m *sinkMetrics) Collect(ch chan<- prometheus.Metric) {
	for name, s := range m.sinks() {
		m.documents.send(ch, float64(s.Created), name, "created")
		m.documents.send(ch, float64(s.Duplicate), name, "duplicate")
		m.documents.send(ch, float64(s.Retried), name, "retry")
		m.documents.send(ch, float64(s.Dead), name, "dead")
		m.failing.send(ch, flag(!s.FailingSince.IsZero()), name)
		ch <- prometheus.MustNewConstSummary(sinkSeconds, s.Requests, s.RequestTime.Seconds(), nil, name)
	}
	bySeverity := m.given().BySeverity
	for _, severity := range []int{event.SeverityLow, event.SeverityMedium, event.SeverityHigh, event.SeverityCritical} {
		m.alerts.send(ch, float64(bySeverity[severity]), event.SeverityName(severity))
	}
}

func flag(on bool) float64 {
	if on {
		return 1
	}
	return 0
}
