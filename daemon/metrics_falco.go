package daemon

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/parallax-sec/parallax/ingest/falco/intake"
)

// falcoMetrics are the numbers of Falco's alerts that come in.
type falcoMetrics struct {
	part                             *falcoPart
	all                              []metric
	requests, stored, lost, failures metric
	up                               metric
}

func newFalcoMetrics(f *falcoPart) *falcoMetrics {
	m := &falcoMetrics{
		part:     f,
		requests: counter("falco_requests_total", "Alerts that were posted, by what became of them.", "outcome"),
		stored:   counter("falco_grpc_stored_total", "Alerts taken from Falco's gRPC and stored."),
		lost:     counter("falco_grpc_lost_total", "Alerts taken from Falco's gRPC and not stored.", "reason"),
		failures: counter("falco_grpc_failures_total", "Connections to Falco's gRPC that ended or did not come about."),
		up:       gauge("falco_grpc_up", "1 while connected to Falco's gRPC."),
	}
	m.all = []metric{m.requests, m.stored, m.lost, m.failures, m.up}
	return m
}

// Describe is prometheus.Collector's.
func (m *falcoMetrics) Describe(ch chan<- *prometheus.Desc) { describe(ch, m.all) }

// Collect is prometheus.Collector's.
func (m *falcoMetrics) Collect(ch chan<- prometheus.Metric) {
	if h := m.part.handler; h != nil {
		for outcome, n := range h.Counts() {
			m.requests.send(ch, float64(n), intake.Outcome(outcome).String())
		}
	}
	if g := m.part.grpc; g != nil {
		c := g.Counts()
		m.stored.send(ch, float64(c.Stored))
		m.lost.send(ch, float64(c.Lost), "stopped")
		m.lost.send(ch, float64(c.Garbled), "garbled")
		m.failures.send(ch, float64(c.Failures))
		m.up.send(ch, flag(c.Up))
	}
}
