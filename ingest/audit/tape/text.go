package tape

import (
	"encoding/binary"

	"github.com/parallax-sec/parallax/ingest/audit/lex"
)

// Text is the value as text: what a String says, and the compact JSON of any other value, keys in the order of the document.
// The empty text where n is Absent. It points into the document or the Doc and is valid until the Doc parses again.
func (n Node) Text() string {
	if n.d == nil {
		return ""
	}
	r := n.ref()
	switch {
	case r.kind == String && !r.escaped:
		return lex.Alias(n.d.src[r.start+1 : r.end-1])
	case r.kind != String && n.compact():
		return lex.Alias(n.d.src[r.start:r.end])
	}
	return n.memo()
}

// compact says whether a value stands in the document as its compact JSON: nothing in it is escaped, and it is no longer than
// its values and keys with one sign behind each.
func (n Node) compact() bool {
	r := n.ref()
	size := uint32(0)
	for i := n.i; i < r.next; i++ {
		k := &n.d.nodes[i]
		switch {
		case k.escaped:
			return false
		case k.kind < Array:
			size += k.end - k.start
		case k.next == i+1:
			size += 2
		default:
			size++
		}
	}
	return size+(r.next-n.i-1) == r.end-r.start
}

// memo is a text that has to be made; it is made once.
func (n Node) memo() string {
	d, r := n.d, n.ref()
	if r.memo == 0 {
		at := len(d.arena)
		d.arena = append(d.arena, 0, 0, 0, 0)
		if r.kind == String {
			d.arena = lex.AppendText(d.arena, d.src[r.start+1:r.end-1])
		} else {
			d.arena = n.appendCompact(d.arena)
		}
		binary.NativeEndian.PutUint32(d.arena[at:], uint32(len(d.arena)-at-4))
		r.memo = uint32(at + 1)
	}
	at := r.memo + 3
	size := binary.NativeEndian.Uint32(d.arena[r.memo-1:])
	return lex.Alias(d.arena[at : at+size])
}

// appendCompact appends the JSON of n without blanks and with nothing escaped that need not be.
func (n Node) appendCompact(dst []byte) []byte {
	switch n.Kind() {
	case String:
		return n.appendQuoted(dst)
	case Array:
		dst = append(dst, '[')
		sep := false
		for e := range n.Elements() {
			if sep {
				dst = append(dst, ',')
			}
			dst, sep = e.appendCompact(dst), true
		}
		return append(dst, ']')
	case Object:
		dst = append(dst, '{')
		sep := false
		for k, v := range n.Members() {
			if sep {
				dst = append(dst, ',')
			}
			dst = append(k.appendQuoted(dst), ':')
			dst, sep = v.appendCompact(dst), true
		}
		return append(dst, '}')
	}
	return append(dst, n.Raw()...)
}

// appendQuoted appends the String n with its quotes.
func (n Node) appendQuoted(dst []byte) []byte {
	r := n.ref()
	if !r.escaped {
		return append(dst, n.Raw()...)
	}
	return lex.AppendRequoted(dst, n.d.src[r.start+1:r.end-1])
}
