package capture

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/flate"
)

// Magic is how a file begins.
const Magic = "Obj\x01"

// Bounds. A message of Event Hubs has at most 20 MiB.
const (
	maxValueBytes  = 32 << 20
	maxHeaderBytes = 64 << 10
	maxHeaderPairs = 64
	maxItems       = 100_000 // of a map
	maxRatio       = 1100    // records a byte of a block: deflate makes at most 1,032 bytes of one
)

// bodyField is the field of a record that holds the message.
const bodyField = "Body"

var (
	errNegative = errors.New("avro: negative length")
	errTooLong  = errors.New("avro: value too long")
	errSync     = errors.New("avro: block does not end where it should")
)

// Reader reads the bodies of a file. It implements io.Reader.
type Reader struct {
	file    *bufio.Reader
	schema  *schema
	deflate bool
	sync    [16]byte

	block   *bufio.Reader // nil between blocks
	raw     *io.LimitedReader
	records int64 // left in block
	body    bytes.Buffer
	err     error
}

// NewReader reads the head of a file.
func NewReader(file io.Reader) (*Reader, error) {
	r := &Reader{file: bufio.NewReaderSize(file, 32<<10)}
	if err := r.readHead(); err != nil {
		return nil, fmt.Errorf("read Avro file: %w", noEOF(err))
	}
	return r, nil
}

func (r *Reader) readHead() error {
	magic := make([]byte, len(Magic))
	if _, err := io.ReadFull(r.file, magic); err != nil || string(magic) != Magic {
		return errors.Join(err, errors.New("not an Avro object container file"))
	}
	meta, err := readMeta(r.file)
	if err != nil {
		return err
	}
	switch codec := string(meta["avro.codec"]); codec {
	case "", "null":
	case "deflate":
		r.deflate = true
	default:
		return fmt.Errorf("codec %.64q is not read", codec)
	}
	if r.schema, err = parseSchema(meta["avro.schema"]); err != nil {
		return err
	}
	_, err = io.ReadFull(r.file, r.sync[:])
	return err
}

// readMeta reads the map in the head of a file.
func readMeta(in *bufio.Reader) (map[string][]byte, error) {
	meta := map[string][]byte{}
	err := eachBlock(in, maxHeaderPairs, func() error {
		key, err := readBytes(in, maxHeaderBytes)
		if err != nil {
			return err
		}
		meta[string(key)], err = readBytes(in, maxHeaderBytes)
		return err
	})
	return meta, err
}

// Read fills p with bodies.
func (r *Reader) Read(p []byte) (int, error) {
	for r.body.Len() == 0 && r.err == nil {
		r.body.Reset()
		r.err = r.next()
	}
	if r.body.Len() > 0 {
		return r.body.Read(p)
	}
	return 0, r.err
}

// next reads a record into body.
func (r *Reader) next() error {
	if r.block == nil {
		if err := r.open(); err != nil {
			return err
		}
	}
	if r.records == 0 {
		return r.close()
	}
	r.records--
	return noEOF(r.value(r.schema, "", r.block))
}

// open begins a block; io.EOF behind the last one.
func (r *Reader) open() error {
	if _, err := r.file.Peek(1); err != nil {
		return err
	}
	records, err := binary.ReadVarint(r.file)
	if err != nil {
		return noEOF(err)
	}
	size, err := binary.ReadVarint(r.file)
	if err != nil {
		return noEOF(err)
	}
	if records < 0 || size < 0 {
		return errNegative
	}
	if records/maxRatio > size {
		return errTooLong
	}
	r.records, r.raw = records, &io.LimitedReader{R: r.file, N: size}
	if r.deflate {
		r.block = bufio.NewReader(flate.NewReader(r.raw))
	} else {
		r.block = bufio.NewReader(r.raw)
	}
	return nil
}

// close ends a block.
func (r *Reader) close() error {
	r.block = nil
	if _, err := io.Copy(io.Discard, r.raw); err != nil {
		return err
	}
	var sync [16]byte
	if _, err := io.ReadFull(r.file, sync[:]); err != nil {
		return noEOF(err)
	}
	if sync != r.sync {
		return errSync
	}
	return nil
}

// value reads a value. field is the name of the record's field that it is in.
func (r *Reader) value(s *schema, field string, in *bufio.Reader) error {
	switch s.kind {
	case kindBoolean:
		return skip(in, 1)
	case kindInt:
		_, err := binary.ReadVarint(in)
		return err
	case kindFloat:
		return skip(in, 4)
	case kindDouble:
		return skip(in, 8)
	case kindFixed:
		return skip(in, s.size)
	case kindBytes:
		return r.bytes(field, in)
	case kindUnion:
		return r.union(s, field, in)
	case kindRecord:
		for i, part := range s.parts {
			if err := r.value(part, s.fields[i], in); err != nil {
				return err
			}
		}
	case kindMap:
		return eachBlock(in, maxItems, func() error {
			if err := r.bytes("", in); err != nil {
				return err
			}
			return r.value(s.parts[0], "", in)
		})
	}
	return nil
}

func (r *Reader) union(s *schema, field string, in *bufio.Reader) error {
	i, err := binary.ReadVarint(in)
	if err != nil {
		return err
	}
	if i < 0 || i >= int64(len(s.parts)) {
		return errors.New("avro: union without such a part")
	}
	return r.value(s.parts[i], field, in)
}

// bytes reads bytes or a text, and keeps them if they are a body.
func (r *Reader) bytes(field string, in *bufio.Reader) error {
	n, err := length(in, maxValueBytes)
	if err != nil {
		return err
	}
	if field != bodyField {
		return skip(in, n)
	}
	_, err = io.CopyN(&r.body, in, int64(n))
	r.body.WriteByte('\n')
	return err
}

// eachBlock reads the blocks of a map: item is called for each item, max of them at most.
func eachBlock(in *bufio.Reader, max int64, item func() error) error {
	for {
		n, err := binary.ReadVarint(in)
		if err != nil || n == 0 {
			return err
		}
		if n < 0 { // its size in bytes follows
			if _, err := binary.ReadVarint(in); err != nil {
				return err
			}
			n = -n
		}
		if max -= n; max < 0 || n < 0 {
			return errTooLong
		}
		for range n {
			if err := item(); err != nil {
				return err
			}
		}
	}
}

func readBytes(in *bufio.Reader, max int) ([]byte, error) {
	n, err := length(in, max)
	if err != nil {
		return nil, err
	}
	b := make([]byte, n)
	_, err = io.ReadFull(in, b)
	return b, err
}

func length(in *bufio.Reader, max int) (int, error) {
	n, err := binary.ReadVarint(in)
	switch {
	case err != nil:
		return 0, err
	case n < 0:
		return 0, errNegative
	case n > int64(max):
		return 0, errTooLong
	}
	return int(n), nil
}

func skip(in *bufio.Reader, n int) error {
	_, err := in.Discard(n)
	return err
}

// noEOF is err, where the end of the file is one that comes too early.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
