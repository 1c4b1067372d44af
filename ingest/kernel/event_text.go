package kernel

import "unsafe"

// textBuffer is memory for texts that are made of an event's parts. They are valid until it is reset.
type textBuffer struct{ buf []byte }

func (t *textBuffer) reset() { t.buf = t.buf[:0] }

// begin returns the place to append a text to; end takes what it has become and returns the text.
func (t *textBuffer) begin() []byte { return t.buf[len(t.buf):] }

func (t *textBuffer) end(b []byte) string {
	s := alias(b)
	if len(b) <= cap(t.buf)-len(t.buf) {
		t.buf = t.buf[:len(t.buf)+len(b)]
	} else {
		t.buf = b
	}
	return s
}

// alias is b as a string that shares its memory: it is valid as long as nobody writes to b.
func alias(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
