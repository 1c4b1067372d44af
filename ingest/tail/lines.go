package tail

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
)

// lines cuts the text of a file into runs of whole lines. It keeps what it has read and not handed out, so that each byte is
// read once.
type lines struct {
	cfg  *Config
	src  source
	same func(end int64) error // errChanged where the bytes before end may be of another file than the one that was meant
	tell func(line int64, data []byte, reason string)

	buf    []byte // the text from start on, as far as it was read
	start  int64  // offset of buf in the file
	line   int64  // number of the line that begins there; 0 where it is not known
	whole  int    // no newline is in buf before it
	taken  int    // bytes of buf that were handed out and not committed
	number int64  // lines in them
	nuls   int64  // NUL bytes left out right before start
	cut    bool   // the rest of the line at start is left out: it is too long, or began before the place to start at
}

// keepBytes is how much of a piece that is left out its fault keeps.
const keepBytes = 4 << 10

// errChanged says that what was read may not be of the file that was meant.
var errChanged = errors.New("the file is another one now")

// next returns the next run of whole lines, which commit or drop must follow; io.EOF at what is the end of the file so far.
func (l *lines) next() ([]byte, error) {
	for {
		l.skipNULs()
		first := bytes.IndexByte(l.buf[l.whole:], '\n')
		switch {
		case first < 0:
			if l.whole = len(l.buf); l.cut || len(l.buf) > l.cfg.MaxLineBytes {
				l.passOver()
			}
			if err := l.more(); err != nil {
				return nil, err
			}
		case l.cut || l.whole+first > l.cfg.MaxLineBytes:
			l.passOver()
			l.leave(l.whole+first+1, 1)
			l.cut = false
		default:
			return l.take(bytes.LastIndexByte(l.buf, '\n') + 1), nil
		}
	}
}

// rest returns the line that the file ends in without a newline, with one; nil where there is none.
func (l *lines) rest() []byte {
	if l.cut || len(l.buf) == 0 {
		return nil
	}
	l.taken, l.number = len(l.buf), 1
	return append(slices.Clip(l.buf), '\n')
}

func (l *lines) take(n int) []byte {
	l.taken, l.number = n, int64(bytes.Count(l.buf[:n], []byte("\n")))
	return l.buf[:n:n]
}

// commit goes on behind what was handed out.
func (l *lines) commit() {
	l.leave(l.taken, l.number)
	l.taken = 0
}

// leave goes on behind the first n bytes of buf, which are so many lines. What is left of buf is less than a line.
func (l *lines) leave(n int, number int64) {
	rest := l.buf[n:]
	if l.start += int64(n); l.line > 0 {
		l.line += number
	}
	switch {
	case len(rest) == 0:
		l.buf = nil
	case cap(l.buf) > 2*l.cfg.ChunkBytes:
		l.buf = slices.Clone(rest)
	default:
		l.buf = l.buf[:copy(l.buf, rest)]
	}
	l.whole = 0
}

// more reads on.
func (l *lines) more() error {
	want := l.cfg.ChunkBytes - len(l.buf)
	if want < l.cfg.ChunkBytes/2 {
		want = max(len(l.buf), l.cfg.ChunkBytes/2)
	}
	l.buf = slices.Grow(l.buf, want)
	end := l.start + int64(len(l.buf))
	n, err := l.src.ReadAt(l.buf[len(l.buf):len(l.buf)+want], end)
	if changed := l.same(end + int64(n)); changed != nil {
		return changed
	}
	if n > 0 {
		l.buf = l.buf[:len(l.buf)+n]
		return nil
	}
	if len(l.buf) == 0 {
		l.buf = nil
	}
	if err == nil {
		err = io.ErrNoProgress
	}
	return err
}

// passOver leaves out what buf has of a line that is too long, or of which the beginning is not known.
func (l *lines) passOver() {
	if !l.cut {
		l.tell(l.line, l.buf, fmt.Sprintf("line of more than %d bytes left out", l.cfg.MaxLineBytes))
		l.cut = true
	}
	if l.whole == len(l.buf) {
		l.leave(len(l.buf), 0)
	}
}

// skipNULs leaves out the NUL bytes that a line begins with: a log has them where it was truncated while its writer went on at
// the old offset.
func (l *lines) skipNULs() {
	if l.cut || len(l.buf) == 0 {
		return
	}
	n := len(l.buf) - len(bytes.TrimLeft(l.buf, "\x00"))
	l.nuls += int64(n)
	if n > 0 {
		l.leave(n, 0)
	}
	if l.nuls > 0 && len(l.buf) > 0 {
		l.tell(l.line, nil, fmt.Sprintf("%d NUL bytes left out", l.nuls))
		l.nuls = 0
	}
}
