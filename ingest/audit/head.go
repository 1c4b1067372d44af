package audit

import (
	"bytes"

	"github.com/parallax-sec/parallax/ingest/audit/lex"
)

// How the API server begins an event: one that stands on its own, and an item of a list.
var (
	aloneOpen = []byte(`{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"`)
	itemOpen  = []byte(`{"level":"`)
)

// readHead reads the first members of an event whose opening bracket was read, as far as they stand in the order in which
// the API server writes them. It leaves r behind the last value that it read; ok is false if it read none.
//
// Keys are compared instead of read, which is what makes it fast. Each step that meets anything else leaves r and its
// target as they were, so that readMember goes on from there.
func (e *Event) readHead(r *lex.Reader) (ok bool) {
	first := r.Pos
	switch {
	case bytes.HasPrefix(r.Data, aloneOpen):
		e.kind, e.version = text{9, 14, plain}, text{30, 45, plain}
		r.Pos = len(aloneOpen) - 1
	case bytes.HasPrefix(r.Data, itemOpen):
		r.Pos = len(itemOpen) - 1
	default:
		return false
	}
	if !quoted(r, &e.level) {
		r.Pos = first
		return false
	}
	member(r, `,"auditID":"`, &e.auditID)
	member(r, `,"stage":"`, &e.stage)
	member(r, `,"requestURI":"`, &e.requestURI)
	member(r, `,"verb":"`, &e.verb)
	e.readClient(r)
	e.object.readWritten(r)
	e.status.readWritten(r)
	return true
}

// readWritten reads a user. key is all that stands before what the name reads.
func (u *user) readWritten(r *lex.Reader, key string) {
	before := *r
	if member(r, key, &u.name) {
		member(r, `,"uid":"`, &u.uid)
		strs(r, `,"groups":[`, &u.groups.span)
		if u.readExtra(r) && literal(r, `}`) {
			u.present = true
			return
		}
	}
	u.reset()
	*r = before
}

func (u *user) readExtra(r *lex.Reader) bool {
	const key = `,"extra":{`
	if !literal(r, key) {
		return true
	}
	r.Pos--
	return readSpan(r, '{', &u.extra) == nil
}

// readWritten reads the member objectRef.
func (o *objectRef) readWritten(r *lex.Reader) {
	before := r.Pos
	if !member(r, `,"objectRef":{"resource":"`, &o.resource) {
		return
	}
	member(r, `,"namespace":"`, &o.namespace)
	member(r, `,"name":"`, &o.name)
	member(r, `,"uid":"`, &o.uid)
	member(r, `,"apiGroup":"`, &o.apiGroup)
	member(r, `,"apiVersion":"`, &o.apiVersion)
	member(r, `,"resourceVersion":"`, &o.resourceVersion)
	member(r, `,"subresource":"`, &o.subresource)
	if o.present = literal(r, `}`); !o.present {
		*o = objectRef{}
		r.Pos = before
	}
}

// readWritten reads the member responseStatus.
func (s *responseStatus) readWritten(r *lex.Reader) {
	before := *r
	if !literal(r, `,"responseStatus":{"metadata":{}`) {
		return
	}
	if s.present = s.readOutcome(r); !s.present {
		*s = responseStatus{}
		*r = before
	}
}

// readOutcome reads what follows metadata in a responseStatus: the code of a success, more of a failure.
func (s *responseStatus) readOutcome(r *lex.Reader) bool {
	const code = `,"code":`
	if !literal(r, code) {
		member(r, `,"status":"`, &s.status)
		member(r, `,"message":"`, &s.message)
		member(r, `,"reason":"`, &s.reason)
		if literal(r, `,"details":`) && r.Value() != nil || !literal(r, code) {
			return false
		}
	}
	return readNumber(r, &s.code) == nil && literal(r, `}`)
}

// member reads a member whose value is a string. key is all that stands before what the string reads, from the comma to the
// opening quote.
func member(r *lex.Reader, key string, t *text) bool {
	before := r.Pos
	if !literal(r, key) {
		return false
	}
	r.Pos--
	if !quoted(r, t) {
		r.Pos = before
		return false
	}
	return true
}

// quoted reads the string whose opening quote is at r.
func quoted(r *lex.Reader, t *text) bool {
	s, err := r.String()
	if err == nil {
		*t = textOf(s)
	}
	return err == nil
}

// strs reads a member whose value is an array of strings, at least one. key is all that stands before the first one's quote.
func strs(r *lex.Reader, key string, s *span) {
	before := r.Pos
	if !literal(r, key) {
		return
	}
	lo := r.Pos - 1
	for r.Peek() == '"' {
		if _, err := r.String(); err != nil {
			break
		}
		if literal(r, `]`) {
			*s = span{uint32(lo), uint32(r.Pos)}
			return
		}
		if !literal(r, `,`) {
			break
		}
	}
	r.Pos = before
}

// literal goes past text that is next in r as it is.
func literal(r *lex.Reader, s string) bool {
	end := r.Pos + len(s)
	if end > len(r.Data) || string(r.Data[r.Pos:end]) != s {
		return false
	}
	r.Pos = end
	return true
}
