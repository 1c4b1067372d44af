package logfile

import (
	"bytes"
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
	long    bool  // the line is longer than the window may be: values are taken from it one by one
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
	if f.long {
		return false
	}
	rest := f.w.rest()
	n := f.lineLen(0)
	if n == 0 || !plain(rest[:n]) {
		return false
	}
	lines := int64(1)
	rest = rest[:max(n, min(len(rest), f.maxRun))]
	for {
		l := bytes.IndexByte(rest[n:], '\n') + 1
		if l == 0 || !plain(rest[n:n+l]) {
			break
		}
		n += l
		lines++
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

// maxTrailing is how many blanks behind a value plain looks past. Where values share a line it is called for each of them.
const maxTrailing = 16

// plain says whether a line can go to the decoder as it is: it is empty, or a whole object or array by its first and last
// byte that is no blank, or begins with neither, which is for the decoder to complain about.
func plain(line []byte) bool {
	first, last := line[0], len(line)-1
	if last > 0 && line[last] == '\n' {
		last--
	}
	for n := 0; n < maxTrailing && last > 0 && isBlank(line[last]); n++ {
		last--
	}
	switch first {
	case '{':
		return line[last] == '}'
	case '[':
		return line[last] == ']'
	case 0, ',', ' ', '\t':
		return false
	}
	return true
}

func (f *framer) fault(b *event.Batch, reason string) {
	b.Faults = append(b.Faults, event.Fault{Origin: f.origin, Line: f.line, Reason: reason})
}
