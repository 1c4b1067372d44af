package daemon

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
)

// metric is one number, or several that labels tell apart.
type metric struct {
	*prometheus.Desc
	kind prometheus.ValueType
}

func counter(name, help string, labels ...string) metric {
	return metric{prometheus.NewDesc("parallax_"+name, help, labels, nil), prometheus.CounterValue}
}

func gauge(name, help string, labels ...string) metric {
	return metric{prometheus.NewDesc("parallax_"+name, help, labels, nil), prometheus.GaugeValue}
}

// send gives out a value of m.
func (m metric) send(ch chan<- prometheus.Metric, value float64, labels ...string) {
	ch <- prometheus.MustNewConstMetric(m.Desc, m.kind, value, labels...)
}

func cpuLabel(cpu int) string { return strconv.Itoa(cpu) }

// describe sends what metrics are.
func describe(ch chan<- *prometheus.Desc, all []metric) {
	for _, one := range all {
		ch <- one.Desc
	}
}
