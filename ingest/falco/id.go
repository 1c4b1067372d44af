package falco

import (
	"encoding/binary"

	"github.com/parallax-sec/parallax/event"
)

// eventIDKind says what is hashed and how.
const eventIDKind = "falco alert 1"

// contentID is made of host, time, rule and output fields, all as Falco says: what a sender on the way adds or leaves out (uuid, output,
// tags) is no part of it, unless it adds output fields.
func (a *alert) contentID() string {
	var buf [2048]byte
	b := event.AppendIDPart(buf[:0], eventIDKind)
	b = event.AppendIDPart(b, a.hostname)
	b = binary.BigEndian.AppendUint64(b, uint64(a.timeNs))
	b = event.AppendIDPart(b, a.rule)
	for _, f := range a.fields {
		b = event.AppendIDPart(event.AppendIDPart(b, f.key), f.text)
	}
	return string(event.AppendContentID(nil, b))
}
