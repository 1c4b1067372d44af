package audit

import (
	"strconv"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/audit/tape"
)

// jsonFields are the fields of the json plugin, under both of their names.
func jsonFields() []event.Field {
	var fields []event.Field
	for _, plugin := range [...]string{"jevt", "json"} {
		fields = append(fields,
			event.Field{
				Name: plugin + ".value", Arg: event.ArgKey, Raw: "/", Cost: costHead,
				Doc:  "Value that a JSON pointer (RFC 6901) leads to in the event: a string as it reads, any other value as compact JSON.",
				From: "the event", Null: "the pointer leads nowhere", Prepare: preparePointer, Get: get(pointerValue),
			},
			event.Field{
				Name: plugin + ".obj", Raw: "/", Cost: costBody, Doc: "The event as JSON, indented by two blanks.", From: "the event",
				Null: "the indented text would be longer than " + strconv.Itoa(maxIndented>>20) + " MB",
				Get:  get(indentedEvent),
			},
			event.Field{
				Name: plugin + ".rawtime", Cost: costHead, Doc: "Time of the event in nanoseconds since 1970, decimal.", From: "stageTimestamp", Null: "never",
				Get: get(func(e *Event, _ *event.Arg, v *event.Value) {
					v.SetText(e.keep(func(dst []byte) []byte { return strconv.AppendInt(dst, e.timeNs, 10) }))
				}),
			})
	}
	return fields
}

// pointer is a prepared argument of jevt.value: where its first tokens lead, and the way on from there.
type pointer struct {
	text func(*Event) *text // a text of the head, if that is what the pointer names
	list func(*Event) *list // a list of the head
	key  string             // of an annotation, where annotation
	kind pointerKind
	path tape.Path // from the body or the whole event
}

type pointerKind uint8

const (
	toWhole pointerKind = iota // whatever the event's head is not asked for
	toText
	toList
	toCode
	toAnnotation
	toRequest
	toResponse
)

// preparePointer finds out once where a pointer leads, so that members of the head are read without parsing the event.
func preparePointer(a *event.Arg) error {
	p := pointer{path: tape.ParsePath(a.Text)}
	first, second := "", ""
	if p.path.Len() > 0 {
		first = p.path.Part(0)
	}
	if p.path.Len() == 2 {
		second = p.path.Part(1)
	}
	switch {
	case first == "requestObject" && p.path.Len() > 1:
		p.kind, p.path = toRequest, p.path.Tail(1)
	case first == "responseObject" && p.path.Len() > 1:
		p.kind, p.path = toResponse, p.path.Tail(1)
	case first == "annotations" && second != "" && !isIndex(second):
		p.kind, p.key = toAnnotation, second
	case first == "responseStatus" && second == "code":
		p.kind = toCode
	case p.path.Len() == 1 || second != "":
		p.head(first, second)
	}
	a.Prepared = &p
	return nil
}

// head points p to the text or list of the event's head that first and second name, if there is one.
func (p *pointer) head(first, second string) {
	name := first
	if second != "" {
		name += "/" + second
	}
	if p.text = headText(name); p.text != nil {
		p.kind = toText
	} else if p.list = headList(name); p.list != nil {
		p.kind = toList
	}
}

// headText is where the event keeps a text; nil if it is none that it keeps.
func headText(name string) func(*Event) *text {
	switch name {
	case "auditID":
		return func(e *Event) *text { return &e.auditID }
	case "level":
		return func(e *Event) *text { return &e.level }
	case "stage":
		return func(e *Event) *text { return &e.stage }
	case "verb":
		return func(e *Event) *text { return &e.verb }
	case "requestURI":
		return func(e *Event) *text { return &e.requestURI }
	case "userAgent":
		return func(e *Event) *text { return &e.userAgent }
	case "user/username":
		return func(e *Event) *text { return &e.user.name }
	case "user/uid":
		return func(e *Event) *text { return &e.user.uid }
	case "impersonatedUser/username":
		return func(e *Event) *text { return &e.impersonated.name }
	case "responseStatus/reason":
		return func(e *Event) *text { return &e.status.reason }
	case "responseStatus/message":
		return func(e *Event) *text { return &e.status.message }
	case "requestReceivedTimestamp":
		return func(e *Event) *text { return &e.received }
	case "stageTimestamp":
		return func(e *Event) *text { return &e.stageTime }
	}
	return headRefText(name)
}

func headRefText(name string) func(*Event) *text {
	switch name {
	case "objectRef/resource":
		return func(e *Event) *text { return &e.object.resource }
	case "objectRef/namespace":
		return func(e *Event) *text { return &e.object.namespace }
	case "objectRef/name":
		return func(e *Event) *text { return &e.object.name }
	case "objectRef/uid":
		return func(e *Event) *text { return &e.object.uid }
	case "objectRef/apiGroup":
		return func(e *Event) *text { return &e.object.apiGroup }
	case "objectRef/apiVersion":
		return func(e *Event) *text { return &e.object.apiVersion }
	case "objectRef/subresource":
		return func(e *Event) *text { return &e.object.subresource }
	}
	return nil
}

// headList is where the event keeps a list; nil if it is none that it keeps.
func headList(name string) func(*Event) *list {
	switch name {
	case "user/groups":
		return func(e *Event) *list { return &e.user.groups }
	case "impersonatedUser/groups":
		return func(e *Event) *list { return &e.impersonated.groups }
	case "sourceIPs":
		return func(e *Event) *list { return &e.sourceIPs }
	}
	return nil
}

// pointerValue is jevt.value.
func pointerValue(e *Event, a *event.Arg, v *event.Value) {
	p, ok := a.Prepared.(*pointer)
	if !ok {
		return
	}
	switch p.kind {
	case toText:
		if t := p.text(e); t.form == odd {
			v.SetText(e.compact(span{t.lo, t.hi}))
		} else if s, ok := e.str(t); ok {
			v.SetText(s)
		}
	case toList:
		if s := p.list(e).span; s.present() {
			v.SetText(e.compact(s))
		} else {
			e.lookup(p, v)
		}
	case toCode:
		if s, ok := e.codeText(); ok {
			v.SetText(s)
		} else {
			e.lookup(p, v)
		}
	case toAnnotation:
		at := e.member(e.annotations, p.key)
		if s, ok := e.stringAt(at); ok {
			v.SetText(s)
		} else if at.present() {
			v.SetText(e.compact(at))
		}
	case toRequest:
		setNode(v, e.request().Lookup(p.path))
	case toResponse:
		setNode(v, e.response().Lookup(p.path))
	default:
		setNode(v, e.whole().Lookup(p.path))
	}
}

// lookup sets v to what p leads to where that is not of the type that the API gives it, which is not kept. Where nothing is
// there, which is the usual case, the object that it would stand in tells.
func (e *Event) lookup(p *pointer, v *event.Value) {
	if p.path.Len() == 1 || p.path.Part(0) == "user" && e.user.present || p.path.Part(0) == "impersonatedUser" && e.impersonated.present ||
		p.path.Part(0) == "responseStatus" && e.status.present {
		setNode(v, e.whole().Lookup(p.path))
	}
}

// compact is a value of the head as text: a string as it reads, any other value as compact JSON.
func (e *Event) compact(s span) string {
	doc := &e.derived().list
	if doc.Parse(e.raw(s)) != nil {
		return ""
	}
	return e.keep(func(dst []byte) []byte { return append(dst, doc.Root().Text()...) })
}

// maxIndented bounds the bytes of an indented event: indentation grows with depth, which the sender chooses.
const maxIndented = 64 << 20

// indentedEvent is jevt.obj.
func indentedEvent(e *Event, _ *event.Arg, v *event.Value) {
	doc := e.whole()
	fits := true
	s := e.keep(func(dst []byte) []byte {
		limit := len(dst) + maxIndented
		dst = appendIndented(dst, doc, 0, limit)
		fits = len(dst) <= limit
		return dst
	})
	if fits && doc.Kind() != tape.Absent {
		v.SetText(s)
	}
}

// appendIndented appends a value as encoding/json indents it; it ends early beyond limit bytes.
func appendIndented(dst []byte, n tape.Node, depth, limit int) []byte {
	brackets := "[]"
	switch n.Kind() {
	case tape.Object:
		brackets = "{}"
	case tape.Array:
	default:
		return append(dst, n.Raw()...)
	}
	dst = append(dst, brackets[0])
	first := true
	item := func(key, value tape.Node) bool {
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = appendLine(dst, depth+1)
		if key.Kind() == tape.String {
			dst = append(append(dst, key.Raw()...), ": "...)
		}
		dst = appendIndented(dst, value, depth+1, limit)
		return len(dst) <= limit
	}
	n.Members()(item)
	n.Elements()(func(value tape.Node) bool { return item(tape.Node{}, value) })
	if !first {
		dst = appendLine(dst, depth)
	}
	return append(dst, brackets[1])
}

func appendLine(dst []byte, depth int) []byte {
	dst = append(dst, '\n')
	for range depth {
		dst = append(dst, "  "...)
	}
	return dst
}
