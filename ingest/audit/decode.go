package audit

import (
	"bytes"

	"github.com/parallax-sec/parallax/ingest/audit/lex"
)

// decode reads the event at the start of line and returns where it ends. The last of several equal keys counts, as in
// encoding/json reading into a map. inList allows kind and apiVersion to be missing, as they are in the items of an EventList.
//
// Every byte is checked, except where t was found, the end of line as the API server writes it: then what stands between
// the first body and t is passed over if it looks like bodies, and left to Event.split.
func (e *Event) decode(line []byte, inList bool, t *tail) (end int, err error) {
	e.reset(line)
	r := lex.Reader{Data: line}
	if err := e.readMembers(&r, t); err != nil {
		return 0, err
	}
	e.line = line[:r.Pos:r.Pos]
	if err := e.checkKind(inList); err != nil {
		return r.Pos, err
	}
	return r.Pos, e.finish()
}

// readMembers reads the object at r.
func (e *Event) readMembers(r *lex.Reader, t *tail) error {
	if r.Peek() != '{' {
		return errNoObject
	}
	more, err := r.Open()
	if e.readHead(r) {
		if r.Pos == t.start {
			e.takeTail(t)
			r.Pos = len(r.Data)
			return nil
		}
		more, err = r.Next('}')
	}
	for more && err == nil {
		at := r.Pos
		var k lex.String
		if k, err = r.Key(); err != nil {
			break
		}
		key := e.keyText(k)
		if t.start > at && e.beginsBodies(key) && looksLikeBodies(e.line[at:t.start]) {
			e.bodies.unsplit = span{uint32(at), uint32(t.start)}
			r.Pos = t.start
		} else if err = e.readMember(r, key); err != nil {
			break
		}
		if r.Pos == t.start {
			e.takeTail(t)
			r.Pos = len(r.Data)
			break
		}
		more, err = r.Next('}')
	}
	return err
}

// keyText is what a key reads.
func (e *Event) keyText(k lex.String) string {
	if !k.Escaped {
		return lex.Alias(e.line[k.Start:k.End])
	}
	return string(lex.AppendText(nil, e.line[k.Start:k.End]))
}

// beginsBodies says whether a key is that of the first body.
func (e *Event) beginsBodies(key string) bool {
	return (key == "requestObject" || key == "responseObject") && !e.bodies.request.present() && !e.bodies.response.present()
}

// looksLikeBodies says whether members that were not looked at, the first of them a body, can be passed over for now: their
// brackets are balanced and they hold no second event. A line that was torn off inside a body and goes on with the next
// event fails the second, one that goes on with the end of an event the first, since the bracket of the torn body is not
// closed. So does a body that has such text in a string; it is then read byte by byte.
func looksLikeBodies(b []byte) bool {
	return balanced(b, "{", "}") && (!bytes.HasPrefix(b, arrayBody) || balanced(b, "[", "]")) && !hasRequestURI(b)
}

// arrayBody is how a JSON patch begins, the one body whose own brackets are not braces.
var arrayBody = []byte(`"requestObject":[`)

func balanced(b []byte, opening, closing string) bool {
	return bytes.Count(b, []byte(opening)) == bytes.Count(b, []byte(closing))
}

// hasRequestURI says whether the key requestURI, which every event has, stands in b. It is found by its rarest letter.
func hasRequestURI(b []byte) bool {
	const key, q = `"requestURI"`, len(`"re`)
	for at := 0; ; {
		i := bytes.IndexByte(b[at:], 'q')
		if i < 0 {
			return false
		}
		at += i
		if at >= q && len(b)-at >= len(key)-q && string(b[at-q:at-q+len(key)]) == key {
			return true
		}
		at++
	}
}

// reset empties e for the event in line.
func (e *Event) reset(line []byte) {
	e.line, e.timeNs, e.timeKnown = line, 0, false
	e.kind, e.version = text{}, text{}
	e.level, e.auditID, e.stage, e.requestURI, e.verb = text{}, text{}, text{}, text{}, text{}
	e.user.reset()
	e.impersonated.reset()
	e.constraint, e.userAgent, e.received, e.stageTime = text{}, text{}, text{}, text{}
	e.sourceIPs.reset()
	e.object, e.status, e.annotations = objectRef{}, responseStatus{}, span{}
	e.bodies.reset()
	e.arena = e.arena[:0]
	e.view.reset()
	e.remembered = nil
	e.ownAuthorization.reset()
}

func (u *user) reset() {
	u.present, u.name, u.uid, u.extra = false, text{}, text{}, span{}
	u.groups.reset()
}
