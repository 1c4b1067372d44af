package audit

import "github.com/parallax-sec/parallax/ingest/audit/lex"

// authorization is what the annotations say of the authorizer's decision. Rules ask for it of every event, and few texts of
// annotations bear most events, so that it is kept with the text that it was read from.
type authorization struct {
	done             bool
	decision, reason annotated
	text             []byte // holds what the two read
}

// annotated is the text of an annotation; ok is false where it is absent or no string.
type annotated struct {
	text string
	ok   bool
}

// reset forgets what was read.
func (a *authorization) reset() {
	a.done, a.text = false, a.text[:0]
	if cap(a.text) > maxKeptText {
		a.text = nil
	}
}

// authorization is what the annotations of e say. It is valid as long as the event.
func (e *Event) authorization() *authorization {
	a := e.remembered
	if a == nil {
		a = &e.ownAuthorization
	}
	if !a.done {
		a.done = true
		a.decision = a.keep(e.annotation("authorization.k8s.io/decision"))
		a.reason = a.keep(e.annotation("authorization.k8s.io/reason"))
	}
	return a
}

// keep copies a text, which may not outlive the event.
func (a *authorization) keep(s string, ok bool) annotated {
	at := len(a.text)
	a.text = append(a.text, s...)
	return annotated{lex.Alias(a.text[at:]), ok}
}

// decision is what the authorizer said: allow or forbid.
func (e *Event) decision() (string, bool) {
	d := &e.authorization().decision
	return d.text, d.ok
}

// decisionReason is why it said so.
func (e *Event) decisionReason() (string, bool) {
	r := &e.authorization().reason
	return r.text, r.ok
}
