package audit

import "github.com/parallax-sec/parallax/ingest/audit/lex"

// list is an array of strings, read when it is asked for.
type list struct {
	span
	done  bool
	items []string // what elements are strings, where done; its memory is used again by the next event
}

func (l *list) reset() { l.span, l.done = span{}, false }

// strs returns the strings of a list; elements of other types are left out. The result is valid as long as the event.
func (e *Event) strs(l *list) []string {
	if !l.done {
		l.items, l.done = e.appendStrings(l.items[:0], l.span), true
	}
	return l.items
}

// appendStrings appends the strings of an array.
func (e *Event) appendStrings(dst []string, s span) []string {
	r := e.reader(s)
	for more := r.Peek() == '[' && open(&r); more; more = next(&r, ']') {
		if t, ok := readText(&r); ok {
			item, _ := e.str(&t)
			dst = append(dst, item)
		}
	}
	return dst
}

// member returns the value of a key of an object, absent if it is not there; the last one where it is there twice.
func (e *Event) member(object span, key string) (value span) {
	r := e.reader(object)
	for more := r.Peek() == '{' && open(&r); more; more = next(&r, '}') {
		k, err := r.Key()
		if err != nil {
			break
		}
		v := span{lo: uint32(r.Pos)}
		if r.Value() != nil {
			break
		}
		if v.hi = uint32(r.Pos); e.keyIs(k, key) {
			value = v
		}
	}
	return value
}

// keyIs says whether a key reads want.
func (e *Event) keyIs(k lex.String, want string) bool {
	if !k.Escaped {
		return string(e.line[k.Start:k.End]) == want
	}
	t := textOf(k)
	s, _ := e.str(&t)
	return s == want
}

// annotation returns the value of an annotation of the event; ok is false if it is absent or no string.
func (e *Event) annotation(key string) (s string, ok bool) {
	return e.stringAt(e.member(e.annotations, key))
}

// stringAt returns what the string at s reads; ok is false if it is absent or no string.
func (e *Event) stringAt(s span) (string, bool) {
	if !s.present() {
		return "", false
	}
	r := e.reader(s)
	t, ok := readText(&r)
	if !ok {
		return "", false
	}
	return e.str(&t)
}

// reader reads a value that was checked when the event was decoded. Offsets are those of the line.
func (e *Event) reader(s span) lex.Reader {
	return lex.Reader{Data: e.line[:s.hi], Pos: int(s.lo)}
}

// readText reads the value at r; ok is false if it is no string, which is passed over.
func readText(r *lex.Reader) (t text, ok bool) {
	if r.Peek() != '"' {
		_ = r.Value() // checked before; after an error there is nothing more to read
		return text{}, false
	}
	s, err := r.String()
	return textOf(s), err == nil
}

// open and next are those of a Reader, for values that were checked.
func open(r *lex.Reader) bool {
	more, err := r.Open()
	return more && err == nil
}

func next(r *lex.Reader, closing byte) bool {
	more, err := r.Next(closing)
	return more && err == nil
}
