package event

import (
	"cmp"
	"strconv"
	"strings"
	"time"
)

// Encoder writes alerts as ECS documents. The zero Encoder is ready. It is used by one goroutine at a time.
type Encoder struct {
	w docWriter
}

// Append appends the document of a to dst: one JSON object in one line, without a newline. Its members stand in the order
// of the table, empty ones are left out, and the same alert gives the same bytes. Every text in it is escaped (AppendEscaped)
// and clipped (Clip).
func (e *Encoder) Append(dst []byte, a *Alert) []byte {
	w := &e.w
	w.reset(dst, a)
	for i := range docFields {
		w.field = &docFields[i]
		if w.field.applies(w.d) {
			w.field.put(w)
		}
	}
	out := w.finish()
	w.forget()
	return out
}

// DocFields returns the table of the fields that documents may have, in the order in which they are written.
func DocFields() []DocField {
	out := make([]DocField, len(docFields))
	for i, f := range docFields {
		f.put = nil
		out[i] = f
	}
	return out
}

// DocField is one field of an alert's document.
type DocField struct {
	Name string // dotted path
	ECS  bool   // a field of ECS; the others are our own, or those that Elastic's Kubernetes integration uses
	Type string // as in an Elasticsearch mapping; fields of any type may hold a list
	Doc  string

	put func(*docWriter) // writes the value, or nothing where there is none
}

// docWriter writes the object of one alert. A value's put function calls one of its methods at most once; the objects
// that the value's dotted name stands in are opened when there is a value.
type docWriter struct {
	a      *Alert
	d      *Details
	audit  *Audit  // never nil
	kernel *Kernel // never nil; of Falco's alerts, what they tell
	falco  *Falco  // never nil

	dst   []byte
	field *DocField
	path  string // name of the field written last; its parents are the open objects
	esc   []byte // scratch
}

func (w *docWriter) reset(dst []byte, a *Alert) {
	d := a.Details
	w.dst, w.a, w.d, w.path = append(dst, '{'), a, d, ""
	w.audit, w.falco, w.kernel = cmp.Or(d.Audit, &noAudit), cmp.Or(d.Falco, &noFalco), d.Kernel
	if w.kernel == nil {
		w.kernel = &w.falco.Seen
	}
}

// forget lets go of the alert and the caller's buffer.
func (w *docWriter) forget() {
	w.a, w.d, w.audit, w.kernel, w.falco, w.dst = nil, nil, nil, nil, nil, nil
}

func (w *docWriter) finish() []byte {
	return append(append(w.dst, strings.Repeat("}", strings.Count(w.path, "."))...), '}')
}

// key closes the objects that the field does not stand in, opens those it does, and writes its key.
func (w *docWriter) key() {
	name := w.field.Name
	shared := sharedParents(w.path, name)
	for range strings.Count(w.path[shared:], ".") {
		w.dst = append(w.dst, '}')
	}
	if w.path != "" {
		w.dst = append(w.dst, ',')
	}
	rest := name[shared:]
	for {
		part, after, more := strings.Cut(rest, ".")
		w.dst = append(append(append(w.dst, '"'), part...), '"', ':')
		if !more {
			break
		}
		w.dst, rest = append(w.dst, '{'), after
	}
	w.path = name
}

// sharedParents returns the length of the beginning that both names share, up to and with a dot.
func sharedParents(a, b string) int {
	end := 0
	for i := 0; i < len(a) && i < len(b) && a[i] == b[i]; i++ {
		if a[i] == '.' {
			end = i + 1
		}
	}
	return end
}

// text writes s, which may hold anything.
func (w *docWriter) text(s string) {
	if s == "" {
		return
	}
	w.key()
	w.quote(AppendEscaped(w.esc[:0], Clip(s, MaxTextBytes)))
}

// visible writes s, whose changing parts are escaped already.
func (w *docWriter) visible(s string) {
	if s == "" {
		return
	}
	w.key()
	w.quote(AppendVisible(w.esc[:0], ClipEscaped(s, MaxTextBytes)))
}

func (w *docWriter) texts(list []string) {
	if len(list) == 0 {
		return
	}
	w.key()
	w.dst = append(w.dst, '[')
	for i, s := range ClipList(list) {
		if i > 0 {
			w.dst = append(w.dst, ',')
		}
		w.quote(AppendEscaped(w.esc[:0], s))
	}
	w.dst = append(w.dst, ']')
}

// quote writes text, which is visible UTF-8 and may be the scratch buffer, as a JSON string.
func (w *docWriter) quote(text []byte) {
	w.esc = text
	w.dst = append(w.dst, '"')
	for _, c := range text {
		if c == '"' || c == '\\' {
			w.dst = append(w.dst, '\\')
		}
		w.dst = append(w.dst, c)
	}
	w.dst = append(w.dst, '"')
}

func (w *docWriter) number(n int) {
	w.key()
	w.dst = strconv.AppendInt(w.dst, int64(n), 10)
}

func (w *docWriter) bool(b bool) {
	w.key()
	w.dst = strconv.AppendBool(w.dst, b)
}

// time writes ns nanoseconds since 1970 as ISO 8601 in UTC.
func (w *docWriter) time(ns int64) {
	if ns == 0 {
		return
	}
	w.key()
	w.dst = append(w.dst, '"')
	w.dst = AppendTime(w.dst, ns)
	w.dst = append(w.dst, '"')
}

// AppendTime appends ns nanoseconds since 1970 as ISO 8601 in UTC, with six decimals, or nine where six would lose some.
func AppendTime(dst []byte, ns int64) []byte {
	layout := "2006-01-02T15:04:05.000000Z"
	if ns%1000 != 0 {
		layout = "2006-01-02T15:04:05.000000000Z"
	}
	return time.Unix(0, ns).UTC().AppendFormat(dst, layout)
}
