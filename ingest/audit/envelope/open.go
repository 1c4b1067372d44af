package envelope

import (
	"errors"
	"fmt"

	"github.com/parallax-sec/parallax/ingest/audit/lex"
)

// MaxDepth is how many envelopes may stand inside each other.
const MaxDepth = 3

// Content takes what envelopes hold.
type Content interface {
	// Value takes a text that should be an event, a list of events or a further envelope. It is valid during the call.
	Value(text []byte, from Kind)
	// Skip takes note of pieces that belong to other logs.
	Skip(what Other, pieces int)
	// Refuse takes note of a piece that cannot be read.
	Refuse(error)
}

// Opener opens envelopes.
type Opener struct {
	depth  int
	unpack int // bytes that may still be decompressed
	texts  [MaxDepth][]byte
	taker  Content // of what is open
}

// keepBytes bounds the memory for each depth that an Opener holds on to.
const keepBytes = 1 << 20

// Open hands what value holds to c, and says whether value is an envelope: a JSON object that was checked to be one. c may call
// Open for what it is given.
func (o *Opener) Open(value []byte, c Content) bool {
	m := readMembers(value)
	open := m.opener(o.depth > 0)
	if open == nil {
		return false
	}
	if o.depth == MaxDepth {
		c.Refuse(fmt.Errorf("more than %d envelopes inside each other", MaxDepth))
		return true
	}
	if o.depth == 0 {
		o.unpack = max(minUnpacked, maxUnpackedRatio*len(value))
	}
	outer := o.taker
	o.taker = c
	o.depth++
	open(o, &m)
	o.depth--
	o.taker = outer
	if cap(o.texts[o.depth]) > keepBytes {
		o.texts[o.depth] = nil
	}
	return true
}

// opener returns what opens an object with these members, by the first key that tells; nil where none does. inside says that
// it stands in an envelope.
func (m *members) opener(inside bool) func(*Opener, *members) {
	switch {
	case m.has("messageType") && m.has("logEvents"):
		return (*Opener).cloudWatch
	case m.has("protoPayload"):
		return (*Opener).google
	case isArray(m.get("records")), isArray(m.get("Records")):
		return (*Opener).records
	case isObject(m.get("awslogs")):
		return (*Opener).lambda
	case m.isAzure():
		return (*Opener).azure
	case m.has("AuditId") && m.has("RequestUri"):
		return (*Opener).tableRow
	case isArray(m.get("tables")):
		return (*Opener).tables
	case isArray(m.get("events")):
		return (*Opener).logEvents
	case m.isOtherLog() && inside:
		return func(o *Opener, _ *members) { o.taker.Skip(OtherComponent, 1) }
	case m.has("log"), m.has("message"), isObject(m.get("_source")):
		return (*Opener).wrapper
	}
	return nil
}

// isOtherLog says whether an object is a line that a component of Kubernetes logs as JSON (k8s.io/component-base/logs/json).
func (m *members) isOtherLog() bool { return m.has("ts") && m.has("msg") }

// value hands on a value that should hold an event: an object or array as it stands, a string as it reads.
func (o *Opener) value(v []byte, from Kind) {
	switch {
	case isObject(v), isArray(v):
		o.taker.Value(v, from)
	case isString(v):
		o.text(o.read(v), from)
	default:
		o.taker.Refuse(errNoText)
	}
}

var (
	errNoText = errors.New("envelope without a text in it")
	errNoJSON = errors.New("what stands in the envelope is no JSON")
)

// text hands on a text that should be an event. Other components write lines of other forms.
func (o *Opener) text(text []byte, from Kind) {
	text = trim(text)
	switch {
	case len(text) > 0 && (text[0] == '{' || text[0] == '['):
		o.taker.Value(text, from)
	case isOtherText(text):
		o.taker.Skip(OtherComponent, 1)
	default:
		o.taker.Refuse(errNoJSON)
	}
}

// read is what a JSON string reads, in memory that is used again by the next one of this depth.
func (o *Opener) read(v []byte) []byte {
	buf := &o.texts[o.depth-1]
	*buf = lex.AppendText((*buf)[:0], v[1:len(v)-1])
	return *buf
}
