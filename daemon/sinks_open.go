package daemon

import (
	"cmp"
	"fmt"
	"os"

	"github.com/parallax-sec/parallax/config"
	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/sinks"
	"github.com/parallax-sec/parallax/sinks/jsonl"
	"github.com/parallax-sec/parallax/sinks/nats"
	"github.com/parallax-sec/parallax/sinks/webhook"
)

// sink opens a sink that the configuration names. What is not said is as the sink's own default.
func (d *Daemon) sink(c *config.Sink) (sinks.Sink, error) {
	switch c.Type {
	case "file":
		return d.fileSink(jsonl.Config{File: c.File, RotateBytes: int64(c.Rotate), RotateAfter: c.RotateT, Keep: c.Keep, Sync: c.Sync})
	case "nats":
		return nats.Open(d.natsConfig(c))
	case "webhook":
		return webhook.Open(d.webhookConfig(c))
	}
	return nil, configError{fmt.Errorf("type %q", c.Type)}
}

func (d *Daemon) natsConfig(c *config.Sink) nats.Config {
	cfg := nats.DefaultConfig()
	cfg.URLs, cfg.Subject, cfg.JetStream = c.URLs, cmp.Or(c.Subject, cfg.Subject), cmp.Or(c.JetStream, cfg.JetStream)
	cfg.CredsFile, cfg.NKeyFile, cfg.TokenFile = c.CredsFile, c.NKeyFile, c.TokenFile
	cfg.CAFile, cfg.CertFile, cfg.KeyFile = c.CA, c.Cert, c.Key
	cfg.Timeout, cfg.Log = cmp.Or(c.Timeout, cfg.Timeout), d.s.Log.With("sink", c.Name)
	return cfg
}

func (d *Daemon) webhookConfig(c *config.Sink) webhook.Config {
	cfg := webhook.DefaultConfig()
	cfg.URL, cfg.URLFile, cfg.Format, cfg.Array = c.URL, c.URLFile, cmp.Or(c.Format, cfg.Format), c.Array
	cfg.HeadersFile, cfg.TokenFile, cfg.SecretFile, cfg.SignTime = c.Headers, c.TokenFile, c.SecretFile, c.SignTime
	cfg.CAFile, cfg.CertFile, cfg.KeyFile = c.CA, c.Cert, c.Key
	cfg.Timeout, cfg.Firing = cmp.Or(c.Timeout, cfg.Timeout), cmp.Or(c.Firing, cfg.Firing)
	if host, err := os.Hostname(); err == nil {
		cfg.Hostname = host
	}
	cfg.Log = d.s.Log.With("sink", c.Name)
	return cfg
}

// minSeverity is the severity of the least severe alerts that a sink gets; 0 is all.
func minSeverity(c *config.Sink) int {
	severity, _ := event.ParseSeverity(c.MinSeverity) // checked by config
	return severity
}
