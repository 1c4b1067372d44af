package tape

import (
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"
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
		return alias(n.d.src[r.start+1 : r.end-1])
	case r.kind != String && n.compact():
		return alias(n.d.src[r.start:r.end])
	}
	return n.memo()
}

// alias is b as a string that shares its memory.
func alias(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// compact says whether a value stands in the document as its compact JSON.
func (n Node) compact() bool {
	r := n.ref()
	if r.kind < Array {
		return true
	}
	if n.d.spaced {
		return false
	}
	for _, k := range n.d.nodes[n.i:r.next] {
		if k.escaped {
			return false
		}
	}
	return true
}

// memo is a text that has to be made; it is made once.
func (n Node) memo() string {
	d, r := n.d, n.ref()
	if r.memo == 0 {
		at := len(d.arena)
		d.arena = append(d.arena, 0, 0, 0, 0)
		if r.kind == String {
			d.arena = appendUnescaped(d.arena, d.src[r.start+1:r.end-1])
		} else {
			d.arena = n.appendCompact(d.arena)
		}
		binary.NativeEndian.PutUint32(d.arena[at:], uint32(len(d.arena)-at-4))
		r.memo = uint32(at + 1)
	}
	at := r.memo + 3
	size := binary.NativeEndian.Uint32(d.arena[r.memo-1:])
	return alias(d.arena[at : at+size])
}

// appendUnescaped appends what the string between the quotes of raw says. raw was checked by Parse.
func appendUnescaped(dst, raw []byte) []byte {
	for len(raw) > 0 {
		r, size := decodeRune(raw)
		dst = utf8.AppendRune(dst, r)
		raw = raw[size:]
	}
	return dst
}

// decodeRune reads the character or escape that raw begins with; what is no UTF-8 and half surrogate pairs are U+FFFD.
func decodeRune(raw []byte) (r rune, size int) {
	if raw[0] != '\\' {
		return utf8.DecodeRune(raw)
	}
	if raw[1] != 'u' {
		return rune(simpleEscape(raw[1])), 2
	}
	r, _ = hex4(raw[2:])
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	if low, ok := lowSurrogate(raw[6:]); ok {
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			return pair, 12
		}
	}
	return utf8.RuneError, 6
}

// lowSurrogate reads the \uXXXX that b begins with, as the second half of a pair.
func lowSurrogate(b []byte) (rune, bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	return hex4(b[2:])
}

// simpleEscape is the character that a backslash and c stand for.
func simpleEscape(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c
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
	dst = append(dst, '"')
	for raw := n.d.src[r.start+1 : r.end-1]; len(raw) > 0; {
		c, size := decodeRune(raw)
		dst = appendEscaped(dst, c)
		raw = raw[size:]
	}
	return append(dst, '"')
}

// AppendQuoted appends s as a JSON string, with nothing escaped that need not be.
func AppendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for _, c := range s {
		dst = appendEscaped(dst, c)
	}
	return append(dst, '"')
}

// appendEscaped appends a character of a string, with quotes, backslashes and control characters escaped (RFC 8259, section 7).
func appendEscaped(dst []byte, r rune) []byte {
	const digits = "0123456789abcdef"
	switch {
	case r == '"' || r == '\\':
		return append(dst, '\\', byte(r))
	case r == '\n':
		return append(dst, '\\', 'n')
	case r == '\r':
		return append(dst, '\\', 'r')
	case r == '\t':
		return append(dst, '\\', 't')
	case r < ' ':
		return append(dst, '\\', 'u', '0', '0', digits[r>>4], digits[r&15])
	}
	return utf8.AppendRune(dst, r)
}
