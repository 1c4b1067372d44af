package bus

import (
	"errors"
	"fmt"

	"github.com/klauspost/compress/zstd"
)

// unpacker undoes what packer did to a payload. What comes out is bounded, whatever the payload claims: a body of ours may
// shrink a thousandfold (an attacker chooses what is in an audit event), so there is a bound of size and none of the ratio.
type unpacker struct {
	max     int
	decoder *zstd.Decoder // made when it is first needed
}

func newUnpacker(maxBytes int) *unpacker { return &unpacker{max: maxBytes} }

// unpack returns the body. It is the caller's, and never nil without an error.
func (u *unpacker) unpack(encoding string, data []byte) ([]byte, error) {
	switch encoding {
	case "":
		if data == nil {
			data = []byte{}
		}
		return data, nil
	case encodingZstd:
		return u.unzip(data)
	}
	return nil, fmt.Errorf("no encoding: %.20q", encoding)
}

func (u *unpacker) unzip(data []byte) (body []byte, err error) {
	if u.decoder == nil {
		u.decoder, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(uint64(u.max)),
			zstd.WithDecoderMaxWindow(8<<20), zstd.WithDecodeAllCapLimit(false))
		if err != nil {
			return nil, fmt.Errorf("make a decoder: %w", err)
		}
	}
	size, err := zipSize(data)
	if err != nil {
		return nil, err
	}
	if size > uint64(u.max) {
		return nil, fmt.Errorf("%w: %d bytes, of at most %d", ErrTooLarge, size, u.max)
	}
	if body, err = u.decoder.DecodeAll(data, make([]byte, 0, size)); err != nil {
		return nil, fmt.Errorf("decompress: %w", err)
	}
	if uint64(len(body)) != size {
		return nil, errors.New("decompress: not the size that it says")
	}
	return body, nil
}

// zipSize returns the size that a payload says it has. Ours always say it.
func zipSize(data []byte) (uint64, error) {
	var h zstd.Header
	if err := h.Decode(data); err != nil {
		return 0, fmt.Errorf("decompress: %w", err)
	}
	if !h.HasFCS {
		return 0, errors.New("decompress: it does not say its size")
	}
	return h.FrameContentSize, nil
}
