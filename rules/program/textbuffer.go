package program

import "unsafe"

// textBuffer is the memory of texts that a transformer makes: one allocation serves all events.
type textBuffer struct {
	buf   []byte
	start int // where the text being made begins
}

// reset makes the memory of all texts made so far free to be written over.
func (b *textBuffer) reset() {
	b.buf, b.start = b.buf[:0], 0
	if cap(b.buf) > maxKeptBytes {
		b.buf = nil
	}
}

// grow makes room for n more bytes and returns the buffer to append them to; hand it back to text.
func (b *textBuffer) grow(n int) []byte {
	if cap(b.buf)-len(b.buf) < n {
		b.buf, b.start = make([]byte, 0, max(2*cap(b.buf), n, 64)), 0 // texts made before keep the old memory
	}
	return b.buf
}

// text ends the text that buf, which came from grow, had appended to it. It shares memory with the buffer, which
// is not written there again before reset.
func (b *textBuffer) text(buf []byte) string {
	made := buf[b.start:]
	b.buf, b.start = buf, len(buf)
	return unsafe.String(unsafe.SliceData(made), len(made))
}

// bytesOf is the memory of s, to be read only.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }
