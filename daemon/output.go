package daemon

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/parallax-sec/parallax/config"
	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/sinks"
	"github.com/parallax-sec/parallax/sinks/jsonl"
	"github.com/parallax-sec/parallax/sinks/text"
)

// Given counts the alerts that a sink has taken.
type Given struct {
	Alerts     uint64
	BySeverity map[int]uint64
	ByRule     map[string]uint64 // by Rule.Key
	Plain      uint64            // events that were given out as they are
}

// counted is a sink that several goroutines may use, and that counts what another one has taken.
type counted struct {
	writing sync.Mutex // held while sink is written to, which may take for ever
	sink    sinks.Sink

	mu    sync.Mutex
	given Given // guarded by mu
	// gone is told when nobody reads any more what is written; nil: nobody is.
	gone func(error)
}

func newCounted(s sinks.Sink) *counted {
	return &counted{sink: s, given: Given{BySeverity: map[int]uint64{}, ByRule: map[string]uint64{}}}
}

// Write passes alerts on.
func (c *counted) Write(ctx context.Context, alerts []*event.Alert) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	if err := c.sink.Write(ctx, alerts); err != nil {
		if c.gone != nil && errors.Is(err, syscall.EPIPE) {
			c.gone(err)
		}
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, a := range alerts {
		if a.Plain {
			c.given.Plain++
			continue
		}
		c.given.Alerts++
		c.given.BySeverity[a.Severity]++
		c.given.ByRule[a.Rule.Key()]++
	}
	return nil
}

// Duplicates returns how many alerts the sink knew again, where it does.
func (c *counted) Duplicates() uint64 {
	if s, ok := c.sink.(sinks.Deduplicator); ok {
		return s.Duplicates()
	}
	return 0
}

// Close closes the sink.
func (c *counted) Close() error {
	c.writing.Lock()
	defer c.writing.Unlock()
	return c.sink.Close()
}

// counts returns what was taken so far.
func (c *counted) counts() Given {
	c.mu.Lock()
	defer c.mu.Unlock()
	g := c.given
	g.BySeverity, g.ByRule = maps.Clone(g.BySeverity), maps.Clone(g.ByRule)
	return g
}

// syncPolicy reads when a file is synced.
func syncPolicy(s string) (every time.Duration, never bool) {
	switch s {
	case "always", "":
		return 0, false
	case "never":
		return 0, true
	}
	d, _ := time.ParseDuration(s) // checked by config
	return d, false
}

// openOutput opens the sink that flags speak of.
func (d *Daemon) openOutput(context.Context) error {
	c := &d.cfg.Output
	s, err := d.outputSink(c)
	if err != nil {
		return fmt.Errorf("open output: %w", err)
	}
	d.output = newCounted(s)
	d.output.gone = d.fail
	d.open.add(d.output.Close)
	return nil
}

func (d *Daemon) outputSink(c *config.Output) (sinks.Sink, error) {
	isText := c.Format == "text" || c.Format == "" && d.s.StdoutTerminal && c.File == ""
	switch {
	case c.File == "none":
		return nowhere{}, nil
	case c.File == "" && isText:
		return text.New(text.Config{Colour: d.s.Colour}, keepOpen{d.s.Stdout}), nil
	case c.File == "":
		return jsonl.New(keepOpen{d.s.Stdout}), nil
	case isText:
		file, err := os.OpenFile(c.File, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600) // alerts tell much about a cluster
		return text.New(text.Config{}, file), err
	}
	return d.fileSink(jsonl.Config{File: c.File, RotateBytes: int64(c.Rotate), RotateAfter: c.RotateT, Keep: c.Keep, Sync: c.Sync})
}

// fileSink opens a file of JSON lines.
func (d *Daemon) fileSink(cfg jsonl.Config) (sinks.Sink, error) {
	def := jsonl.DefaultConfig()
	cfg.Remember, cfg.Sync, cfg.Log = def.Remember, cmp.Or(cfg.Sync, def.Sync), d.s.Log
	s, err := jsonl.Open(cfg)
	if err != nil {
		return nil, err
	}
	d.reloads.add("the file "+cfg.File, s.Reopen)
	return s, nil
}

// nowhere is the output of who wants none: what goes to other sinks is not written a second time.
type nowhere struct{}

func (nowhere) Write(context.Context, []*event.Alert) error { return nil }
func (nowhere) Close() error                                { return nil }

// keepOpen is standard output, which is not closed.
type keepOpen struct{ io.Writer }

func (keepOpen) Close() error { return nil }
