package falco

import (
	"bytes"
	"strings"

	"github.com/parallax-sec/parallax/event"
)

// originPrefix stands before the name of the sender in a batch's origin.
const originPrefix = "falco/"

// maxFaultBytes is how much of a piece that cannot be read is kept.
const maxFaultBytes = 4096

// Decoder reads the alerts of batches. It keeps nothing from one batch to the next.
type Decoder struct{}

// NewDecoder returns a Decoder.
func NewDecoder() *Decoder { return new(Decoder) }

// Decode calls yield for each alert of b and fault for each line that is none, in their order. A whole batch is one alert, whatever
// lines it has.
func (*Decoder) Decode(b *event.Batch, yield func(event.Event), fault func(event.Fault)) {
	sender := strings.TrimPrefix(b.Origin, originPrefix)
	line := b.Line
	read := func(data []byte) {
		if data = bytes.TrimSpace(data); len(data) == 0 {
			return
		}
		a, err := parse(data)
		if err != nil {
			fault(event.Fault{Origin: b.Origin, Line: line, Reason: err.Error(), Data: bytes.Clone(data[:min(len(data), maxFaultBytes)])})
			return
		}
		e := &Event{alert: a, sender: sender}
		e.believe(b.ReceivedNs)
		yield(e)
	}
	if b.Whole {
		read(b.Data)
		return
	}
	for data := range bytes.Lines(b.Data) {
		read(data)
		line++
	}
}
