package pipeline

import "github.com/parallax-sec/parallax/event"

// Judged returns a worker that decodes batches and judges their events.
func Judged(d Decoder, j Judge) Worker { return &judged{d, j} }

type judged struct {
	decoder Decoder
	judge   Judge
}

// Work decodes and judges b.
func (w *judged) Work(b *event.Batch, out *Result) {
	w.decoder.Decode(b, func(e event.Event) {
		if !out.strict || len(out.Faults) == 0 {
			w.event(e, out)
		}
	}, out.fault)
	if r, ok := w.decoder.(reader); ok {
		out.ReadToNs = r.ReadToNs()
	}
}

// reader is a decoder whose input tells how far it has been read though nothing happened: every event up to that time was yielded.
type reader interface{ ReadToNs() int64 }

// event judges e. What rules made of what turns out to be no event is dropped.
func (w *judged) event(e event.Event, out *Result) {
	before := len(out.Matches)
	out.Matches = w.judge.Judge(e, out.Matches)
	if e.BodyFault() != nil {
		out.Matches = out.Matches[:before]
		return
	}
	out.Saw(e.TimeNs())
	for i := before; i < len(out.Matches); i++ {
		tidy(&out.Matches[i])
	}
}
