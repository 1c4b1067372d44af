package daemon

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parallax-sec/parallax/bus"
	"github.com/parallax-sec/parallax/detector"
	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/audit"
	"github.com/parallax-sec/parallax/ingest/falco"
	"github.com/parallax-sec/parallax/pipeline"
)

// hub is the half that judges the stream and gives alerts out.
type hub struct {
	d          *Daemon
	sets       *pipeline.RuleSets
	deliveries []*delivery

	term   atomic.Pointer[term]
	past   sync.Mutex
	report pipeline.Report // guarded by past: of the terms that are over
	over   bool            // guarded by past: the term is one of them
}

// How often a follower looks how far the active hub is and how often what is not needed is removed.
const (
	followEvery = 500 * time.Millisecond
	trimEvery   = 10 * time.Second
)

// openHub prepares the half of the hub.
func (d *Daemon) openHub(ctx context.Context) error {
	d.hub = &hub{d: d, sets: pipeline.NewRuleSets(d.streamRules(d.rules.Load()))}
	return d.hub.openSinks(ctx)
}

// embedded says whether the stream is in this process: then nobody else can be the active hub.
func (h *hub) embedded() bool { return len(h.d.cfg.Bus.URLs) == 0 }

// start starts judging. Sinks are delivered to while this hub is the active one.
func (h *hub) start(core *stage) {
	h.d.ready.expect("stream")
	core.start("detector", h.run)
}

// run takes one term after the other until ctx is done. What a cluster does not answer now is asked again.
func (h *hub) run(ctx context.Context) error {
	wait := termFirst
	for {
		began := time.Now()
		err := h.serve(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case !mayServeAgain(err) || h.embedded():
			return err
		case time.Since(began) > termMost:
			wait = termFirst
		}
		h.d.s.Log.Warn("this hub follows again", "reason", err.Error())
		if sleep(ctx, wait) != nil {
			return nil
		}
		wait = min(2*wait, termMost)
	}
}

// How long a hub waits before its next term.
const (
	termFirst = 200 * time.Millisecond
	termMost  = 10 * time.Second
)

// mayServeAgain says whether a term that ended so may be followed by another one: somebody else is the active hub, or the cluster
// does not answer.
func mayServeAgain(err error) bool {
	return errors.Is(err, bus.ErrFenced) || errors.Is(err, pipeline.ErrBehind) || mayRetry(err)
}

// sleep waits, or returns the context's error.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// serve is one term: following where another hub is active, then being the active one, until that ends. The lease is given back
// when nothing of the term is at work any more.
func (h *hub) serve(ctx context.Context) error {
	leasing, giveBack := context.WithCancel(context.WithoutCancel(ctx))
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	t, err := h.newTerm(ctx)
	if err != nil {
		giveBack()
		return err
	}
	t.end = cancel
	h.past.Lock()
	h.term.Store(t)
	h.over = false
	h.past.Unlock()
	var running, lease sync.WaitGroup
	defer lease.Wait()
	defer giveBack()
	defer running.Wait()
	defer cancel(nil)
	if h.embedded() {
		h.lead(ctx, t, &running)
	} else {
		l := h.d.bus.Lease(NodeName(&h.d.cfg.Sensor, h.d.s.Getenv))
		lease.Go(func() { cancel(l.Run(leasing)) })
		running.Go(func() { h.follow(ctx, t, l, &running) })
	}
	h.d.ready.reached("stream", counted1(len(h.d.rules.Load().Rules()), "rule"))
	report, err := t.stream.Run(ctx)
	h.past.Lock()
	h.report, h.over = addReports(h.report, report), true
	h.past.Unlock()
	if err == nil { // drained: sinks go on until they have everything
		<-ctx.Done()
	}
	return err
}

// follow takes in how far the active hub is, until the lease is had; then this hub takes over.
func (h *hub) follow(ctx context.Context, t *term, lease *bus.Lease, running *sync.WaitGroup) {
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if c, err := h.d.bus.LoadCheckpoint(ctx); err == nil {
				t.stream.Acked(c.Seq)
			}
		case <-lease.Acquired():
			t.lease = lease
			if err := h.takeOver(ctx, t); err != nil {
				t.end(err)
				return
			}
			h.lead(ctx, t, running)
			return
		case <-ctx.Done():
			return
		}
	}
}

// takeOver gives out what the hub before had not, and is the active one from then on.
func (h *hub) takeOver(ctx context.Context, t *term) error {
	c, err := h.d.bus.LoadCheckpoint(ctx)
	for err != nil && mayRetry(err) && sleep(ctx, termFirst) == nil { // a server of the cluster may have just died with the hub before
		c, err = h.d.bus.LoadCheckpoint(ctx)
	}
	if err != nil {
		return err
	}
	t.mu.Lock()
	t.checkpoint = c
	t.mu.Unlock()
	h.d.s.Log.Info("this hub is the active one now", "from", c.Seq)
	return t.stream.Promote(ctx, c.Seq)
}

// lead does what the active hub does beside judging.
func (h *hub) lead(ctx context.Context, t *term, running *sync.WaitGroup) {
	t.lead()
	running.Go(func() { t.keepSaving(ctx) })
	running.Go(func() { h.keepTelling(ctx) })
	running.Go(func() { h.keepTrimming(ctx, t) })
	for _, one := range h.deliveries {
		one.start(ctx, t, running)
	}
}

// How often the rules of this process are compared with those that hold in the stream, and how long the stream has to come to them.
const (
	tellEvery = 500 * time.Millisecond
	tellAgain = 30 * time.Second
)

// keepTelling says in the stream which rules hold, at the beginning of the term and when they have changed, until it has taken it.
func (h *hub) keepTelling(ctx context.Context) {
	var told *RuleSet
	var at time.Time
	for {
		set := h.d.rules.Load()
		late := h.sets.InForce() != set.hash() && time.Since(at) > tellAgain
		if told != set || late {
			if err := h.tellRules(ctx, set); err != nil {
				h.d.s.Log.Warn("the stream does not take the hash of the rules now", "error", err.Error())
			} else {
				told, at = set, time.Now()
			}
		}
		if sleep(ctx, tellEvery) != nil {
			return
		}
	}
}

// tellRules says in the stream which rules hold from here on.
func (h *hub) tellRules(ctx context.Context, set *RuleSet) error {
	_, err := h.d.bus.Publish(ctx, bus.Message{Kind: event.BatchControl, Source: []string{"rules"}, Data: pipeline.RulesMessage(set.hash())})
	return err
}

// keepTrimming removes what is not needed any more.
func (h *hub) keepTrimming(ctx context.Context, t *term) {
	cfg := bus.TrimConfig{Retention: h.d.cfg.Bus.Retention, AlertRetention: 30 * 24 * time.Hour}
	for _, one := range h.deliveries {
		cfg.Sinks = append(cfg.Sinks, one.name)
	}
	tick := time.NewTicker(trimEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		cfg.RebuildFrom = t.rebuildFrom()
		if err := h.d.bus.Trim(ctx, cfg); err != nil && ctx.Err() == nil {
			h.d.s.Log.Warn("what is not needed any more could not be removed", "error", err.Error())
		}
	}
}

// drain waits until everything that the stream had is judged, and its alerts are with the sinks.
func (h *hub) drain(grace context.Context) {
	t := h.term.Load()
	if t == nil || !t.leading() {
		return
	}
	if s, err := h.d.bus.Status(grace); err == nil {
		t.source.endAt(s.Streams[0].LastSeq)
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		s, err := h.d.bus.Status(grace)
		waiting := err != nil || !t.source.ended() || t.saved() < t.source.end()
		for _, sink := range s.Sinks {
			waiting = waiting || h.delivers(sink.Name) && (sink.Waiting > 0 || sink.Held > 0)
		}
		if !waiting {
			return
		}
		select {
		case <-tick.C:
		case <-grace.Done():
			return
		}
	}
}

// delivers says whether a sink is one of those that are configured.
func (h *hub) delivers(name string) bool {
	return slices.ContainsFunc(h.deliveries, func(o *delivery) bool { return o.name == name })
}

// reported is what was seen so far, in all terms.
func (h *hub) reported() pipeline.Report {
	h.past.Lock()
	defer h.past.Unlock()
	if t := h.term.Load(); t != nil && !h.over {
		return addReports(h.report, t.stream.Report())
	}
	return h.report
}

// newTerm reads what is stored of earlier terms.
func (h *hub) newTerm(ctx context.Context) (*term, error) {
	t := &term{hub: h, detector: detector.New(h.detectorConfig()), writer: rand.Text()}
	t.saver = pipeline.NewSaver(t.save, mayRetry)
	var err error
	if t.checkpoint, err = h.d.bus.LoadCheckpoint(ctx); err != nil {
		return nil, err
	}
	if err := h.d.bus.Facts(ctx, "", func(f event.Fact) { t.detector.Load(f) }); err != nil {
		return nil, fmt.Errorf("read facts: %w", err)
	}
	if err := h.d.bus.RecentAlertIDs(ctx, detector.DefaultConfig().MaxIDs, func(id string, _ int) { t.detector.Known(id) }); err != nil {
		return nil, fmt.Errorf("read the ids of alerts: %w", err)
	}
	cfg := pipeline.DefaultStreamConfig()
	cfg.Workers, cfg.Stored, cfg.Follow, cfg.Fault = runtime.GOMAXPROCS(0), t.checkpoint.Seq, !h.embedded(), h.d.fault
	cfg.From, cfg.Rules = max(t.checkpoint.RebuildFrom, 1), t.checkpoint.Rules
	t.source = &drainable{reader: h.d.bus.Reader(cfg.From)}
	workers := pipeline.StreamWorkers{
		Audit: func() pipeline.Decoder { return audit.NewDecoder() }, Falco: func() pipeline.Decoder { return falco.NewDecoder() },
		Rules: h.sets, Plain: h.d.cfg.Output.Events,
	}
	t.stream = pipeline.NewStream(cfg, pipeline.StreamParts{
		Source: t.source, Worker: workers.New, Rules: h.sets, Detector: t.detector,
		Sink: alertStore{h}, Active: t.active, Facts: h.d.bus.PutFacts, Quarantine: h.d.bus.Quarantine, Position: t.saver.Set, Retry: mayRetry,
	})
	return t, nil
}

func (h *hub) detectorConfig() detector.Config {
	cfg := detector.DefaultConfig()
	cfg.Watermarks.Reorder, cfg.Watermarks.Tailed = h.d.cfg.Reorder, tailed
	return cfg
}

// mayRetry says whether what the stream does not take now may be taken later.
func mayRetry(err error) bool {
	return errors.Is(err, bus.ErrFull) || errors.Is(err, bus.ErrUnavailable)
}

// counted1 is "1 rule", "2 rules".
func counted1(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// addReports adds up two terms.
func addReports(a, b pipeline.Report) pipeline.Report {
	b.Events, b.Faults, b.Matches, b.Late = a.Events+b.Events, a.Faults+b.Faults, a.Matches+b.Matches, a.Late+b.Late
	b.Alerts, b.Plain = a.Alerts+b.Alerts, a.Plain+b.Plain
	for severity, n := range a.BySeverity {
		b.BySeverity[severity] += n
	}
	for rule, n := range a.ByRule {
		b.ByRule[rule] += n
	}
	return b
}
