package audit

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/audit/envelope"
	"github.com/parallax-sec/parallax/ingest/audit/lex"
)

// maxValueBytes is the longest text that is read, so that offsets fit into 32 bits. Readers refuse lines long before.
const maxValueBytes = 1 << 30

// Decoder reads the events of batches. One goroutine at a time uses it.
type Decoder struct {
	event Event
	tails tails
	yield func(event.Event)
	fault func(event.Fault)

	origin string
	place
	opener envelope.Opener
	seen   *Seen // nil where nobody counts
}

// place is what is being read.
type place struct {
	data   []byte // the line, or whole document, or a text that stood in an envelope there
	line   int64  // of data[mark]; of the envelope, where data is not in its line as it is written
	mark   int
	from   envelope.Kind
	inside bool // of an envelope
}

// NewDecoder returns a Decoder.
func NewDecoder() *Decoder { return new(Decoder) }

// Decode calls yield for each event of b and fault for each piece of it that cannot be read, in their order. An event is
// valid until yield returns. If its bodies turn out to be faulty while it is judged (Event.BodyFault), fault is called after yield.
// A broken body that nobody asks for is not noticed, so that rule sets which read different bodies may count different faults;
// an event that matched is checked as a whole (Event.Details).
//
// A line holds one or more values, with or without a comma between them: events, lists of them (kind EventList) or arrays of
// both. Each item of a list or array is an event or a fault on its own; what stands behind any other bad value in its line is
// not read. A byte order mark is for the reader of the file to leave out. Where a value is no event but an envelope
// of one (package envelope), the events in it are read, with the line of the envelope.
func (d *Decoder) Decode(b *event.Batch, yield func(event.Event), fault func(event.Fault)) {
	d.origin, d.line, d.yield, d.fault = b.Origin, b.Line, yield, fault
	if b.Whole {
		d.values(b.Data)
	} else {
		d.lines(b.Data)
	}
	d.place, d.yield, d.fault = place{}, nil, nil
}

func (d *Decoder) lines(data []byte) {
	for line := d.line; len(data) > 0; line++ {
		end, next := len(data), len(data)
		if i := bytes.IndexByte(data, '\n'); i >= 0 {
			end, next = i, i+1
		}
		d.line = line
		d.values(data[:end])
		data = data[next:]
	}
}

// values reads one value after the other, up to the first bad one: nothing says where it ends.
func (d *Decoder) values(data []byte) {
	if len(data) > maxValueBytes {
		d.data, d.mark = data, 0
		d.refuse(0, len(data), fmt.Errorf("more than %d bytes", maxValueBytes))
		return
	}
	data = trimEnd(data)
	d.data, d.mark = data, 0
	if !d.inside {
		d.from = envelope.Plain
	}
	r := lex.Reader{Data: data}
	for first := true; ; first = false {
		r.Blanks()
		if r.Pos == len(data) {
			return
		}
		if !first {
			r.Comma()
		}
		end, err := d.value(r.Pos, first)
		if err != nil {
			d.refuse(r.Pos, len(data), err)
			return
		}
		r.Pos = end
	}
}

// trimEnd cuts off the blanks that data ends in.
func trimEnd(data []byte) []byte {
	n := len(data)
	for n > 0 && (data[n-1] == ' ' || data[n-1] == '\t' || data[n-1] == '\r' || data[n-1] == '\n') {
		n--
	}
	return data[:n]
}

// value reads the event, list or array at an offset and returns where it ends. alone says that it may be all there is in the line.
func (d *Decoder) value(at int, alone bool) (end int, err error) {
	switch r := (lex.Reader{Data: d.data, Pos: at}); r.Peek() {
	case '{':
		return d.object(at, len(d.data), alone)
	case '[':
	default:
		return d.prefixed(at, alone)
	}
	return d.items(at, func(from, to int) error {
		_, err := d.object(from, to, true)
		return err
	})
}

// object reads the event or list that stands between two offsets.
func (d *Decoder) object(from, to int, alone bool) (end int, err error) {
	if !bytes.HasPrefix(d.data[from:to], []byte(`{"kind":"EventList"`)) {
		end, err = d.one(from, to, false, alone)
		if errors.Is(err, errNoKind) && d.open(from) {
			return from + len(d.event.line), nil
		}
		if !mayBeList(err) {
			return end, err
		}
	}
	end, listErr := d.list(from, to)
	if err != nil && errors.Is(listErr, errNoList) {
		return 0, err
	}
	return end, listErr
}

// one reads the event that stands between two offsets and yields it. alone says that it may be all there is between them.
func (d *Decoder) one(from, to int, inList, alone bool) (end int, err error) {
	var t tail
	if alone {
		t = d.tails.find(d.data[from:to])
	}
	d.event.number, d.event.from = uint64(d.line), d.from
	n, err := d.event.decode(d.data[from:to], inList, &t)
	if err != nil {
		return 0, moved(err, from)
	}
	d.seen.event(d.from)
	d.yield(&d.event)
	if err := d.event.BodyFault(); err != nil {
		d.refuse(from, from+n, moved(err, from))
	}
	return from + n, nil
}

// moved is an error about a value that begins at an offset, as one about the data that it stands in.
func moved(err error, from int) error {
	if syntax, ok := errors.AsType[*lex.SyntaxError](err); ok && from > 0 {
		return &lex.SyntaxError{Offset: syntax.Offset + from, Reason: syntax.Reason}
	}
	return err
}

// maxFaultData is how much of a piece that cannot be read goes with its fault.
const maxFaultData = 64 << 10

// refuse reports a fault of what stands between two offsets, in the line of the last one if that stood behind it.
func (d *Decoder) refuse(from, to int, err error) {
	d.moveTo(from)
	d.fault(event.Fault{Origin: d.origin, Line: d.line, Reason: err.Error(), Data: bytes.Clone(d.data[from:min(to, from+maxFaultData)])})
}

// moveTo counts lines up to an offset.
func (d *Decoder) moveTo(at int) {
	if at = max(at, d.mark); !d.inside {
		d.line += int64(bytes.Count(d.data[d.mark:at], []byte("\n")))
	}
	d.mark = at
}
