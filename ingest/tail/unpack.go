package tail

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// compression is how a file is stored.
type compression uint8

const (
	plain compression = iota
	gzipped
	zstandard
)

// compressionOf tells it by the first bytes of a file (RFC 1952, RFC 8878).
func compressionOf(head []byte) compression {
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return gzipped
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return zstandard
	}
	return plain
}

// Bounds of decompression. Rotated logs become 10 to 50 times as large.
const (
	maxWindowBytes = 64 << 20
	maxRatio       = 10_000
	ratioFromBytes = 1 << 30
)

var errRatio = fmt.Errorf("each compressed byte becomes more than %d", maxRatio)

// unpacked reads a compressed file from its beginning.
type unpacked struct {
	io.Reader
	stop func()
}

func newUnpacked(file *os.File, kind compression) (*unpacked, error) {
	in := &counter{src: io.NewSectionReader(file, 0, 1<<62)}
	raw := bufio.NewReaderSize(in, 32<<10)
	if kind == gzipped {
		z, err := gzip.NewReader(raw)
		if err != nil {
			return nil, fmt.Errorf("read gzip header: %w", err)
		}
		return &unpacked{&ratioGuard{src: z, in: in}, func() { _ = z.Close() }}, nil
	}
	z, err := zstd.NewReader(raw, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(maxWindowBytes), zstd.WithDecoderMaxMemory(maxWindowBytes))
	if err != nil {
		return nil, fmt.Errorf("read zstd header: %w", err)
	}
	return &unpacked{&ratioGuard{src: z, in: in}, z.Close}, nil
}

// counter counts what is read.
type counter struct {
	src io.Reader
	n   int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.src.Read(p)
	c.n += int64(n)
	return n, err
}

// ratioGuard ends a stream that expands beyond all measure.
type ratioGuard struct {
	src io.Reader
	in  *counter
	out int64
}

func (g *ratioGuard) Read(p []byte) (int, error) {
	if g.out > ratioFromBytes && g.out/maxRatio > g.in.n {
		return 0, errRatio
	}
	n, err := g.src.Read(p)
	g.out += int64(n)
	return n, err
}

// source is the text of a file. ReadAt is asked for one place after the other, mostly.
type source interface {
	io.ReaderAt
	io.Closer
}

// newSource takes a file over.
func newSource(file *os.File, kind compression) source {
	if kind == plain {
		return file
	}
	return &archive{file: file, kind: kind}
}

// archive is the text of a compressed file.
type archive struct {
	file *os.File
	kind compression
	text *unpacked // nil before the first read
	pos  int64     // of what text gives next
}

// ReadAt reads on where the last one ended, or from the beginning of the file up to off.
func (a *archive) ReadAt(p []byte, off int64) (int, error) {
	if a.text == nil || off < a.pos {
		if err := a.rewind(); err != nil {
			return 0, err
		}
	}
	n, err := io.CopyN(io.Discard, a.text, off-a.pos)
	a.pos += n
	if err != nil {
		return 0, err
	}
	m, err := io.ReadFull(a.text, p)
	a.pos += int64(m)
	if errors.Is(err, io.ErrUnexpectedEOF) && m > 0 {
		err = nil // told again with the next byte, if it is not the end
	}
	return m, err
}

func (a *archive) rewind() error {
	a.stop()
	text, err := newUnpacked(a.file, a.kind)
	a.text, a.pos = text, 0
	return err
}

func (a *archive) stop() {
	if a.text != nil {
		a.text.stop()
		a.text = nil
	}
}

// Close closes the file.
func (a *archive) Close() error {
	a.stop()
	return a.file.Close()
}
