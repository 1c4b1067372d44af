package audit

import "github.com/parallax-sec/parallax/ingest/audit/lex"

// span is a JSON value as it stands in Event.line; absent where hi is 0.
type span struct{ lo, hi uint32 }

func (s span) present() bool { return s.hi != 0 }

// moved is s, so many bytes further on.
func (s span) moved(by uint32) span {
	if !s.present() {
		return s
	}
	return span{s.lo + by, s.hi + by}
}

// raw is the JSON text of a value, nil if it is absent.
func (e *Event) raw(s span) []byte {
	if !s.present() {
		return nil
	}
	return e.line[s.lo:s.hi:s.hi]
}

// form says how the bytes of a text are to be read.
type form uint8

const (
	absent  form = iota
	odd          // Event.line[lo:hi] is a value of another type, which reads as if it were absent
	plain        // Event.line[lo:hi] is what it reads
	escaped      // Event.line[lo:hi] is to be unescaped
	read         // arena[lo:hi] is what it reads
)

// text is a string of an event, without its quotes. The empty text is present. A value that is no string is kept for the one
// field that shows every value as it is, jevt.value.
type text struct {
	lo, hi uint32
	form   form
}

// moved is t, which stands in the line, so many bytes further on.
func (t text) moved(by uint32) text {
	if t.form == absent {
		return t
	}
	return text{t.lo + by, t.hi + by, t.form}
}

// textOf is the text of a string that was read.
func textOf(s lex.String) text {
	t := text{uint32(s.Start), uint32(s.End), plain}
	if s.Escaped {
		t.form = escaped
	}
	return t
}

// arena holds the texts of one event that do not stand in its line as they read.
type arena []byte

// str returns what t reads; ok is false if it is absent. The result is valid as long as the event.
func (e *Event) str(t *text) (s string, ok bool) {
	switch t.form {
	case absent, odd:
		return "", false
	case plain:
		return lex.Alias(e.line[t.lo:t.hi]), true
	case escaped:
		lo := len(e.arena)
		e.arena = lex.AppendText(e.arena, e.line[t.lo:t.hi])
		*t = text{uint32(lo), uint32(len(e.arena)), read}
	}
	return lex.Alias(e.arena[t.lo:t.hi]), true
}
