package envelope

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
)

// Bounds of what one line may become by decompression.
const (
	maxUnpackedRatio = 100
	minUnpacked      = 1 << 20
	maxUnpacked      = 64 << 20 // of one piece
)

// packed opens base64 (RFC 4648) with a text, or a gzip file with one, in it. It may be several values, one behind the other.
func (o *Opener) packed(v []byte) {
	text, err := o.unpacked(v)
	if err != nil {
		o.taker.Refuse(fmt.Errorf("packed text: %w", err))
		return
	}
	o.text(text, Wrapped)
}

func (o *Opener) unpacked(v []byte) ([]byte, error) {
	if !isString(v) {
		return nil, errNoText
	}
	text := o.read(v)
	n, err := base64.StdEncoding.Decode(text, text)
	if err != nil {
		return nil, err
	}
	if text = text[:n]; !bytes.HasPrefix(text, []byte{0x1f, 0x8b}) {
		return text, nil
	}
	return o.gunzip(text)
}

// gunzip decompresses within what is left of the bound of the line.
func (o *Opener) gunzip(data []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	bound := min(o.unpack, maxUnpacked)
	out, err := io.ReadAll(io.LimitReader(z, int64(bound)+1))
	o.unpack -= len(out)
	if len(out) > bound {
		return nil, errUnpacked
	}
	return out, err
}

var errUnpacked = errors.New("it becomes too long when it is decompressed")
