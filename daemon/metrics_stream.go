package daemon

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/parallax-sec/parallax/bus"
)

// streamMetrics are the numbers of the streams. They are asked for each time, for a bounded time.
type streamMetrics struct {
	of                                                                func(context.Context) (bus.Status, error)
	all                                                               []metric
	up, bytes, maxBytes, messages, behind, waiting, diskFree, evicted metric
}

func newStreamMetrics(of func(context.Context) (bus.Status, error)) *streamMetrics {
	m := &streamMetrics{
		of:       of,
		up:       gauge("stream_up", "1 where the streams answer."),
		bytes:    gauge("stream_bytes", "Bytes of a stream, as stored.", "stream"),
		maxBytes: gauge("stream_max_bytes", "Bytes that a stream may have.", "stream"),
		messages: gauge("stream_messages", "Messages of a stream.", "stream"),
		behind:   gauge("engine_behind_messages", "Messages of the stream of events that are not judged and stored yet."),
		waiting:  gauge("sink_waiting_documents", "Alerts that a sink has not taken yet.", "sink"),
		diskFree: gauge("stream_disk_free_bytes", "What the disk of the embedded streams has left."),
		evicted:  counter("facts_evicted_total", "Facts that held, removed from their stream to make room for others."),
	}
	m.all = []metric{m.up, m.bytes, m.maxBytes, m.messages, m.behind, m.waiting, m.diskFree, m.evicted}
	return m
}

// Describe is prometheus.Collector's.
func (m *streamMetrics) Describe(ch chan<- *prometheus.Desc) { describe(ch, m.all) }

// Collect is prometheus.Collector's.
func (m *streamMetrics) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	s, err := m.of(ctx)
	m.up.send(ch, flag(err == nil))
	if err != nil {
		return
	}
	for i := range s.Streams {
		one := &s.Streams[i]
		m.bytes.send(ch, float64(one.Bytes), one.Name)
		m.maxBytes.send(ch, float64(one.MaxBytes), one.Name)
		m.messages.send(ch, float64(one.Messages), one.Name)
	}
	m.evicted.send(ch, float64(s.FactsEvicted))
	m.behind.send(ch, float64(s.Behind))
	for _, sink := range s.Sinks {
		m.waiting.send(ch, float64(sink.Waiting)+float64(sink.Held), sink.Name)
	}
	if s.Disk != nil {
		m.diskFree.send(ch, float64(s.Disk.Free))
	}
}
