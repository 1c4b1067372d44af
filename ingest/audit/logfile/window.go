package logfile

import (
	"errors"
	"io"
)

// window is the part of a stream that is in memory and has not been consumed.
type window struct {
	src  io.Reader
	pool *blockPool
	max  int // most bytes that rest may hold

	blk      *block // nil before the first and after the last
	pos, end int    // rest is blk.buf[pos:end]
	base     int64  // offset in the stream of blk.buf[0]
	eof      bool   // src has nothing more
	err      error  // why src ended early
	carried  int64  // bytes that more has moved, for tests
}

// rest is what has been read and not consumed. It is valid until the next call of more.
func (w *window) rest() []byte {
	if w.blk == nil {
		return nil
	}
	return w.blk.buf[w.pos:w.end]
}

func (w *window) empty() bool { return w.pos == w.end }

// offset is the place of rest in the stream.
func (w *window) offset() int64 { return w.base + int64(w.pos) }

// endOffset is the place in the stream of what follows rest.
func (w *window) endOffset() int64 { return w.base + int64(w.end) }

// more reads on behind rest, until a block is full or the stream ends: what a block holds does not depend on the sizes of
// the single reads. It is false where nothing came: at the end of the stream (eof is set), or when rest has its full length.
func (w *window) more() bool {
	rest := w.rest()
	if w.eof || len(rest) >= w.max {
		return false
	}
	next := w.pool.get(w.blockSize(len(rest)))
	kept := len(rest)
	pad := w.pad(kept)
	copy(next.buf[pad:], rest)
	w.carried += int64(kept)
	n, err := readFull(w.src, next.buf[pad+kept:min(len(next.buf), pad+w.max)])
	w.eof = err != nil
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	w.drop()
	w.base -= int64(pad)
	w.blk, w.pos, w.end = next, pad, pad+kept+n
	return n > 0
}

// pad is the room to be left before kept bytes so that what is read behind them starts on a page, in memory as in the file:
// the kernel's copy is a tenth faster then. Blocks smaller than a few pages are for tests, which want them full.
func (w *window) pad(kept int) int {
	const page = 4 << 10
	if w.pool.size < 4*page {
		return 0
	}
	return -kept & (page - 1)
}

// blockSize is the size of a block that has room for as much again as it begins with.
func (w *window) blockSize(kept int) int {
	size := w.pool.size
	for size < 2*kept {
		size *= 2
	}
	return min(size, w.max+w.pad(kept))
}

// drop gives the block up, and what is left in it.
func (w *window) drop() {
	if w.blk != nil {
		w.blk.release()
	}
	w.base, w.blk, w.pos, w.end = w.offset(), nil, 0, 0
}

// readFull fills p, unless r ends or fails first. Unlike io.ReadFull it tells the end of r (io.EOF) from a stream that
// reports itself to be cut short (io.ErrUnexpectedEOF).
func readFull(r io.Reader, p []byte) (int, error) {
	n, idle := 0, 0
	for n < len(p) {
		m, err := r.Read(p[n:])
		n += m
		if err != nil {
			return n, err
		}
		if idle++; m > 0 {
			idle = 0
		}
		if idle == 100 {
			return n, io.ErrNoProgress
		}
	}
	return n, nil
}
