package audit

import (
	"github.com/parallax-sec/parallax/ingest/audit/lex"
	"github.com/parallax-sec/parallax/ingest/audit/tape"
)

// view is what is worked out of an event when a field asks for it: it is remembered until the next event, and its memory
// is used again. The zero view knows nothing.
type view struct {
	used            bool   // something below was worked out or written
	text            []byte // texts that do not stand in the event as they read
	argv            argv
	obj             object
	patch           projection
	pod             podView
	csr             csrView
	rules, subjects elements
	extra           document // user.extra
	list            tape.Doc // a value of the head, while its JSON is made compact
	record          *record  // the Details that were made last
}

// argv is the command of an exec.
type argv struct {
	done  bool
	words []string
}

// maxKeptText bounds the bytes of text that are held on to from one event to the next.
const maxKeptText = 1 << 20

// reset forgets the event.
func (v *view) reset() {
	if !v.used {
		return
	}
	v.used, v.text = false, v.text[:0]
	if cap(v.text) > maxKeptText {
		v.text = nil
	}
	v.patch.reset()
	v.obj, v.pod.done, v.csr.done, v.extra.parsed = object{}, false, false, false
	v.rules.done, v.subjects.done, v.argv.done = false, false, false
	v.record = nil
}

// derived returns the view for writing.
func (e *Event) derived() *view {
	e.view.used = true
	return &e.view
}

// keep returns the text that write appends to its argument. The result is valid as long as the event. write must not call
// anything that keeps a text itself.
func (e *Event) keep(write func([]byte) []byte) string {
	v := e.derived()
	at := len(v.text)
	v.text = write(v.text)
	return lex.Alias(v.text[at:])
}
