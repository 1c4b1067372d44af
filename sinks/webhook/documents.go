package webhook

import (
	"time"

	"github.com/parallax-sec/parallax/event"
)

// documents are ECS documents, as sinks/jsonl writes them: one, or an array of them.
type documents struct {
	array bool
	enc   event.Encoder
}

func (f *documents) together() bool { return f.array }

func (f *documents) body(dst []byte, alerts []*event.Alert, _ time.Time) []byte {
	if !f.array {
		return f.enc.Append(dst, alerts[0])
	}
	dst = append(dst, '[')
	for i, a := range alerts {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = f.enc.Append(dst, a)
	}
	return append(dst, ']')
}
