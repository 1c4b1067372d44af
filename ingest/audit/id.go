package audit

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
)

// The first value that is hashed says what is hashed and how, so that ids of different kinds never meet.
const (
	requestIDKind = "audit request 1"
	eventIDKind   = "audit event 1"
)

// idBytes is how much of the hash is kept.
const idBytes = 16

var idEncoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// RequestID is the content id of the request that the event is a stage of: the same for all of its stages, however they came.
// auditID is part of it but not enough, since clients choose it (Audit-ID header). 26 characters of lower-case base32.
func (e *Event) RequestID() string {
	return idOf(e.appendRequest(appendPart(nil, requestIDKind)))
}

// EventID is the content id of the event. 26 characters of lower-case base32.
func (e *Event) EventID() string {
	b := e.appendRequest(appendPart(nil, eventIDKind))
	b = e.appendTexts(b, &e.stage)
	b = binary.BigEndian.AppendUint64(b, uint64(e.timeNs))
	b = e.appendTexts(b, &e.impersonated.name)
	b = appendPart(b, alias(e.raw(e.status.code)))
	o := &e.object
	b = e.appendTexts(b, &o.resource, &o.namespace, &o.name, &o.uid, &o.apiGroup, &o.apiVersion, &o.resourceVersion, &o.subresource)
	return idOf(b)
}

// appendRequest appends what tells a request from others.
func (e *Event) appendRequest(b []byte) []byte {
	b = e.appendTexts(b, &e.auditID)
	b = e.appendReceived(b)
	b = e.appendTexts(b, &e.user.name, &e.verb, &e.requestURI)
	b = appendPart(b, e.sourceIP())
	return e.appendTexts(b, &e.userAgent)
}

// appendReceived appends requestReceivedTimestamp as a time if it is one, so that it may be written in any zone and precision.
func (e *Event) appendReceived(b []byte) []byte {
	s, _ := e.str(&e.received)
	if ns, err := parseTime(s); err == nil {
		return binary.BigEndian.AppendUint64(b, uint64(ns))
	}
	return appendPart(b, s)
}

// appendTexts appends texts; an absent one is empty, as writers leave out what is empty.
func (e *Event) appendTexts(b []byte, texts ...*text) []byte {
	for _, t := range texts {
		s, _ := e.str(t)
		b = appendPart(b, s)
	}
	return b
}

// appendPart appends s with its length, so that no two lists of parts are the same bytes.
func appendPart(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func idOf(b []byte) string {
	sum := sha256.Sum256(b)
	return idEncoding.EncodeToString(sum[:idBytes])
}
