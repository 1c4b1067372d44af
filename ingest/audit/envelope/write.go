package envelope

import "github.com/parallax-sec/parallax/ingest/audit/lex"

// writer writes an event of audit.k8s.io/v1 into memory of an Opener.
type writer struct {
	o   *Opener
	buf []byte
}

func (o *Opener) newWriter() *writer {
	return &writer{o: o, buf: append(o.texts[o.depth-1][:0], `{"kind":"Event","apiVersion":"audit.k8s.io/v1"`...)}
}

// done ends the event. It is valid until the next text of this depth is read.
func (w *writer) done() []byte {
	w.buf = append(w.buf, '}')
	w.o.texts[w.o.depth-1] = w.buf
	return w.buf
}

func (w *writer) key(key string) {
	w.buf = append(w.buf, ',', '"')
	w.buf = append(w.buf, key...)
	w.buf = append(w.buf, '"', ':')
}

// raw writes a member whose value is JSON.
func (w *writer) raw(key string, v []byte) {
	w.key(key)
	w.buf = append(w.buf, v...)
}

// str writes a member whose value is a text; an empty one is left out.
func (w *writer) str(key, s string) {
	if s != "" {
		w.key(key)
		w.buf = lex.AppendQuoted(w.buf, s)
	}
}

// dynamic writes a member whose value is JSON in a JSON string. Where that is no JSON, the string itself is the value, as with
// the text that AKS puts in the place of a body that is too large.
func (w *writer) dynamic(key string, v []byte) {
	w.key(key)
	at := len(w.buf)
	w.buf = lex.AppendText(w.buf, v[1:len(v)-1])
	r := lex.Reader{Data: trim(w.buf[at:])}
	if r.Value() != nil || r.Pos != len(r.Data) {
		w.buf = append(w.buf[:at], v...)
	}
}

// object writes a member that is an object of texts, given as keys and values; empty ones are left out.
func (w *writer) object(key string, pairs ...string) {
	w.key(key)
	w.buf = append(w.buf, '{')
	first := true
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			continue
		}
		if !first {
			w.buf = append(w.buf, ',')
		}
		first = false
		w.quoted(pairs[i])
		w.buf = append(w.buf, ':')
		w.quoted(pairs[i+1])
	}
	w.buf = append(w.buf, '}')
}

// strs writes an array of one text.
func (w *writer) strs(s string) {
	w.buf = append(w.buf, '[')
	w.quoted(s)
	w.buf = append(w.buf, ']')
}

func (w *writer) quoted(s string) { w.buf = lex.AppendQuoted(w.buf, s) }
