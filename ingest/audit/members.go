package audit

import (
	"errors"

	"github.com/parallax-sec/parallax/ingest/audit/lex"
)

// errNoObject says that a value is no JSON object.
var errNoObject = errors.New("not a JSON object")

// eachMember reads the object at r. member is called for each key and has to read the value. The key is valid during the call.
func eachMember(r *lex.Reader, member func(key string) error) error {
	if r.Peek() != '{' {
		return errNoObject
	}
	more, err := r.Open()
	for more && err == nil {
		var k lex.String
		if k, err = r.Key(); err != nil {
			break
		}
		name := r.Data[k.Start:k.End]
		if k.Escaped {
			name = lex.AppendText(nil, name)
		}
		if err = member(lex.Alias(name)); err != nil {
			break
		}
		more, err = r.Next('}')
	}
	return err
}

// readMember reads the value of a member of the event.
func (e *Event) readMember(r *lex.Reader, key string) error {
	switch key {
	case "kind":
		return readString(r, &e.kind)
	case "apiVersion":
		return readString(r, &e.version)
	case "level":
		return readString(r, &e.level)
	case "auditID":
		return readString(r, &e.auditID)
	case "stage":
		return readString(r, &e.stage)
	case "requestURI":
		return readString(r, &e.requestURI)
	case "verb":
		return readString(r, &e.verb)
	case "user":
		return readUser(r, &e.user)
	case "impersonatedUser":
		return readUser(r, &e.impersonated)
	case "authenticationMetadata":
		return e.readAuthentication(r)
	case "sourceIPs":
		e.sourceIPs.reset()
		return readSpan(r, '[', &e.sourceIPs.span)
	case "userAgent":
		return readString(r, &e.userAgent)
	case "objectRef":
		return e.readObjectRef(r)
	case "responseStatus":
		return e.readStatus(r)
	case "requestObject":
		return readBody(r, &e.bodies.request)
	case "responseObject":
		return readBody(r, &e.bodies.response)
	case "requestReceivedTimestamp":
		return readString(r, &e.received)
	case "stageTimestamp":
		return readString(r, &e.stageTime)
	case "annotations":
		return readSpan(r, '{', &e.annotations)
	}
	return r.Value()
}

func readUser(r *lex.Reader, u *user) error {
	u.reset()
	if r.Peek() != '{' {
		return r.Value()
	}
	u.present = true
	return eachMember(r, func(key string) error {
		switch key {
		case "username":
			return readString(r, &u.name)
		case "uid":
			return readString(r, &u.uid)
		case "groups":
			return readSpan(r, '[', &u.groups.span)
		case "extra":
			return readSpan(r, '{', &u.extra)
		}
		return r.Value()
	})
}

func (e *Event) readAuthentication(r *lex.Reader) error {
	e.constraint = text{}
	if r.Peek() != '{' {
		return r.Value()
	}
	return eachMember(r, func(key string) error {
		if key == "impersonationConstraint" {
			return readString(r, &e.constraint)
		}
		return r.Value()
	})
}

func (e *Event) readObjectRef(r *lex.Reader) error {
	o := &e.object
	*o = objectRef{}
	if r.Peek() != '{' {
		return r.Value()
	}
	o.present = true
	return eachMember(r, func(key string) error {
		switch key {
		case "resource":
			return readString(r, &o.resource)
		case "namespace":
			return readString(r, &o.namespace)
		case "name":
			return readString(r, &o.name)
		case "uid":
			return readString(r, &o.uid)
		case "apiGroup":
			return readString(r, &o.apiGroup)
		case "apiVersion":
			return readString(r, &o.apiVersion)
		case "resourceVersion":
			return readString(r, &o.resourceVersion)
		case "subresource":
			return readString(r, &o.subresource)
		}
		return r.Value()
	})
}

func (e *Event) readStatus(r *lex.Reader) error {
	s := &e.status
	*s = responseStatus{}
	if r.Peek() != '{' {
		return r.Value()
	}
	s.present = true
	return eachMember(r, func(key string) error {
		switch key {
		case "code":
			return readNumber(r, &s.code)
		case "status":
			return readString(r, &s.status)
		case "reason":
			return readString(r, &s.reason)
		case "message":
			return readString(r, &s.message)
		}
		return r.Value()
	})
}

// readString reads the value at r into t, which is odd if it is no string.
func readString(r *lex.Reader, t *text) error {
	*t = text{}
	if r.Peek() != '"' {
		v, err := readValue(r)
		*t = text{v.lo, v.hi, odd}
		return err
	}
	s, err := r.String()
	if err == nil {
		*t = textOf(s)
	}
	return err
}

// readSpan goes past the value at r; s is absent if it does not begin with the bracket.
func readSpan(r *lex.Reader, bracket byte, s *span) error {
	*s = span{}
	first := r.Peek()
	v, err := readValue(r)
	if err == nil && first == bracket {
		*s = v
	}
	return err
}

// readNumber goes past the value at r; s is absent if it is no number.
func readNumber(r *lex.Reader, s *span) error {
	*s = span{}
	first := r.Peek()
	v, err := readValue(r)
	if err == nil && (first == '-' || first >= '0' && first <= '9') {
		*s = v
	}
	return err
}

// readBody goes past the value at r; s is absent if it is null.
func readBody(r *lex.Reader, s *span) error {
	*s = span{}
	first := r.Peek()
	v, err := readValue(r)
	if err == nil && first != 'n' {
		*s = v
	}
	return err
}

func readValue(r *lex.Reader) (span, error) {
	lo := r.Pos
	err := r.Value()
	return span{uint32(lo), uint32(r.Pos)}, err
}
