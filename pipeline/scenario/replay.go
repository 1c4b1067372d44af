package scenario

import (
	"context"
	"errors"
	"io"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/pipeline"
)

// falcoSender is who sends the alerts of Falco that a scenario holds.
const falcoSender = "scenario"

// replay runs a variant through a pipeline and returns the alerts. What cannot be read is an error, since it is a fault of
// the scenario.
func (l *Loaded) replay(name string, v variant) ([]*event.Alert, error) {
	var faults []error
	cfg := pipeline.DefaultConfig()
	cfg.Fault = func(f event.Fault) { faults = append(faults, &SyntaxError{name, int(f.Line), f.Reason}) }
	var out alerts
	lanes := []pipeline.Lane{{Source: &source{name: name, values: v.values, inOrder: v.inOrder}, Worker: judged(l.Worker)}}
	if len(v.falco) > 0 {
		lanes = append(lanes, pipeline.Lane{Source: &source{name: "falco/" + falcoSender, values: v.falco, inOrder: v.inOrder}, Worker: judged(l.Falco)})
	}
	for _, stream := range v.streams {
		lanes = append(lanes, pipeline.Lane{Source: &streamSource{batches: stream}, Worker: judged(l.Kernel), InOrder: true})
	}
	_, err := pipeline.New(cfg, pipeline.Parts{Lanes: lanes, Detector: l.Detector(), Sink: &out}).Run(context.Background())
	return out, errors.Join(append(faults, err)...)
}

// judged makes workers of decoders and judges.
func judged(parts func() (pipeline.Decoder, pipeline.Judge)) func() pipeline.Worker {
	return func() pipeline.Worker { return pipeline.Judged(parts()) }
}

// source hands out the values of a variant, one a batch.
type source struct {
	name     string
	values   []value
	inOrder  bool // as in variant
	newestNs int64
}

func (s *source) Next(context.Context) (*event.Batch, error) {
	if len(s.values) == 0 {
		return nil, io.EOF
	}
	v := s.values[0]
	s.values = s.values[1:]
	b := v.batch(s.name)
	if s.inOrder && !v.time.IsZero() {
		s.newestNs = max(s.newestNs, v.time.UnixNano())
		b.NewestNs, b.LowNs = s.newestNs, s.newestNs
	}
	return &b, nil
}

// batch returns v as a batch of its own; the decoder only reads it.
func (v value) batch(origin string) event.Batch {
	return event.Batch{Origin: origin, Line: int64(v.line), Data: v.data, Whole: true}
}

// streamSource hands out the batches of a stream of the kernel's.
type streamSource struct {
	batches  []event.Batch
	newestNs int64
}

func (s *streamSource) Next(context.Context) (*event.Batch, error) {
	if len(s.batches) == 0 {
		return nil, io.EOF
	}
	b := s.batches[0]
	s.batches = s.batches[1:]
	s.newestNs = max(s.newestNs, b.NewestNs)
	b.LowNs = s.newestNs
	return &b, nil
}

// alerts is a sink that keeps them.
type alerts []*event.Alert

func (s *alerts) Write(_ context.Context, a []*event.Alert) error {
	*s = append(*s, a...)
	return nil
}
