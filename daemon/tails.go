package daemon

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/parallax-sec/parallax/bus"
	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/tail"
)

// tailPart follows files and puts what is written to them into the stream.
type tailPart struct {
	name   string
	tail   *tail.Tail
	source []string // of the stream
	kind   event.BatchKind
	d      *Daemon
}

// tailed says whether batches of an origin come from a log file.
func tailed(origin string) bool {
	return strings.HasPrefix(origin[strings.LastIndexByte(origin, '/')+1:], bus.TailedPrefix)
}

// openTails prepares to follow what the configuration names.
func (d *Daemon) openTails(context.Context) error {
	node := NodeName(&d.cfg.Sensor, d.s.Getenv)
	if !d.role.hub() { // the gate says of what agents send that it comes from a file
		return d.openTail("audit log", d.cfg.Tail.Audit, event.BatchAudit, d.cfg.Cluster, node)
	}
	if err := d.openTail("audit log", d.cfg.Tail.Audit, event.BatchAudit, d.cfg.Cluster, bus.TailedPrefix+node); err != nil {
		return err
	}
	return d.openTail("Falco's file", d.cfg.Falco.Files, event.BatchFalco, bus.TailedPrefix+node)
}

func (d *Daemon) openTail(name string, paths []string, kind event.BatchKind, source ...string) error {
	if len(paths) == 0 {
		return nil
	}
	cfg := tail.DefaultConfig()
	var err error
	if cfg.Start, err = tail.ParseStart(d.cfg.Tail.From); err != nil {
		return configError{err}
	}
	if d.cfg.Data != "" {
		if err := os.MkdirAll(d.cfg.Data, 0o700); err != nil {
			return fmt.Errorf("keep how far %s is read: %w", name, err)
		}
		cfg.StateFile = filepath.Join(d.cfg.Data, "tail-"+[...]string{event.BatchAudit: "audit", event.BatchFalco: "falco"}[kind]+".json")
	}
	cfg.Fault = d.fault
	cfg.Gap = func(g tail.Gap) { d.s.Log.Warn("a log that is followed has a gap", "log", name, "gap", g.String()) }
	t, err := tail.New(cfg, paths)
	if err != nil {
		return err
	}
	d.tails = append(d.tails, &tailPart{name, t, source, kind, d})
	d.ready.expect(name)
	for _, path := range paths {
		if found, err := filepath.Glob(path); err == nil && len(found) == 0 {
			d.s.Say(event.Escape(path) + " is not there yet: it is followed as soon as it is")
		}
	}
	return nil
}

// run follows until ctx is done.
func (t *tailPart) run(ctx context.Context) error {
	t.d.ready.reached(t.name, "following "+t.name)
	return t.tail.Run(ctx, t.store)
}

// store puts a chunk into the stream. What the stream cannot take now is given again.
func (t *tailPart) store(ctx context.Context, c tail.Chunk) error {
	err := t.d.stream.Publish(ctx, bus.Message{Kind: t.kind, Source: t.source, Data: c.Data})
	if !bus.Permanent(err) {
		return err
	}
	f := event.Fault{Origin: c.Log, Line: c.Line, Reason: err.Error(), Data: c.Data}
	if t.d.bus == nil { // an agent may not write there
		t.d.fault(f)
		return nil
	}
	return t.d.bus.Quarantine(ctx, f, t.kind, 0)
}
