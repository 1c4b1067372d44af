package recording

import (
	"fmt"
	"hash/crc32"
	"io"
	"sync"

	"github.com/klauspost/compress/zstd"
	"github.com/parallax-sec/parallax/ingest/kernel"
)

// Writer writes a recording. What was given to it is in the file after Flush, which its owner calls each second or so. It may be used
// by several goroutines.
type Writer struct {
	mu     sync.Mutex // guards all below
	w      io.Writer
	enc    *zstd.Encoder
	frames []byte // of the block that is being filled
	block  block  // first and frames are true
	out    []byte
	err    error // that writing failed with; nothing is written after it
}

// NewWriter writes the head of a recording to w, which stays its caller's to close.
func NewWriter(w io.Writer) (*Writer, error) {
	// One goroutine, and a window no larger than a block needs.
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(blockBytes), zstd.WithLowerEncoderMem(true))
	if err != nil {
		return nil, fmt.Errorf("make compressor: %w", err)
	}
	if _, err := w.Write(appendHead(nil)); err != nil {
		return nil, fmt.Errorf("write recording: %w", err)
	}
	return &Writer{w: w, enc: enc, block: block{first: 1}}, nil
}

// Write appends whole frames. It keeps nothing of b.
func (w *Writer) Write(b []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(b) > 0 && w.err == nil {
		_, _, rest, err := kernel.NextFrame(b)
		if err != nil {
			return fmt.Errorf("record frames: %w", err)
		}
		w.frames = append(w.frames, b[:len(b)-len(rest)]...)
		w.block.frames++
		if len(w.frames) >= blockBytes {
			w.flush()
		}
		b = rest
	}
	return w.err
}

// Flush writes what has not been written.
func (w *Writer) Flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.flush()
	return w.err
}

func (w *Writer) flush() {
	if w.block.frames == 0 || w.err != nil {
		return
	}
	const room = blockHead
	w.out = w.enc.EncodeAll(w.frames, append(w.out[:0], make([]byte, room)...))
	stored := w.out[room:]
	w.block.raw, w.block.stored, w.block.sum = uint32(len(w.frames)), uint32(len(stored)), crc32.Checksum(stored, castagnoli)
	w.block.append(w.out[:0])
	if _, err := w.w.Write(w.out); err != nil {
		w.err = fmt.Errorf("write recording: %w", err)
	}
	w.block = block{first: w.block.first + uint64(w.block.frames)}
	w.frames = w.frames[:0]
}
