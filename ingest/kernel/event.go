package kernel

import (
	"encoding/binary"

	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/event"
)

// Event is one record, or one loss of records, with the process and the container that it is about. It implements event.Event.
// It and all that is read from it is valid until its Decoder reads the next.
type Event struct {
	stream *stream
	timeNs int64  // wall clock UTC, nanoseconds since 1970
	number uint64 // of the event in its stream, from 1

	head   *bpf.Head // nil where lost is set
	exec   *bpf.Exec // of the members from here to lost exactly one is set, or none of a fork
	mount  *bpf.Mount
	creds  *bpf.Creds
	ns     *bpf.NSOp
	ptrace *bpf.Ptrace
	exit   *bpf.Exit
	lost   *Lost

	execTexts  bpf.ExecTexts
	mountTexts bpf.MountTexts

	process   *Process   // nil where lost is set
	container *Container // nil: of the node itself
	via       Via        // how the container was found
	before    *bpf.Cred  // credentials of the process before; nil where they are not known

	texts  textBuffer
	one    event.Value // scratch of eachAncestor
	record *record     // what Details gave, for the matches of one event
}

// Source is event.SourceKernel.
func (e *Event) Source() event.Source { return event.SourceKernel }

// TimeNs is the time of the event, boot time put on the wall clock by the stream's offset, in nanoseconds since 1970 UTC.
func (e *Event) TimeNs() int64 { return e.timeNs }

// BodyFault is nil: a record is checked as a whole before it is an event.
func (e *Event) BodyFault() error { return nil }

// Elements is 1 for the event as a whole. There are no other scopes.
func (e *Event) Elements(s event.Scope) int {
	if s == event.ScopeEvent {
		return 1
	}
	return 0
}

// Process is the process that the event is about; nil of a loss. It is the table's own: valid as long as the event is.
func (e *Event) Process() *Process { return e.process }

// Container is the container that the event happened in, nil on the node itself.
func (e *Event) Container() *Container { return e.container }

// Via says how the container was found; empty where there is none.
func (e *Event) Via() Via { return e.via }

// eventIDKind is the first value that is hashed and says what is hashed and how, so that ids of different kinds never meet.
const eventIDKind = "kernel event 1"

// EventID is the content id of the event, from node, boot, load epoch, CPU and sequence number. 26 characters of lower-case base32.
func (e *Event) EventID() string {
	var buf [512]byte
	b := event.AppendIDPart(buf[:0], eventIDKind)
	b = event.AppendIDPart(b, e.stream.start.Node)
	b = event.AppendIDPart(b, e.stream.start.BootID)
	b = binary.BigEndian.AppendUint64(b, e.stream.start.Epoch)
	if e.lost != nil {
		b = event.AppendIDPart(append(b, 'l'), e.lost.Reason)
		b = binary.BigEndian.AppendUint64(b, uint64(e.lost.CPU))
		b = binary.BigEndian.AppendUint64(b, e.lost.BootNs)
	} else {
		b = binary.BigEndian.AppendUint16(append(b, 'r'), e.head.Cpu)
		b = binary.BigEndian.AppendUint64(b, e.head.Seq)
	}
	return string(event.AppendContentID(nil, b))
}
