package main

import (
	"context"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/kernel/sensor"
	"github.com/parallax-sec/parallax/sinks"
)

// runMetrics are the numbers of a run of the sensor. They are read when they are asked for.
type runMetrics struct {
	events func() uint64
	sensor func() sensor.Stats
	alerts func() map[int]uint64 // by severity

	all []metric
	eventsTotal, alertsTotal,
	records, bytes, bad, facts, factsDropped, lost, containers, waiting,
	held, heldBytes, nameless, stuck metric
}

func newRunMetrics(events func() uint64, of func() sensor.Stats, alerts func() map[int]uint64) *runMetrics {
	m := &runMetrics{
		events: events, sensor: of, alerts: alerts,
		eventsTotal:  counter("events_total", "Events judged."),
		alertsTotal:  counter("alerts_total", "Alerts given out.", "severity"),
		records:      counter("sensor_records_total", "Records read from the kernel."),
		bytes:        counter("sensor_bytes_total", "Bytes of records read from the kernel."),
		bad:          counter("sensor_bad_records_total", "Records of the kernel that cannot be read."),
		facts:        counter("sensor_facts_total", "Facts put into the stream beside the records."),
		factsDropped: counter("sensor_facts_dropped_total", "Facts too large to be put into the stream."),
		lost:         counter("sensor_lost_total", "Records, or other things the kernel's programs know, that found no room.", "reason", "cpu"),
		containers:   gauge("sensor_containers", "Containers that run."),
		waiting:      gauge("sensor_ring_bytes", "Bytes in the rings that are not read yet.", "ring"),
		held:         counter("sensor_held_records_total", "Records that waited for their container's names."),
		heldBytes:    gauge("sensor_held_bytes", "Bytes of records that wait for their container's names."),
		nameless:     counter("sensor_nameless_containers_total", "Containers whose first records went out without names.", "reason"),
		stuck:        gauge("sensor_lookups", "Lookups in containers' files that are at work, or never end."),
	}
	m.all = []metric{
		m.eventsTotal, m.alertsTotal, m.records, m.bytes, m.bad, m.facts, m.factsDropped, m.lost, m.containers, m.waiting, m.held,
		m.heldBytes, m.nameless, m.stuck,
	}
	return m
}

// Describe is prometheus.Collector's.
func (m *runMetrics) Describe(ch chan<- *prometheus.Desc) {
	for _, one := range m.all {
		ch <- one.Desc
	}
}

// Collect is prometheus.Collector's.
func (m *runMetrics) Collect(ch chan<- prometheus.Metric) {
	m.eventsTotal.send(ch, float64(m.events()))
	for severity, n := range m.alerts() {
		m.alertsTotal.send(ch, float64(n), event.SeverityName(severity))
	}
	s := m.sensor()
	for _, l := range s.Lost {
		m.lost.send(ch, float64(l.N), l.Reason, cpuLabel(l.CPU))
	}
	m.waiting.send(ch, float64(s.RareWaiting), "rare")
	m.waiting.send(ch, float64(s.BulkWaiting), "bulk")
	m.nameless.send(ch, float64(s.Nameless), "late")
	m.nameless.send(ch, float64(s.HoldFull), "full")
	for _, one := range []struct {
		metric
		value float64
	}{
		{m.records, float64(s.Records)},
		{m.bytes, float64(s.Bytes)},
		{m.bad, float64(s.Bad)},
		{m.facts, float64(s.Facts)},
		{m.factsDropped, float64(s.FactsDropped)},
		{m.containers, float64(s.Containers)},
		{m.held, float64(s.Held)},
		{m.heldBytes, float64(s.HeldNow)},
		{m.stuck, float64(s.Stuck)},
	} {
		one.send(ch, one.value)
	}
}

// counting is a sink that counts the alerts that another one has taken.
type counting struct {
	sinks.Sink
	mu         sync.Mutex
	bySeverity map[int]uint64 // guarded by mu
}

// Write passes alerts on.
func (c *counting) Write(ctx context.Context, alerts []*event.Alert) error {
	if err := c.Sink.Write(ctx, alerts); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, a := range alerts {
		if !a.Plain {
			c.bySeverity[a.Severity]++
		}
	}
	return nil
}

// counts returns how many alerts there were of each severity; of those that there may be, at least 0.
func (c *counting) counts() map[int]uint64 {
	out := map[int]uint64{event.SeverityLow: 0, event.SeverityMedium: 0, event.SeverityHigh: 0, event.SeverityCritical: 0}
	c.mu.Lock()
	defer c.mu.Unlock()
	for severity, n := range c.bySeverity {
		out[severity] = n
	}
	return out
}
