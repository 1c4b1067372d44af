package recording

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"

	"github.com/klauspost/compress/zstd"
	"github.com/parallax-sec/parallax/event"
)

// file is a recording that is being read, and how far that has come. It can be closed and opened again.
type file struct {
	name  string
	order int       // ties of event time go to the smaller one
	stdin io.Reader // where it is standard input

	src    *bufio.Reader // nil while it is closed
	closer io.Closer
	offset int64 // of what is read next, in bytes
	out    int64 // bytes of frames so far

	next    uint64 // number of the next frame
	foreign bool   // no head that this program knows stands before: all is left out up to the next head
	clock   clock
	timeNs  int64 // how far event time has come; 0 where that is not known
	faults  []event.Fault
}

// readBuffer is as much as is read at once; a file that is open takes that much memory.
const readBuffer = 32 << 10

func newFile(name string, order int) *file {
	return &file{name: name, order: order, next: 1, foreign: true}
}

// open opens the file where it was left. wrap stands between the file and what reads it.
func (f *file) open(wrap func(io.Reader) io.Reader) error {
	src, closer := f.stdin, io.NopCloser(nil)
	if f.stdin == nil {
		file, err := os.Open(f.name)
		if err != nil {
			return reason(err)
		}
		if _, err := file.Seek(f.offset, io.SeekStart); err != nil {
			return errors.Join(reason(err), file.Close())
		}
		src, closer = file, file
	}
	f.src, f.closer = bufio.NewReaderSize(wrap(src), readBuffer), closer
	return nil
}

// close closes the file. It does nothing to standard input, which could not be opened again.
func (f *file) close() {
	if f.src != nil && f.stdin == nil {
		_ = f.closer.Close()
		f.src = nil
	}
}

// blockOf is the frames of a block, and the number of the first.
type blockOf struct {
	frames []byte
	first  uint64
}

// maxFaults is how many faults may come before a block, or before they are handed out without one.
const maxFaults = 100

// read returns the next block that can be read, or io.EOF. What cannot be read on the way is in faults; with maxFaults of them there may
// be no frames.
func (f *file) read(u *unpacker) (blockOf, error) {
	for {
		head, err := f.src.Peek(blockHead)
		if len(head) == 0 {
			return blockOf{}, f.ended(err)
		}
		var b blockOf
		k, isBlock := parseBlock(head)
		switch {
		case Is(head):
			err = f.begin(head)
		case f.foreign:
			err = f.skip()
		case isBlock:
			b, err = f.block(k, u)
		default:
			err = f.resync(head)
		}
		if b.frames != nil || err != nil || len(f.faults) >= maxFaults {
			return b, err
		}
	}
}

// begin reads the head of a recording, which may stand behind another.
func (f *file) begin(head []byte) error {
	f.next, f.clock, f.foreign = 1, clock{}, false
	if len(head) < fileHead {
		return f.cut()
	}
	if err := parseHead(head); err != nil {
		f.foreign = true
		f.fault("%v (at byte %d)", err, f.offset)
	}
	return f.discard(fileHead)
}

// block reads the block that k is the head of. One that cannot be read has no frames.
func (f *file) block(k block, u *unpacker) (blockOf, error) {
	at := f.offset
	switch {
	case k.first > f.next:
		f.fault("frames %d to %d are missing (at byte %d)", f.next, k.first-1, at)
	case k.first < f.next:
		f.fault("frame %d where %d is next (at byte %d)", k.first, f.next, at)
	}
	f.next = k.first
	if err := f.discard(blockHead); err != nil {
		return blockOf{}, err
	}
	stored := u.room(int(k.stored))
	n, err := io.ReadFull(f.src, stored)
	f.offset += int64(n)
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		f.offset = at
		return blockOf{}, f.cut()
	case err != nil:
		return blockOf{}, f.ended(err)
	}
	frames, err := u.unpack(&k, stored)
	if err != nil {
		f.fault("block of %d frames (at byte %d): %v", k.frames, at, err)
	}
	f.next = k.first + uint64(k.frames)
	return blockOf{frames, k.first}, nil
}

// resync goes on to the next block or head, from what is neither.
func (f *file) resync(head []byte) error {
	if len(head) < blockHead {
		return f.cut()
	}
	at := f.offset
	err := f.discard(1)
	if err == nil {
		err = f.skip()
	}
	f.fault("bytes %d to %d are damaged: no block begins there", at, f.offset-1)
	return err
}

// magicPart is in both magic numbers: right at the beginning of a block's, behind one byte in a head's.
const magicPart = "PLX"

// skip goes on to the next block or head, of which where the recording is foreign only a head counts. It searches what the buffer holds
// before it reads on.
func (f *file) skip() error {
	for {
		head, err := f.src.Peek(blockHead)
		if len(head) == 0 {
			return f.ended(err)
		}
		last := len(head) < blockHead
		head, _ = f.src.Peek(f.src.Buffered())
		i := bytes.Index(head, []byte(magicPart))
		switch {
		case i >= 0:
			if i > 0 && head[i-1] == fileMagic[0] {
				i--
			}
			if err := f.discard(i); err != nil || f.stands() {
				return err
			}
			i = 1
		case last:
			i = len(head)
		default:
			i = len(head) - len(magicPart)
		}
		if err := f.discard(i); err != nil {
			return err
		}
	}
}

// stands says whether a head stands here, or a whole block's head that counts.
func (f *file) stands() bool {
	head, _ := f.src.Peek(blockHead)
	_, isBlock := parseBlock(head)
	return Is(head) || isBlock && !f.foreign
}

func (f *file) discard(n int) error {
	n, err := f.src.Discard(n)
	f.offset += int64(n)
	if err != nil {
		return f.ended(err)
	}
	return nil
}

// cut is the end of a file in the middle of a block or head.
func (f *file) cut() error {
	f.fault("the recording ends early: it is cut at byte %d; what came before is read", f.offset)
	return io.EOF
}

// ended is the end of the file, with a fault where reading failed.
func (f *file) ended(err error) error {
	if !errors.Is(err, io.EOF) {
		f.fault("%v (at byte %d); what came before is read", reason(err), f.offset)
	}
	return io.EOF
}

func (f *file) fault(format string, args ...any) {
	f.faults = append(f.faults, event.Fault{Origin: f.name, Line: int64(f.next), Reason: fmt.Sprintf(format, args...)})
}

// unpacker decompresses blocks.
type unpacker struct {
	dec    *zstd.Decoder
	stored []byte
	get    func(int) []byte // memory for frames
}

func newUnpacker(get func(int) []byte) (*unpacker, error) {
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxMemory(maxBlock))
	if err != nil {
		return nil, fmt.Errorf("make decompressor: %w", err)
	}
	return &unpacker{dec: dec, get: get}, nil
}

// room is memory for what is stored of a block. It is used again for the next.
func (u *unpacker) room(n int) []byte {
	if cap(u.stored) < n {
		u.stored = make([]byte, n)
	}
	return u.stored[:n]
}

// unpack returns the frames of a block, which are not nil.
func (u *unpacker) unpack(k *block, stored []byte) ([]byte, error) {
	if crc32.Checksum(stored, castagnoli) != k.sum {
		return nil, errDamaged
	}
	frames, err := u.dec.DecodeAll(stored, u.get(int(k.raw))[:0])
	switch {
	case err != nil:
		return nil, err
	case len(frames) != int(k.raw):
		return nil, fmt.Errorf("it says that it holds %d bytes and holds %d", k.raw, len(frames))
	}
	return frames, nil
}

// reason takes the path off an error that is going to be told with its path.
func reason(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return fmt.Errorf("%s: %w", p.Op, p.Err)
	}
	return err
}
