package kernel

import (
	"errors"
	"fmt"
	"unsafe"

	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/event"
)

// Decoder turns one stream of records and facts into events. What it gives depends on the stream alone: it does no I/O and
// reads no clock. It remembers the processes and containers of the stream, so that its parts must come in their order, and
// one goroutine at a time uses it.
type Decoder struct {
	event  Event
	stream stream
	begun  bool // a Start was read
	full   fullTotals
	tell   func(event.Fact) // nil: nobody wants to know

	before bpf.Cred // memory for Event.before
}

// NewDecoder returns a decoder of one stream.
func NewDecoder() *Decoder { return new(Decoder) }

// errNoStart is what a record before the stream's Start gives: neither its time nor its node is known.
var errNoStart = errors.New("record before the start of a stream")

// Decode calls yield for each event in the frames of b, and fault for each frame that cannot be read, in their order.
// b.Line is the number of its first frame, and a fault's Line the number of the frame. b.Data must be aligned to 8 bytes. A bad record costs nothing
// but itself; behind a frame whose length cannot be told nothing of b can be read.
func (d *Decoder) Decode(b *event.Batch, yield func(event.Event), fault func(event.Fault)) {
	for n, rest := b.Line, b.Data; len(rest) > 0; n++ {
		kind, body, next, err := NextFrame(rest)
		if err == nil {
			err = d.frame(kind, body, yield)
		}
		if err != nil {
			fault(event.Fault{Origin: b.Origin, Line: n, Reason: err.Error()})
		}
		rest = next
	}
	if d.begun {
		d.full.publish(d.stream.full())
	}
}

func (d *Decoder) frame(kind uint32, body []byte, yield func(event.Event)) error {
	if kind == FrameRecord {
		return d.Record(body, yield)
	}
	f, err := parseFact(body)
	if err != nil {
		return err
	}
	return d.Fact(f, yield)
}

// Record takes a record as the kernel wrote it and yields the event that it is, if it is one. b, which must be aligned to 8 bytes,
// is read in place: nobody writes to it before Record returns. An error is about this record only.
func (d *Decoder) Record(b []byte, yield func(event.Event)) error {
	h, err := bpf.ParseHead(b)
	if err != nil {
		return err
	}
	if !d.begun {
		return errNoStart
	}
	if d.stream.repeated.has(h) {
		return nil
	}
	e := &d.event
	d.begin(h.TimeNs)
	e.head = h
	if err := e.parse(b); err != nil {
		return fmt.Errorf("%s record: %w", kindNames[h.Kind], err)
	}
	isEvent, err := d.apply(b)
	if isEvent {
		d.yield(yield)
	}
	return err
}

// begin makes the event a new one at a boot time.
func (d *Decoder) begin(bootNs uint64) {
	t, one := d.event.texts, d.event.one
	t.reset()
	d.event = Event{stream: &d.stream, timeNs: d.stream.wall(bootNs), texts: t, one: one}
}

func (d *Decoder) yield(yield func(event.Event)) {
	d.stream.events++
	d.event.number = d.stream.events
	yield(&d.event)
	d.stream.lastNs = d.event.timeNs
}

var kindNames = [...]string{1: "exec", "fork", "exit", "mount", "credentials", "namespace", "ptrace", "cgroup"}

// parse checks the record and sets the member that it is.
func (e *Event) parse(b []byte) (err error) {
	switch bpf.Kind(e.head.Kind) {
	case bpf.KindExec:
		e.exec, e.execTexts, err = bpf.ParseExec(b)
	case bpf.KindFork:
		if len(b) != int(unsafe.Sizeof(*e.head)) {
			err = fmt.Errorf("record of %d bytes, want %d", len(b), unsafe.Sizeof(*e.head))
		}
	case bpf.KindExit:
		e.exit, err = bpf.ParseExit(b)
	case bpf.KindMount:
		if e.mount, e.mountTexts, err = bpf.ParseMount(b); err == nil && !knownCall(mountNames[:], e.mount.Op) {
			err = fmt.Errorf("unknown call %d", e.mount.Op)
		}
	case bpf.KindCreds:
		if e.creds, err = bpf.ParseCreds(b); err == nil && !knownCall(credNames[:], e.creds.Op) {
			err = fmt.Errorf("unknown call %d", e.creds.Op)
		}
	case bpf.KindNS:
		if e.ns, err = bpf.ParseNSOp(b); err == nil && !knownCall(nsNames[:], e.ns.Op) {
			err = fmt.Errorf("unknown call %d", e.ns.Op)
		}
	case bpf.KindPtrace:
		e.ptrace, err = bpf.ParsePtrace(b)
	}
	return err
}
