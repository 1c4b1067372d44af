package logfile

import (
	"bytes"
	"fmt"

	"github.com/parallax-sec/parallax/event"
)

// odd deals with what run stopped at: more of the line is read, or something at its start is consumed. It is true where b has
// got a value.
func (f *framer) odd(b *event.Batch) bool {
	if !f.long && f.lineLen(0) == 0 {
		f.long = !f.w.more() && !f.w.eof
		return false
	}
	switch c := f.w.rest()[0]; {
	case c == '{' || c == '[':
		return f.value(b)
	case c == 0:
		f.skipNULs(b)
	case c == ',':
		f.w.pos++
	case isBlank(c):
		f.w.pos += len(f.w.rest()) - len(bytes.TrimLeft(f.w.rest(), " \t\r"))
	case f.long && c != '\n':
		f.fault(b, fmt.Sprintf("line of more than %s left out", size(f.w.max-1)))
		f.skipLine()
	case f.long:
		f.skipLine()
	}
	return false
}

// value frames the value that the window begins with.
func (f *framer) value(b *event.Batch) bool {
	if f.isDoomed() {
		f.fault(b, "JSON value that begins here is not complete")
		f.skipLine()
		return false
	}
	f.scan.reset()
	verdict := f.feed()
	for verdict == wantMore && f.w.more() {
		verdict = f.feed()
	}
	if verdict != complete {
		f.refuse(b, verdict)
		return false
	}
	f.take(b, f.scan.pos)
	b.Whole, f.gap = true, true
	f.line += int64(bytes.Count(b.Data, []byte("\n")))
	return true
}

func (f *framer) feed() verdict {
	before := f.scan.pos
	v := f.scan.feed(f.w.rest())
	f.scanned += int64(f.scan.pos - before)
	return v
}

// refuse reports the value that has been scanned, leaves out the line that it begins in, and remembers which values inside
// it must fail as well.
func (f *framer) refuse(b *event.Batch, v verdict) {
	surely, elements := f.scan.pos, false
	reason := fmt.Sprintf("JSON value that begins here is not complete: %s", f.scan.reason)
	switch {
	case v == wantMore && f.w.eof:
		reason = "JSON value that begins here is not complete at the end of the file"
	case v == wantMore:
		reason = fmt.Sprintf("JSON value of more than %s: its first line is left out", size(f.w.max-1))
		surely = f.scan.pos / 2
		if elements = f.scan.open[0].kind == '['; elements {
			reason = fmt.Sprintf("JSON array of more than %s: its elements are read one by one", size(f.w.max-1))
		}
	default:
		if lines := bytes.Count(f.w.rest()[:f.scan.pos], []byte("\n")); lines > 0 {
			reason += fmt.Sprintf(" (line %d)", f.line+int64(lines))
		}
	}
	f.doomed = f.doomed[:0]
	for _, c := range f.scan.open[1:] {
		if c.start <= surely {
			f.doomed = append(f.doomed, f.w.offset()+int64(c.start))
		}
	}
	f.fault(b, reason)
	if elements {
		f.w.pos++ // its elements may begin in the same line
		return
	}
	f.skipLine()
}

// isDoomed says whether the window begins with a value that an earlier scan has found to be broken.
func (f *framer) isDoomed() bool {
	at := f.w.offset()
	for len(f.doomed) > 0 && f.doomed[0] < at {
		f.doomed = f.doomed[1:]
	}
	return len(f.doomed) > 0 && f.doomed[0] == at
}

// closeGap consumes what may stand between a value and what follows on its line: blanks, a comma (between elements of an
// array too large to be taken as a whole), the end of the line.
func (f *framer) closeGap() {
	comma := false
	for f.gap && (!f.w.empty() || f.w.more()) {
		switch c := f.w.rest()[0]; {
		case c == '\n':
			f.skipLine()
			f.gap = false
			return
		case c == ',' && !comma:
			comma = true
		case !isBlank(c):
			f.gap = false
			return
		}
		f.w.pos++
	}
	f.gap = false
}

// skipNULs leaves out a run of NUL bytes, which a log holds where it was truncated while its writer went on at the old offset.
func (f *framer) skipNULs(b *event.Batch) {
	start := f.w.offset()
	for !f.w.empty() || f.w.more() {
		f.w.pos += len(f.w.rest()) - len(bytes.TrimLeft(f.w.rest(), "\x00"))
		if !f.w.empty() {
			break
		}
	}
	f.fault(b, fmt.Sprintf("%d NUL bytes left out", f.w.offset()-start))
}

// skipLine consumes the rest of the line in bounded memory.
func (f *framer) skipLine() {
	for f.lineLen(0) == 0 {
		f.w.pos = f.w.end
		if !f.w.more() {
			return
		}
	}
	f.w.pos += f.lineLen(0)
	f.line++
	f.long = false
}

// size prints a limit in bytes for people.
func size(n int) string {
	if n >= 1<<20 && n%(1<<20) == 0 {
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d bytes", n)
}
