package recording

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"

	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/ingest/kernel"
)

// Version is the version of the format that this package writes and reads.
const Version = 1

// A recording is a head and blocks. Integers are little-endian, check sums CRC-32 with Castagnoli's polynomial.
//
//	head:   0 magic (8 bytes), 8 version (2), 10 version of the records' layout (2), 12 check sum of the bytes before (4)
//	block:  0 magic (4), 4 how many frames (4), 8 number of the first in the recording, from 1 (8), 16 bytes of frames (4),
//	        20 bytes stored (4), 24 check sum of what is stored (4), 28 check sum of the bytes before (4), 32 what is stored:
//	        the frames (ingest/kernel/frame.go) as one zstd frame (RFC 8878)
const (
	fileMagic  = "\x89PLXREC\n"
	blockMagic = "PLXB"
	fileHead   = 16
	blockHead  = 32

	// blockBytes is where a block is closed, and maxBlock how much a block can hold in frames: one frame may come on top.
	blockBytes = 256 << 10
	maxBlock   = blockBytes + kernel.MaxFrame + 16
	// maxStored bounds what is stored of maxBlock: what zstd cannot make smaller grows by 3 bytes each 128 KiB, and its head.
	maxStored = maxBlock + 1<<10
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// HeadBytes is how many bytes Is wants to see.
const HeadBytes = len(fileMagic)

// Is says whether a file that begins with head is a recording.
func Is(head []byte) bool { return bytes.HasPrefix(head, []byte(fileMagic)) }

// MayBe says whether a file of which only some bytes are known, at its beginning, can be a recording.
func MayBe(head []byte) bool { return Is(head) || strings.HasPrefix(fileMagic, string(head)) }

func appendHead(dst []byte) []byte {
	at := len(dst)
	dst = append(dst, fileMagic...)
	dst = binary.LittleEndian.AppendUint16(dst, Version)
	dst = binary.LittleEndian.AppendUint16(dst, bpf.RecordVersion)
	return appendSum(dst, dst[at:])
}

func appendSum(dst, of []byte) []byte {
	return binary.LittleEndian.AppendUint32(dst, crc32.Checksum(of, castagnoli))
}

// sumFits says whether the last four bytes of b are the check sum of those before.
func sumFits(b []byte) bool {
	at := len(b) - 4
	return crc32.Checksum(b[:at], castagnoli) == binary.LittleEndian.Uint32(b[at:])
}

var errDamaged = errors.New("its check sum does not fit: it is damaged")

// parseHead checks a file's head.
func parseHead(b []byte) error {
	version, records := binary.LittleEndian.Uint16(b[8:]), binary.LittleEndian.Uint16(b[10:])
	switch {
	case !Is(b):
		return errors.New("not a recording")
	case version != Version && sumFits(b[:fileHead]):
		return fmt.Errorf("recording of format %d, this program reads %d", version, Version)
	case !sumFits(b[:fileHead]):
		return fmt.Errorf("head of the recording: %w", errDamaged)
	case records != bpf.RecordVersion:
		return fmt.Errorf("recording with records of layout %d, this program reads %d", records, bpf.RecordVersion)
	}
	return nil
}

// block is the head of a block.
type block struct {
	frames      uint32
	first       uint64 // number of the first frame
	raw, stored uint32 // bytes
	sum         uint32 // of what is stored
}

func (k *block) append(dst []byte) []byte {
	at := len(dst)
	dst = append(dst, blockMagic...)
	dst = binary.LittleEndian.AppendUint32(dst, k.frames)
	dst = binary.LittleEndian.AppendUint64(dst, k.first)
	dst = binary.LittleEndian.AppendUint32(dst, k.raw)
	dst = binary.LittleEndian.AppendUint32(dst, k.stored)
	dst = binary.LittleEndian.AppendUint32(dst, k.sum)
	return appendSum(dst, dst[at:])
}

// parseBlock reads the head of a block; false says that b begins with none.
func parseBlock(b []byte) (block, bool) {
	if !bytes.HasPrefix(b, []byte(blockMagic)) || !sumFits(b[:blockHead]) {
		return block{}, false
	}
	k := block{
		frames: binary.LittleEndian.Uint32(b[4:]), first: binary.LittleEndian.Uint64(b[8:]), raw: binary.LittleEndian.Uint32(b[16:]),
		stored: binary.LittleEndian.Uint32(b[20:]), sum: binary.LittleEndian.Uint32(b[24:]),
	}
	return k, k.raw <= maxBlock && k.stored <= maxStored && k.frames <= k.raw/8 && k.first > 0 && k.first < 1<<62
}
