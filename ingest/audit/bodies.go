package audit

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/parallax-sec/parallax/ingest/audit/lex"
	"github.com/parallax-sec/parallax/ingest/audit/tape"
)

// bodies are the objects that an event carries, found and parsed when they are asked for.
type bodies struct {
	request, response span // requestObject, responseObject; where unsplit is present, what guess made of it
	unsplit           span // members of the event that were not checked, the first one a body; absent once they were
	guessed           bool
	fault             error

	requestDoc, responseDoc, wholeDoc document
}

// document is a tape and whether it was parsed for this event.
type document struct {
	tape     tape.Doc
	parsed   bool
	tooLarge bool // where parsed: it has more values than a tape holds, which is no fault of the event
}

// tooLarge says whether a body that was asked for has more values than are read.
func (b *bodies) tooLarge() bool {
	return b.requestDoc.parsed && b.requestDoc.tooLarge || b.responseDoc.parsed && b.responseDoc.tooLarge
}

func (b *bodies) reset() {
	b.request, b.response, b.unsplit, b.guessed, b.fault = span{}, span{}, span{}, false, nil
	b.requestDoc.parsed, b.responseDoc.parsed, b.wholeDoc.parsed = false, false, false
}

// request is requestObject; Absent where there is none, it is too large, or it cannot be read, which BodyFault then tells.
func (e *Event) request() tape.Node {
	e.guess()
	return e.parseBody(&e.bodies.requestDoc, &e.bodies.request)
}

// response is responseObject; Absent where there is none, it is too large, or it cannot be read, which BodyFault then tells.
func (e *Event) response() tape.Node {
	e.guess()
	return e.parseBody(&e.bodies.responseDoc, &e.bodies.response)
}

// parseBody parses the body at s. If that was guessed, it is right if it parses: a value that begins where requestObject
// begins and ends before the key responseObject is requestObject, and one that begins behind that key and ends where the members
// end is closed by the last bracket of them, so that the key stands outside of any body. If it does not parse, split tells.
func (e *Event) parseBody(d *document, s *span) tape.Node {
	if e.bodies.unsplit.present() && s.present() && !d.parsed {
		if d.parsed = d.tape.Parse(e.raw(*s)) == nil; d.parsed {
			d.tooLarge = false
		} else {
			e.split()
		}
	}
	return e.parse(d, *s)
}

// whole is the event as it was written; Absent where it is too large.
func (e *Event) whole() tape.Node {
	return e.parse(&e.bodies.wholeDoc, span{0, uint32(len(e.line))})
}

// BodyFault tells what is wrong with the bodies, as far as they were looked at: nil if nothing is. An event with a fault
// is no event: whoever judged it counts the fault of its line and drops what the rules made of it.
func (e *Event) BodyFault() error { return e.bodies.fault }

func (e *Event) parse(d *document, s span) tape.Node {
	if !s.present() {
		return tape.Node{}
	}
	if !d.parsed {
		err := d.tape.Parse(e.raw(s))
		d.parsed, d.tooLarge = true, errors.Is(err, tape.ErrTooLarge)
		if err != nil && !d.tooLarge && e.bodies.fault == nil {
			e.bodies.fault = fmt.Errorf("body: %w", err)
		}
	}
	return d.tape.Root()
}

// The keys of bodies as the API server writes them.
const (
	requestKey  = `"requestObject":`
	responseKey = `,"responseObject":`
)

// guess finds the bodies in the members that were not checked, going by the first key responseObject there.
func (e *Event) guess() {
	b := &e.bodies
	if b.guessed || !b.unsplit.present() {
		return
	}
	b.guessed = true
	raw, lo, hi := e.raw(b.unsplit), b.unsplit.lo, b.unsplit.hi
	if bytes.HasPrefix(raw, []byte(responseKey[1:])) {
		b.response = e.notNull(span{lo + uint32(len(responseKey)-1), hi})
		return
	}
	at := indexResponse(raw)
	if at >= 0 {
		b.response = e.notNull(span{lo + uint32(at+len(responseKey)), hi})
		hi = lo + uint32(at)
	}
	b.request = e.notNull(span{lo + uint32(len(requestKey)), hi})
}

// indexResponse is where responseKey first stands in b, -1 if it does not. It is found by its rarest letter.
func indexResponse(b []byte) int {
	const o = len(`,"response`)
	for at := 0; ; at++ {
		i := bytes.IndexByte(b[at:], 'O')
		if i < 0 {
			return -1
		}
		at += i
		if at >= o && bytes.HasPrefix(b[at-o:], []byte(responseKey)) && at-o+len(responseKey) < len(b) {
			return at - o
		}
	}
}

// split looks at the members that the decoder passed over and checks them.
func (e *Event) split() {
	if s := e.bodies.unsplit; s.present() {
		e.bodies.unsplit, e.bodies.request, e.bodies.response = span{}, span{}, span{}
		if err := e.splitMembers(e.reader(s)); err != nil {
			e.bodies.request, e.bodies.response, e.bodies.fault = span{}, span{}, err
		}
	}
}

// splitMembers reads members up to the end of r.
func (e *Event) splitMembers(r lex.Reader) error {
	for {
		key, err := r.Key()
		if err != nil {
			return err
		}
		v := span{lo: uint32(r.Pos)}
		if err := r.Value(); err != nil {
			return err
		}
		v.hi = uint32(r.Pos)
		if err := e.setMember(key, v); err != nil {
			return err
		}
		if r.Pos == len(r.Data) {
			return nil
		}
		if !r.Comma() {
			return &lex.SyntaxError{Offset: r.Pos, Reason: "expected ,"}
		}
	}
}

// setMember takes a member from between head and tail. Only bodies and what the API does not know may stand there.
func (e *Event) setMember(key lex.String, v span) error {
	switch name := e.keyText(key); name {
	case "requestObject":
		e.bodies.request = e.notNull(v)
	case "responseObject":
		e.bodies.response = e.notNull(v)
	default:
		if isMember(name) {
			return fmt.Errorf("key %q stands twice or out of order", name)
		}
	}
	return nil
}

// notNull is v, absent if it is null.
func (e *Event) notNull(v span) span {
	if e.line[v.lo] == 'n' {
		return span{}
	}
	return v
}

// isMember says whether the API gives a meaning to a key of an event.
func isMember(key string) bool {
	switch key {
	case "kind", "apiVersion", "level", "auditID", "stage", "requestURI", "verb", "user", "impersonatedUser", "authenticationMetadata",
		"sourceIPs", "userAgent", "objectRef", "responseStatus", "requestObject", "responseObject",
		"requestReceivedTimestamp", "stageTimestamp", "annotations":
		return true
	}
	return false
}
