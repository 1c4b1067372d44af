package audit

import (
	"fmt"

	"github.com/parallax-sec/parallax/ingest/audit/lex"
	"github.com/parallax-sec/parallax/ingest/audit/tape"
)

// bodies are the objects that an event carries, found and parsed when they are asked for.
type bodies struct {
	request, response span // requestObject, responseObject, where split is done
	unsplit           span // members of the event that were not looked at, separated by commas; absent once they were
	fault             error

	requestDoc, responseDoc, wholeDoc document
}

// document is a tape and whether it was parsed for this event.
type document struct {
	tape   tape.Doc
	parsed bool
}

func (b *bodies) reset() {
	b.request, b.response, b.unsplit, b.fault = span{}, span{}, span{}, nil
	b.requestDoc.parsed, b.responseDoc.parsed, b.wholeDoc.parsed = false, false, false
}

// request is requestObject; Absent where there is none or it cannot be read, which BodyFault then tells.
func (e *Event) request() tape.Node {
	e.split()
	return e.parse(&e.bodies.requestDoc, e.bodies.request)
}

// response is responseObject; Absent where there is none or it cannot be read, which BodyFault then tells.
func (e *Event) response() tape.Node {
	e.split()
	return e.parse(&e.bodies.responseDoc, e.bodies.response)
}

// whole is the event as it was written.
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
		d.parsed = true
		if err := d.tape.Parse(e.raw(s)); err != nil && e.bodies.fault == nil {
			e.bodies.fault = fmt.Errorf("body: %w", err)
		}
	}
	return d.tape.Root()
}

// split looks at the members that the decoder passed over and checks them.
func (e *Event) split() {
	if s := e.bodies.unsplit; s.present() {
		e.bodies.unsplit = span{}
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
