package daemon

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/parallax-sec/parallax/ingest/kernel/sensor"
)

// sensorMetrics are the numbers of the kernel sensor. They are read when they are asked for.
type sensorMetrics struct {
	of  func() sensor.Stats
	all []metric
	records, bytes, bad, facts, factsDropped, lost, containers, waiting,
	held, heldBytes, nameless, stuck metric
}

func newSensorMetrics(of func() sensor.Stats) *sensorMetrics {
	m := &sensorMetrics{
		of:           of,
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
		m.records, m.bytes, m.bad, m.facts, m.factsDropped, m.lost, m.containers, m.waiting, m.held, m.heldBytes, m.nameless, m.stuck,
	}
	return m
}

// Describe is prometheus.Collector's.
func (m *sensorMetrics) Describe(ch chan<- *prometheus.Desc) { describe(ch, m.all) }

// Collect is prometheus.Collector's.
func (m *sensorMetrics) Collect(ch chan<- prometheus.Metric) {
	s := m.of()
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
