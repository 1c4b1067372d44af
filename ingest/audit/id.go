package audit

import (
	"encoding/binary"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/audit/lex"
)

// The first value that is hashed says what is hashed and how, so that ids of different kinds never meet. That of an event is
// not longer than that of a request, since it is written over it.
const (
	requestIDKind = "audit request 1"
	eventIDKind   = "audit event 1"
)

// RequestID is the content id of the request that the event is a stage of: the same for all of its stages, however they came.
// auditID is part of it but not enough, since clients choose it (Audit-ID header). 26 characters of lower-case base32.
func (e *Event) RequestID() string { return string(e.appendIDs(nil)[:event.ContentIDLen]) }

// EventID is the content id of the event. 26 characters of lower-case base32.
func (e *Event) EventID() string { return string(e.appendIDs(nil)[event.ContentIDLen:]) }

// recordIDs are both ids, in memory of r.
func (e *Event) recordIDs(r *record) (request, id string) {
	var buf [2 * event.ContentIDLen]byte
	both := r.copy(lex.Alias(e.appendIDs(buf[:0])))
	return both[:event.ContentIDLen], both[event.ContentIDLen:]
}

// appendIDs appends the id of the request and that of the event.
func (e *Event) appendIDs(dst []byte) []byte {
	var buf [1024]byte
	b := e.appendRequest(event.AppendIDPart(buf[:0], requestIDKind))
	dst = event.AppendContentID(dst, b)
	request := b[1+len(requestIDKind):] // behind the kind and its length
	b = append(event.AppendIDPart(b[:0], eventIDKind), request...)
	b = e.appendTexts(b, &e.stage)
	b = binary.BigEndian.AppendUint64(b, uint64(e.timeNs))
	b = e.appendTexts(b, &e.impersonated.name)
	b = event.AppendIDPart(b, lex.Alias(e.raw(e.status.code)))
	o := &e.object
	b = e.appendTexts(b, &o.resource, &o.namespace, &o.name, &o.uid, &o.apiGroup, &o.apiVersion, &o.resourceVersion, &o.subresource)
	return event.AppendContentID(dst, b)
}

// appendRequest appends what tells a request from others.
func (e *Event) appendRequest(b []byte) []byte {
	b = e.appendTexts(b, &e.auditID)
	b = e.appendReceived(b)
	b = e.appendTexts(b, &e.user.name, &e.verb, &e.requestURI)
	b = event.AppendIDPart(b, e.sourceIP())
	return e.appendTexts(b, &e.userAgent)
}

// appendReceived appends requestReceivedTimestamp as a time if it is one, so that it may be written in any zone and precision.
func (e *Event) appendReceived(b []byte) []byte {
	s, _ := e.str(&e.received)
	if ns, err := parseTime(s); err == nil {
		return binary.BigEndian.AppendUint64(b, uint64(ns))
	}
	return event.AppendIDPart(b, s)
}

// appendTexts appends texts; an absent one is empty, as writers leave out what is empty.
func (e *Event) appendTexts(b []byte, texts ...*text) []byte {
	for _, t := range texts {
		s, _ := e.str(t)
		b = event.AppendIDPart(b, s)
	}
	return b
}
