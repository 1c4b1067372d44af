package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/parallax-sec/parallax/detector"
	"github.com/parallax-sec/parallax/pipeline"
)

// openOps prepares what operators look at.
func (d *Daemon) openOps(context.Context) error {
	if d.cfg.Ops.Listen == "" {
		return nil
	}
	d.addChecks()
	registry, err := newRegistry(d.s.Version, d.collectors()...)
	if err != nil {
		return err
	}
	more := map[string]http.Handler{}
	if d.bus != nil {
		more["GET /bus/status"] = http.HandlerFunc(d.busStatus)
	}
	d.ops, err = newOps(d.cfg.Ops.Listen, d.health, registry, more)
	return err
}

// addChecks says what has to be well for the process to be ready. Sinks do not: a SIEM that is away must not keep events from being
// taken in.
func (d *Daemon) addChecks() {
	d.health.ready("inputs", func() error {
		if missing := d.ready.missing(); len(missing) > 0 {
			return errors.New("not live yet: " + strings.Join(missing, ", "))
		}
		return nil
	})
	if d.link != nil {
		d.health.ready("hub", d.link.ready)
		return
	}
	d.health.ready("stream", func() error {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		return d.bus.Ready(ctx)
	})
}

// collectors are the metrics of all parts that there are.
func (d *Daemon) collectors() []prometheus.Collector {
	engine := engineMetrics{reports: d.reports, reloadFailed: d.reloads.anyFailed}
	var out []prometheus.Collector
	if d.node != nil {
		engine.shipped = d.node.shipper.Stats
		out = append(out, newSensorMetrics(d.node.stats))
	}
	if d.hub != nil {
		engine.sources = d.hub.sources
		out = append(out, newSinkMetrics(d.hub.stats, d.output.counts), newStreamMetrics(d.bus.Status))
	}
	if d.gate != nil {
		out = append(out, newGateMetrics(d.gate.Stats))
	}
	if d.tokens != nil {
		out = append(out, newTokenMetrics(d.tokens.Stats))
	}
	if d.webhook != nil {
		out = append(out, newWebhookMetrics(d.webhook.server.Stats))
	}
	if d.falco != nil && (d.falco.handler != nil || d.falco.grpc != nil) {
		out = append(out, newFalcoMetrics(d.falco))
	}
	return append(out, newEngineMetrics(engine))
}

// reports are those of all pipelines of the process.
func (d *Daemon) reports() []pipeline.Report {
	var out []pipeline.Report
	if d.node != nil {
		out = append(out, pipeline.Report{Events: d.node.loop.Events()})
	}
	if d.hub != nil {
		out = append(out, d.hub.reported())
	}
	return out
}

// sources is how far each source of the stream has come.
func (h *hub) sources() (out []detector.SourceState) {
	if t := h.term.Load(); t != nil {
		t.stream.Sync(func() { out = t.detector.Sources() })
	}
	return out
}

// busStatus tells what the streams hold, as JSON, to whoever may ask this machine.
func (d *Daemon) busStatus(w http.ResponseWriter, r *http.Request) {
	s, err := d.bus.Status(r.Context())
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(s) // the client's matter
}

// outcome is what the daemon has done.
func (d *Daemon) outcome() Outcome {
	o := Outcome{Elapsed: time.Since(d.began)}
	if d.node != nil {
		s := d.node.stats()
		o.Sensor = &s
		o.Node.Events = d.node.loop.Events()
		if r := d.node.report.Load(); r != nil {
			o.Node = *r
		}
	}
	if d.hub != nil {
		o.Hub = d.hub.reported()
	}
	if d.output != nil {
		o.Given = d.output.counts()
	}
	return o
}

// readyText tells what is live, and where the stream is.
func (d *Daemon) readyText() string {
	text := d.ready.text()
	if d.cfg.Data == "" && len(d.cfg.Bus.URLs) == 0 {
		text += "; what is taken in is kept until the end of the process only (--data keeps it)"
	}
	return text
}
