package logfile

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/parallax-sec/parallax/ingest/audit/capture"
)

// headBytes is how much of a file's text is looked at to tell whether it is text.
const headBytes = 1 << 10

var (
	gzipMagic = []byte{0x1f, 0x8b} // RFC 1952
	zstdMagic = []byte{0x28, 0xb5, 0x2f, 0xfd}
	zstdSkip  = []byte{0x2a, 0x4d, 0x18} // behind a byte 0x50 to 0x5f: skippable frame, RFC 8878 section 3.1.2
	utf8BOM   = []byte{0xef, 0xbb, 0xbf}
)

// content is the text of an input, decompressed.
type content struct {
	io.Reader
	compressed bool
	close      func()
}

// openContent recognises by its first bytes how src is compressed. src is closed by its owner, not here.
func openContent(cfg Config, src io.Reader) (content, error) {
	in := &counter{src: src}
	raw := bufio.NewReaderSize(in, 32<<10)
	head, _ := raw.Peek(4) // an error comes again with the first Read
	text, c := raw, content{close: func() {}}
	if decoder, closeDecoder, err := decoderFor(cfg, head, raw); err != nil {
		return content{}, err
	} else if decoder != nil {
		consumed := func() int64 { return in.n - int64(raw.Buffered()) }
		text = bufio.NewReaderSize(&ratioGuard{src: decoder, consumed: consumed, cfg: cfg}, 4<<10)
		c = content{compressed: true, close: closeDecoder}
	}
	head, _ = text.Peek(headBytes)
	if err := checkText(head); err != nil {
		c.close()
		return content{}, err
	}
	if bytes.HasPrefix(head, utf8BOM) {
		_, _ = text.Discard(len(utf8BOM))
	}
	c.Reader = text
	return c, nil
}

// decoderFor returns what makes text of raw, which begins with head, and how to close that; nil where head is of no known kind.
// gzip takes all members of a file, and bounds the texts of their headers to 512 bytes and 64 KiB; zstd takes all frames.
func decoderFor(cfg Config, head []byte, raw *bufio.Reader) (io.Reader, func(), error) {
	switch {
	case bytes.HasPrefix(head, gzipMagic):
		z, err := gzip.NewReader(raw)
		if err != nil {
			return nil, nil, fmt.Errorf("read gzip header: %w", err)
		}
		return z, func() { _ = z.Close() }, nil
	case bytes.HasPrefix(head, zstdMagic), len(head) == 4 && head[0]&0xf0 == 0x50 && bytes.Equal(head[1:], zstdSkip):
		z, err := zstd.NewReader(raw, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
			zstd.WithDecoderMaxWindow(uint64(cfg.MaxWindowBytes)), zstd.WithDecoderMaxMemory(uint64(cfg.MaxWindowBytes)))
		if err != nil {
			return nil, nil, fmt.Errorf("read zstd header: %w", err)
		}
		return z, z.Close, nil
	case string(head) == capture.Magic:
		c, err := capture.NewReader(raw)
		return c, func() {}, err
	}
	return nil, nil, nil
}

// counter counts the bytes that were read from src.
type counter struct {
	src io.Reader
	n   int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.src.Read(p)
	c.n += int64(n)
	return n, err
}

var errRatio = errors.New("decompression bomb")

// ratioGuard ends a stream that expands beyond Config.MaxRatio.
type ratioGuard struct {
	src      io.Reader
	consumed func() int64 // compressed bytes so far
	cfg      Config
	out      int64
}

// Read fills p as far as src goes, so that where a bomb is cut does not depend on how src came in.
func (g *ratioGuard) Read(p []byte) (int, error) {
	if g.out > g.cfg.RatioFromBytes && g.out/g.cfg.MaxRatio > g.consumed() {
		return 0, fmt.Errorf("%w: each compressed byte becomes more than %d", errRatio, g.cfg.MaxRatio)
	}
	n, err := readFull(g.src, p)
	g.out += int64(n)
	return n, err
}

// describe says what an error of a stream means for what was read.
func describe(err error) string {
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "compressed file ends early: it was cut; what came before is read"
	case errors.Is(err, errRatio):
		return err.Error() + "; the rest is left out"
	case errors.Is(err, zstd.ErrWindowSizeExceeded), errors.Is(err, zstd.ErrDecoderSizeExceeded):
		return "zstd window is too large; decompress with `zstd -dc --long=31 FILE` and replay its output with -"
	case errors.Is(err, zstd.ErrUnknownDictionary):
		return "zstd file needs a dictionary; decompress with `zstd -dc -D DICTIONARY FILE` and replay its output with -"
	}
	return fmt.Sprintf("%v; what came before is read", reason(err))
}
