package pipeline

import "github.com/parallax-sec/parallax/event"

// StreamWorkers say how the batches of a stream are worked at.
type StreamWorkers struct {
	Audit, Falco func() Decoder
	Rules        *RuleSets
	// Plain says that agents may send events that no rule asked for.
	Plain bool
}

// New makes one worker.
func (c StreamWorkers) New() Worker {
	return &streamWorker{rules: c.Rules, plain: c.Plain, audit: judged{decoder: c.Audit()}, falco: judged{decoder: c.Falco()}}
}

// streamWorker works at batches of any kind, with the rules that held at each one's place in the stream.
type streamWorker struct {
	rules        *RuleSets
	plain        bool
	audit, falco judged

	set   RuleSet // that judge is of
	judge Judge
}

// Work reads and judges b.
func (w *streamWorker) Work(b *event.Batch, out *Result) {
	if len(b.Data) == 0 {
		return
	}
	w.use(b.Rules)
	switch b.Kind {
	case event.BatchAudit:
		w.audit.Work(b, out)
	case event.BatchFalco:
		w.falco.Work(b, out)
	case event.BatchMatches:
		w.matches(b, out)
	case event.BatchControl: // the source took it in
	default:
		out.Faults = append(out.Faults, event.Fault{Origin: b.Origin, Reason: "a batch of a kind that does not belong into the stream", Data: clippedData(b.Data)})
	}
}

// use makes the judge be of the rule set of a hash.
func (w *streamWorker) use(hash string) {
	if w.judge == nil || w.set.Hash != hash {
		w.set = w.rules.find(hash)
		w.judge = w.set.New()
		w.audit.judge, w.falco.judge = w.judge, w.judge
	}
}
