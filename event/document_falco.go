package event

import (
	"cmp"
	"math"
)

// provider is what found the event.
func (w *docWriter) provider() {
	if w.d.Falco == nil {
		w.text("parallax-engine")
		return
	}
	w.text(cmp.Or(w.falco.Source, "falco"))
}

// sequence is a long: what is beyond one is left out.
func (w *docWriter) sequence() {
	if n := w.falco.Sequence; n <= math.MaxInt64 {
		w.code(int(n))
	}
}
