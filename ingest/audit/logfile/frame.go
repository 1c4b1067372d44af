package logfile

import (
	"bytes"
	"fmt"
	"io"

	"github.com/parallax-sec/parallax/event"
)

// maxFaults is how many faults a batch may carry before it is handed out.
const maxFaults = 256

// framer cuts one stream into batches. The usual case, one JSON value a line, costs a search for the newline and a look at
// the first and last byte of each line; only a line that begins an object or array and does not end as one is scanned, to
// find out whether the value goes on in the lines that follow.
//
// A scan that fails costs only the line that it began with. No byte is scanned more than a few times: a value that was still
// open where a scan failed is known to fail there too (doomed), one that was closed by then is scanned once more and consumed.
type framer struct {
	origin string
	w      window
	maxRun int
	line   int64 // number of the line that the window begins in, from 1

	eol     int64 // offset of the first newline at or behind the window's start; not known where smaller than that
	noEOL   int64 // there is no newline between the window's start and this offset
	longTo  int64 // up to this offset, the line is known to be longer than the window may be
	gap     bool  // the window begins right behind a value, in the middle of a line
	scan    scanner
	doomed  []int64 // ascending offsets of values that are known to be broken
	scanned int64   // bytes that scan has looked at, for tests
}

func newFramer(cfg Config, pool *blockPool, origin string, src io.Reader) *framer {
	return &framer{
		origin: origin,
		w:      window{src: src, pool: pool, max: cfg.MaxLineBytes + 1},
		maxRun: cfg.ChunkBytes,
		line:   1,
		eol:    -1,
	}
}

// next returns the next batch, io.EOF behind the last one. An error of the stream is a fault of the last batch.
func (f *framer) next() (*event.Batch, error) {
	b := &event.Batch{Origin: f.origin}
	for len(b.Faults) < maxFaults {
		if f.gap {
			f.closeGap()
		}
		if f.w.empty() && !f.w.more() {
			return f.finish(b)
		}
		if f.run(b) || f.odd(b) {
			return b, nil
		}
	}
	return b, nil
}

func (f *framer) finish(b *event.Batch) (*event.Batch, error) {
	f.w.drop()
	if f.w.err != nil {
		f.fault(b, describe(f.w.err))
		f.w.err = nil
	}
	if len(b.Faults) > 0 {
		return b, nil
	}
	return nil, io.EOF
}

// run puts the lines into b that the window begins with and that look like one value each; it is false where there is none.
func (f *framer) run(b *event.Batch) bool {
	rest := f.w.rest()
	n, lines := 0, int64(0)
	for n < len(rest) {
		l := f.lineLen(n)
		if l == 0 || n > 0 && n+l > f.maxRun || !plain(rest[n:n+l]) {
			break
		}
		n += l
		lines++
	}
	if n == 0 {
		return false
	}
	f.take(b, n)
	f.line += lines
	return true
}

// take moves n bytes from the window into b.
func (f *framer) take(b *event.Batch, n int) {
	b.Data = f.w.rest()[:n:n]
	b.Line = f.line
	b.NewestNs = lastTime(b.Data)
	b.Free = f.w.blk.free
	f.w.blk.retain()
	f.w.pos += n
}

// lineLen is the length of the line that begins n bytes into the window, with its newline; 0 where its end is not there.
func (f *framer) lineLen(n int) int {
	at := f.w.offset() + int64(n)
	rest := f.w.rest()
	if f.eol < at {
		from := n + int(max(0, f.noEOL-at))
		i := bytes.IndexByte(rest[from:], '\n')
		switch {
		case i >= 0:
			f.eol = f.w.offset() + int64(from+i)
		case f.w.eof:
			return len(rest) - n
		default:
			f.noEOL = f.w.endOffset()
			return 0
		}
	}
	return int(f.eol-at) + 1
}

// plain says whether a line can go to the decoder as it is: it is empty, or a whole object or array by its first and last
// byte, or begins with neither, which is for the decoder to complain about.
func plain(line []byte) bool {
	line = bytes.TrimSuffix(line, []byte("\n"))
	line = bytes.TrimSuffix(line, []byte("\r"))
	if len(line) == 0 {
		return true
	}
	last := line[len(line)-1]
	switch first := line[0]; first {
	case '{':
		return last == '}'
	case '[':
		return last == ']'
	case 0, ',':
		return false
	default:
		return !isBlank(first)
	}
}

// odd deals with what run stopped at: more of the line is read, or something at its start is consumed. It is true where b has
// got a value.
func (f *framer) odd(b *event.Batch) bool {
	if f.lineLen(0) == 0 && f.w.offset() >= f.longTo {
		if f.w.more() || f.w.eof {
			return false
		}
		f.longTo = f.w.endOffset()
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
	case f.lineLen(0) == 0:
		f.fault(b, fmt.Sprintf("line of more than %s left out", size(f.w.max-1)))
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
		reason = fmt.Sprintf("JSON value of more than %s: what is in it is read one by one", size(f.w.max-1))
		surely = f.scan.pos / 2
		elements = f.scan.open[0].kind == '['
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
			f.line++
			f.gap = false
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
}

func (f *framer) fault(b *event.Batch, reason string) {
	b.Faults = append(b.Faults, event.Fault{Origin: f.origin, Line: f.line, Reason: reason})
}

// size prints a limit in bytes for people.
func size(n int) string {
	if n >= 1<<20 && n%(1<<20) == 0 {
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d bytes", n)
}
