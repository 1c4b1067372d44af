package pipeline

import (
	"fmt"

	"github.com/parallax-sec/parallax/event"
)

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

// maxBatchFaults is how many pieces of one batch are quarantined one by one.
const maxBatchFaults = 1000

// Work reads and judges b.
func (w *streamWorker) Work(b *event.Batch, out *Result) {
	if len(b.Data) == 0 {
		return
	}
	out.maxFaults = len(out.Faults) + maxBatchFaults
	w.use(b.Rules)
	w.work(b, out)
	if out.more > 0 {
		reason := fmt.Sprintf("%d further pieces of this batch, which could not be read either", out.more)
		out.Faults = append(out.Faults, event.Fault{Origin: b.Origin, Reason: reason})
	}
}

func (w *streamWorker) work(b *event.Batch, out *Result) {
	switch b.Kind {
	case event.BatchAudit:
		w.audit.Work(b, out)
	case event.BatchFalco:
		w.falco.Work(b, out)
	case event.BatchMatches:
		w.matches(b, out)
	case event.BatchControl: // the source took it in
	default:
		out.fault(event.Fault{Origin: b.Origin, Reason: "a batch of a kind that does not belong into the stream", Data: clippedData(b.Data)})
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
