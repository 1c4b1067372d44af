package kernel

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
)

// A stream is frames one after the other, each of 8 bytes of head (length of the body, type) and a body padded to 8 bytes, so that
// records stay aligned: what the sensor reads, what a recording holds and what a Decoder takes are the same bytes.
const (
	frameHead   = 8
	FrameRecord = 1 // the body is a record as the kernel wrote it (bpf/c/record.h)
	FrameFact   = 2 // the body is a Fact in JSON
	// MaxFrame bounds a body, in bytes.
	MaxFrame = 1 << 20
)

// AppendRecord appends a frame that holds a record.
func AppendRecord(dst, record []byte) []byte { return appendFrame(dst, FrameRecord, record) }

// AppendFact appends a frame that holds a fact.
func AppendFact(dst []byte, f *Fact) ([]byte, error) {
	body, err := json.Marshal(f)
	if err != nil {
		return dst, fmt.Errorf("encode fact: %w", err)
	}
	if len(body) > MaxFrame {
		return dst, fmt.Errorf("encode fact: %d bytes, at most %d", len(body), MaxFrame)
	}
	return appendFrame(dst, FrameFact, body), nil
}

func appendFrame(dst []byte, kind uint32, body []byte) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(body)))
	dst = binary.LittleEndian.AppendUint32(dst, kind)
	dst = append(dst, body...)
	for len(dst)%8 != 0 {
		dst = append(dst, 0)
	}
	return dst
}

// NextFrame cuts the first frame off b, which must be aligned to 8 bytes. The body points into b. With an error, rest is what stands
// behind the frame, or nil where its end cannot be told.
func NextFrame(b []byte) (kind uint32, body, rest []byte, err error) {
	if len(b) < frameHead {
		return 0, nil, nil, fmt.Errorf("frame head cut after %d bytes", len(b))
	}
	n := binary.LittleEndian.Uint32(b)
	kind = binary.LittleEndian.Uint32(b[4:])
	whole := frameHead + (int(n)+7)&^7
	switch {
	case n > MaxFrame:
		return 0, nil, nil, fmt.Errorf("frame of %d bytes, at most %d", n, MaxFrame)
	case whole > len(b):
		return 0, nil, nil, fmt.Errorf("frame of %d bytes cut after %d", whole, len(b))
	case kind != FrameRecord && kind != FrameFact:
		return 0, nil, b[whole:], fmt.Errorf("frame of unknown type %d", kind)
	}
	return kind, b[frameHead : frameHead+int(n) : frameHead+int(n)], b[whole:], nil
}
