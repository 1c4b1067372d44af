package daemon

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/bus"
	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/kernel"
	"github.com/parallax-sec/parallax/ingest/kernel/sensor"
	"github.com/parallax-sec/parallax/pipeline"
)

// node is the half of the agent: the kernel sensor, whose events are judged here; what rules find goes to the stream.
type node struct {
	d       *Daemon
	name    string
	sensor  *Sensor
	keeper  *keeper
	shipper *pipeline.Shipper
	judge   *currentJudge
	loop    *pipeline.Pipeline
	report  atomic.Pointer[pipeline.Report] // at the end
}

// openNode loads the sensor, where it is wanted and may be.
func (d *Daemon) openNode(context.Context) error {
	c := &d.cfg.Sensor
	if c.Enabled == "no" || c.Enabled == "false" {
		return nil
	}
	n := &node{d: d, name: NodeName(c, d.s.Getenv)}
	n.keeper = &keeper{Decoder: kernel.NewDecoder(), state: sensor.State{Path: c.State}, failed: func(err error) {
		d.s.Say(event.Escape(err.Error()) + ": after a restart, what runs in containers now will be of unseen origin")
	}}
	cfg := sensor.DefaultConfig()
	cfg.Ready, cfg.Tick, cfg.Version = n.ready, n.keeper.keep, d.s.Version
	var err error
	if n.sensor, err = OpenSensor(cfg, c, d.s.Getenv); err != nil {
		cannot := errors.Is(err, bpf.ErrNotPermitted) || errors.Is(err, bpf.ErrNoBTF) || errors.Is(err, bpf.ErrUnsupported)
		if cannot && c.Enabled == "auto" && d.othersWatch() {
			d.s.Say("no kernel sensor (--no-sensor says so without this line): " + event.Escape(err.Error()))
			return nil
		}
		return err
	}
	d.open.add(n.sensor.Close)
	d.node = n
	d.ready.expect("sensor")
	return nil
}

// othersWatch says whether there is anything to do without a sensor.
func (d *Daemon) othersWatch() bool {
	c := &d.cfg
	hub := d.role.hub() && (c.Webhook.Listen != "" || c.Falco.Listen != "" || c.Falco.GRPC != "" || len(c.Falco.Files) > 0)
	return hub || len(c.Tail.Audit) > 0
}

// connectNode makes the pipeline from the sensor to the stream.
func (d *Daemon) connectNode(context.Context) error {
	n := d.node
	if n == nil {
		return nil
	}
	n.judge = newCurrentJudge(d.rules.Load(), d.cfg.Output.Events)
	cfg := pipeline.DefaultShipConfig()
	cfg.State, cfg.Drain = n.state, d.cfg.Ops.Drain/2
	cfg.Permanent = bus.Permanent
	cfg.Failed = func(err error) { d.s.Log.Warn("what the node found cannot be sent now", "error", err.Error()) }
	n.shipper = pipeline.NewShipper(cfg, shipTo{d.stream, n.name})
	n.keeper.Tell(n.shipper.Fact)
	live := pipeline.DefaultConfig()
	live.Live, live.Fault = true, d.fault
	n.loop = pipeline.New(live, pipeline.Parts{
		Lanes: []pipeline.Lane{{
			Source: n.source(), Worker: func() pipeline.Worker { return pipeline.Judged(n.keeper, n.judge) }, InOrder: true,
		}},
		Detector: n.shipper,
		Sink:     plainOutput{d},
		Reached:  n.shipper.Reached,
	})
	return nil
}

// run watches until ctx is done; then what was seen is sent, for a bounded time.
func (n *node) run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, n.sensor.Stop)
	defer stop()
	ctx = context.WithoutCancel(ctx)
	sending, cancel := context.WithCancel(ctx)
	sent := make(chan error, 1)
	go func() { sent <- n.shipper.Run(sending) }()
	report, err := n.loop.Run(ctx)
	n.report.Store(&report)
	cancel() // what waits is sent
	err = errors.Join(err, <-sent)
	n.keeper.finish()
	return err
}

// ready tells that nothing of the kernel is missed from now on.
func (n *node) ready(s *kernel.Start) {
	n.shipper.Begin(n.name, s.BootID, s.Epoch)
	missing, watched := SensorLines(s)
	if missing != "" {
		n.d.s.Say(missing)
	}
	n.d.ready.reached("sensor", watched)
}

// stats is what the sensor has counted, and what the decoder had no room for.
func (n *node) stats() sensor.Stats {
	s := n.sensor.Stats()
	s.Lost = withLost(s.Lost, n.keeper.Lost())
	return s
}

// state is what the hub learns of the sensor.
func (n *node) state() event.NodeState {
	s := n.stats()
	out := event.NodeState{Records: s.Records, Events: n.loop.Events(), Lost: map[string]uint64{}}
	for _, l := range s.Lost {
		out.Lost[l.Reason] += l.N
	}
	return out
}

// source is the sensor, of which a recording gets what comes where it is asked for.
func (n *node) source() pipeline.Source {
	if n.d.s.Tape == nil {
		return n.sensor
	}
	failed := false
	return teed{n.sensor, func(frames []byte) {
		if err := n.d.s.Tape.Write(frames); err != nil && !failed {
			failed = true
			n.d.s.Say(event.Escape(err.Error()) + ": the recording ends here")
		}
	}}
}

// teed is a source of which somebody else gets a copy.
type teed struct {
	pipeline.Source
	copy func(data []byte)
}

// Next hands out the next batch.
func (t teed) Next(ctx context.Context) (*event.Batch, error) {
	b, err := t.Source.Next(ctx)
	if err == nil {
		t.copy(b.Data)
	}
	return b, err
}

// shipTo is a node's place in the stream.
type shipTo struct {
	stream publisher
	node   string
}

// Publish stores a batch.
func (t shipTo) Publish(ctx context.Context, data []byte) error {
	return t.stream.Publish(ctx, bus.Message{Kind: event.BatchMatches, Source: []string{t.node}, Data: data})
}

// plainOutput takes the events that are given out as they are: they never go through the stream.
type plainOutput struct{ d *Daemon }

// Write gives events out.
func (p plainOutput) Write(ctx context.Context, alerts []*event.Alert) error {
	if p.d.output == nil {
		return fmt.Errorf("%d events with nowhere to go", len(alerts))
	}
	return p.d.output.Write(ctx, alerts)
}

// currentJudge judges by the rules that are in force. One goroutine judges; any may change the rules.
type currentJudge struct {
	set    atomic.Pointer[RuleSet]
	events bool
	of     *RuleSet // that judge is of
	judge  pipeline.Judge
}

func newCurrentJudge(s *RuleSet, events bool) *currentJudge {
	j := &currentJudge{events: events}
	j.set.Store(s)
	return j
}

// Judge judges an event.
func (j *currentJudge) Judge(e event.Event, dst []event.Match) []event.Match {
	if s := j.set.Load(); s != j.of {
		j.of, j.judge = s, s.judge()
		if j.events {
			j.judge = pipeline.EveryEvent(j.judge)
		}
	}
	return j.judge.Judge(e, dst)
}
