package event

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// The codec of what goes from one process to another: matches with facts, and alerts. It is made to change without breaking:
//
//	message   letter (M, A), version, struct
//	struct    length in bytes, fields in a fixed order
//	text      length in bytes, bytes
//	list      number, items
//	number    varint; signed ones zigzag
//
// A struct that ends early was written by an older version: its other fields are zero. One that goes on was written by a newer one:
// the rest is passed over. So fields are only ever appended, and the version is for what cannot be done in this way.

// codecVersion is the version that is written, and the only one that is read.
const codecVersion = 1

// ErrVersion is the error of what another version of the codec wrote.
var ErrVersion = errors.New("unknown version of the encoding")

var (
	errCut  = errors.New("cut short")
	errMany = errors.New("too many items")
)

// coder writes or reads structs. One function lists the fields of a struct, for both directions, so that they cannot differ.
type coder struct {
	reading bool
	// buf is what was written, or what is left to read of the struct that is read.
	buf []byte
	err error // the first one; nothing is read after it
	// clip says that texts and lists that are read are brought within the bounds of Clip and ClipList: an agent sends nothing longer, and
	// whoever has its key may send anything.
	clip bool
}

// message writes v behind its letter and version.
func message[T any](dst []byte, letter byte, v *T, fields func(*coder, *T)) []byte {
	c := coder{buf: binary.AppendUvarint(append(dst, letter), codecVersion)}
	object(&c, v, fields)
	return c.buf
}

// parseMessage reads what message wrote. It keeps nothing of b.
func parseMessage[T any](b []byte, letter byte, clip bool, v *T, fields func(*coder, *T)) error {
	if len(b) == 0 || b[0] != letter {
		return errors.New("another kind of message")
	}
	c := coder{reading: true, buf: b[1:], clip: clip}
	if version := c.readUint(); c.err == nil && version != codecVersion {
		return fmt.Errorf("%w: %d, this program reads %d", ErrVersion, version, codecVersion)
	}
	if len(c.buf) == 0 {
		return cmp.Or(c.err, errCut)
	}
	object(&c, v, fields)
	if c.err == nil && len(c.buf) > 0 {
		return fmt.Errorf("%d bytes behind the end", len(c.buf))
	}
	return c.err
}

// object codes a struct.
func object[T any](c *coder, v *T, fields func(*coder, *T)) {
	if !c.reading {
		start := len(c.buf)
		fields(c, v)
		c.insertLength(start)
		return
	}
	n := c.readLength()
	rest := c.buf[n:]
	c.buf = c.buf[:n]
	if fields(c, v); c.err == nil {
		c.buf = rest
	}
}

// insertLength puts the length of what was written from start on before it.
func (c *coder) insertLength(start int) {
	var prefix [binary.MaxVarintLen64]byte
	n := binary.PutUvarint(prefix[:], uint64(len(c.buf)-start))
	c.buf = append(c.buf, prefix[:n]...)
	copy(c.buf[start+n:], c.buf[start:])
	copy(c.buf[start:], prefix[:n])
}

// optional codes a struct that may not be there.
func optional[T any](c *coder, v **T, fields func(*coder, *T)) {
	there := *v != nil
	c.bool(&there)
	if !there || c.err != nil {
		return
	}
	if c.reading {
		*v = new(T)
	}
	object(c, *v, fields)
}

// objects codes a list of at most limit structs.
func objects[T any](c *coder, list *[]T, limit int, fields func(*coder, *T)) {
	n := c.count(len(*list), limit)
	if c.reading && n > 0 {
		*list = make([]T, n)
	}
	for i := range *list {
		object(c, &(*list)[i], fields)
	}
}

// count codes the number of items of a list. What is read is no more than limit, and no more than there are bytes left.
func (c *coder) count(n, limit int) int {
	if !c.reading {
		c.buf = binary.AppendUvarint(c.buf, uint64(n))
		return n
	}
	switch got := c.readUint(); {
	case got > uint64(limit):
		c.fail(errMany)
	case got > uint64(len(c.buf)):
		c.fail(errCut)
	default:
		return int(got)
	}
	return 0
}

func (c *coder) text(s *string) {
	if !c.reading {
		c.buf = AppendIDPart(c.buf, *s)
		return
	}
	if *s = string(c.readBytes()); c.clip {
		*s = Clip(*s, MaxTextBytes)
	}
}

func (c *coder) texts(list *[]string) {
	n := c.count(len(*list), math.MaxInt)
	if c.reading && n > 0 {
		*list = make([]string, n)
	}
	for i := range *list {
		c.text(&(*list)[i])
	}
	if c.clip {
		*list = ClipList(*list)
	}
}

func (c *coder) bytes(b *[]byte) {
	if !c.reading {
		c.buf = append(binary.AppendUvarint(c.buf, uint64(len(*b))), *b...)
		return
	}
	*b = append([]byte(nil), c.readBytes()...)
}

func (c *coder) bool(b *bool) {
	var n uint64
	if *b {
		n = 1
	}
	c.uint64(&n)
	if n > 1 {
		c.fail(fmt.Errorf("truth value %d", n))
	}
	*b = n == 1
}

func (c *coder) uint64(n *uint64) {
	if !c.reading {
		c.buf = binary.AppendUvarint(c.buf, *n)
		return
	}
	*n = c.readUint()
}

func (c *coder) int64(n *int64) {
	zigzag := uint64(*n)<<1 ^ uint64(*n>>63)
	c.uint64(&zigzag)
	*n = int64(zigzag>>1) ^ -int64(zigzag&1)
}

func (c *coder) int(n *int) {
	wide := int64(*n)
	if c.int64(&wide); int64(int(wide)) != wide {
		c.fail(fmt.Errorf("number %d", wide))
	}
	*n = int(wide)
}

func (c *coder) fail(err error) {
	if c.err == nil {
		c.err = err
	}
	c.buf = nil
}

// readUint reads a number; 0 where the struct has ended.
func (c *coder) readUint() uint64 {
	if len(c.buf) == 0 {
		return 0
	}
	v, n := binary.Uvarint(c.buf)
	if n <= 0 {
		c.fail(errCut)
		return 0
	}
	c.buf = c.buf[n:]
	return v
}

// readLength reads a length, which is at most what is left.
func (c *coder) readLength() int {
	n := c.readUint()
	if n > uint64(len(c.buf)) {
		c.fail(errCut)
		return 0
	}
	return int(n)
}

// readBytes reads what has its length before it. It is valid as long as what is read.
func (c *coder) readBytes() []byte {
	n := c.readLength()
	b := c.buf[:n]
	c.buf = c.buf[n:]
	return b
}
