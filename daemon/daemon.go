package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parallax-sec/parallax/bus"
	"github.com/parallax-sec/parallax/config"
	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/kernel/sensor"
	"github.com/parallax-sec/parallax/kubeauth"
	"github.com/parallax-sec/parallax/pipeline"
)

// Role says which halves a Daemon is.
type Role uint8

// The roles; their names are those of the commands.
const (
	RoleRun Role = iota // both halves in one process
	RoleHub
	RoleAgent
)

// String returns the name of the command.
func (r Role) String() string { return [...]string{"run", "hub", "agent"}[r] }

func (r Role) hub() bool   { return r != RoleAgent }
func (r Role) agent() bool { return r != RoleHub }

// Surroundings are what a Daemon needs of its process.
type Surroundings struct {
	Stdout         io.Writer
	StdoutTerminal bool
	Colour         bool                     // on standard output
	Say            func(line string)        // tells people a line; any goroutine calls it
	Log            *slog.Logger             // what operators search for later
	Getenv         func(string) string      // of the environment
	Version        string                   // of the program
	LoadRules      func() (*RuleSet, error) // reads and loads the rules that the configuration names, at the start and again when they have changed
	Tape           Tape                     // nil: nothing is recorded
}

// Tape is a recording of what the sensor sees.
type Tape interface {
	Write(frames []byte) error
}

// Outcome is what a Daemon tells at its end.
type Outcome struct {
	Elapsed time.Duration
	Sensor  *sensor.Stats   // nil: there was none
	Node    pipeline.Report // of the half of the agent
	Hub     pipeline.Report // of the half of the hub
	Given   Given           // to the output
}

// Daemon is one process of the roles. Use New, then Run once.
type Daemon struct {
	role Role
	cfg  config.Config
	s    Surroundings

	began   time.Time
	rules   atomic.Pointer[RuleSet]
	stream  publisher
	bus     *bus.Bus                // nil: an agent's
	gate    *bus.Gate               // nil: no agent can come
	tokens  *kubeauth.Authenticator // nil: agents show no tokens
	link    *hubLink                // nil: this is no agent
	output  *counted
	webhook *webhookPart
	falco   *falcoPart
	tails   []*tailPart
	node    *node
	hub     *hub
	ops     *opsServer
	health  *health
	reloads reloads
	open    closers
	ready   *waiting

	mu     sync.Mutex
	failed error // guarded by mu: the first part that failed
	broken chan struct{}
}

// New checks what can be checked, loads the rules and opens all that may not be there: files, addresses, the stream, the sensor.
func New(ctx context.Context, cfg config.Config, role Role, s Surroundings) (*Daemon, error) {
	d := &Daemon{role: role, cfg: cfg, s: s, began: time.Now(), health: newHealth(), ready: newWaiting(), broken: make(chan struct{})}
	if err := d.openAll(ctx); err != nil {
		return nil, errors.Join(err, d.open.close())
	}
	return d, nil
}

func (d *Daemon) openAll(ctx context.Context) error {
	steps := []func(context.Context) error{d.openRules, d.openData}
	if d.role.agent() {
		steps = append(steps, d.openNode) // first, since it takes the least to fail where it may not
	}
	steps = append(steps, d.checkInputs, d.openBus)
	if d.role.hub() {
		steps = append(steps, d.openOutput, d.openHub, d.openFalco, d.openWebhook)
	}
	steps = append(steps, d.connectNode, d.openTails, d.openOps)
	for _, open := range steps {
		if err := open(ctx); err != nil {
			return err
		}
	}
	return nil
}

// openData makes the folder of what has to outlive a restart. Nobody else has to see what is in it.
func (d *Daemon) openData(context.Context) error {
	if d.cfg.Data == "" {
		return nil
	}
	if err := os.MkdirAll(d.cfg.Data, 0o700); err != nil {
		return fmt.Errorf("make the folder of --data: %w", err)
	}
	return nil
}

// checkInputs refuses to run where nothing would ever come in.
func (d *Daemon) checkInputs(context.Context) error {
	if d.role == RoleHub || d.node != nil || d.othersWatch() {
		return nil
	}
	return configError{errors.New("there is nothing to watch: the kernel sensor needs root ('parallax doctor' tells more), " +
		"--webhook-dir takes audit events, --tail follows an audit log, --falco-listen takes Falco's alerts")}
}

// fail ends the run because of err.
func (d *Daemon) fail(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.failed == nil {
		d.failed = err
		d.health.fail(err)
		close(d.broken)
	}
}

// failure is what ended the run, if anything did.
func (d *Daemon) failure() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.failed
}

// Run runs until ctx is done or something fails, then stops in steps within the time that the configuration gives.
func (d *Daemon) Run(ctx context.Context) (Outcome, error) {
	ops, core, intake := newStage(ctx, d.fail), newStage(ctx, d.fail), newStage(ctx, d.fail)
	d.startOps(ops)
	if d.hub != nil {
		d.hub.start(core)
	}
	d.startIntake(intake)
	d.tellReady(ops)
	select {
	case <-ctx.Done():
	case <-d.broken:
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.cfg.Ops.Drain)
	defer cancel()
	stuck := d.stop(grace, ops, core, intake)
	o := d.outcome()
	if stuck != nil { // what hangs holds on to what would be closed
		return o, errors.Join(d.failure(), stuck)
	}
	return o, errors.Join(d.failure(), d.open.close())
}

// stop ends intake, lets what was taken in be judged and given out, and ends the rest.
func (d *Daemon) stop(grace context.Context, ops, core, intake *stage) error {
	ended := intake.stop(grace)
	if d.hub != nil && d.failure() == nil {
		d.hub.drain(grace)
	}
	ended = core.stop(grace) && ended
	ended = ops.stop(grace) && ended
	if !ended {
		return errStuck
	}
	return nil
}

// errStuck is what a run ends with that cannot give out what it has.
var errStuck = errors.New("not everything that was taken in could be given out in time: the stream has it for the next start, where there is --data")

// startIntake starts what takes in, on which nothing else waits.
func (d *Daemon) startIntake(s *stage) {
	if d.node != nil {
		s.start("kernel sensor", d.node.run)
	}
	if d.gate != nil {
		s.start("gate for agents", d.gate.Run)
	}
	if d.webhook != nil {
		d.webhook.start(d, s)
	}
	d.falco.start(d, s)
	for _, t := range d.tails {
		s.start("tail", t.run)
	}
}

// startOps starts what looks after the others.
func (d *Daemon) startOps(s *stage) {
	if d.ops != nil {
		s.start("metrics", d.ops.run)
	}
	if d.link != nil {
		s.start("way to the hub", d.link.run)
	}
	s.start("reload", d.watchReloads)
}

// tellReady says "ready" once, when all inputs are live.
func (d *Daemon) tellReady(s *stage) {
	s.start("ready", func(ctx context.Context) error {
		if d.ready.wait(ctx) == nil {
			d.s.Say("ready: " + d.readyText())
		}
		<-ctx.Done()
		return nil
	})
}

// fault tells of a piece of input that could not be read; further ones are in the quarantine and in the metrics.
func (d *Daemon) fault(f event.Fault) {
	d.s.Log.Warn("bad input", "where", f.Origin, "line", f.Line, "reason", f.Reason)
}

// dataDir is where the stream is kept: a private folder that goes away at the end, where none is given.
func (d *Daemon) dataDir() (string, error) {
	if d.cfg.Data != "" {
		return d.cfg.Data, nil
	}
	dir, err := os.MkdirTemp("", "parallax-")
	if err != nil {
		return "", fmt.Errorf("make a temporary folder for the stream: %w", err)
	}
	d.open.add(func() error { return os.RemoveAll(dir) })
	return dir, nil
}
