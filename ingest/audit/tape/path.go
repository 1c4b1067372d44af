package tape

import (
	"strconv"
	"strings"
)

// Path is a prepared JSON pointer (RFC 6901). It is immutable.
type Path struct {
	parts []part
}

// part is one reference token of a pointer.
type part struct {
	key   string
	index int // key as an array index, -1 where it is none
}

// ParsePath prepares a pointer: "/requestObject/spec/containers/0/image". The leading slash may be missing, as Falco
// allows; "" and "/" are the whole document. A ~ that begins neither ~0 nor ~1 stands for itself.
func ParsePath(pointer string) Path {
	pointer = strings.TrimPrefix(pointer, "/")
	if pointer == "" {
		return Path{}
	}
	var p Path
	for token := range strings.SplitSeq(pointer, "/") {
		key := strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
		p.parts = append(p.parts, part{key, arrayIndex(key)})
	}
	return p
}

// arrayIndex reads a decimal number without sign or leading zero.
func arrayIndex(s string) int {
	i, err := strconv.Atoi(s)
	if err != nil || i < 0 || strconv.Itoa(i) != s {
		return -1
	}
	return i
}

// Len is the number of reference tokens.
func (p Path) Len() int { return len(p.parts) }

// Part is reference token i, unescaped.
func (p Path) Part(i int) string { return p.parts[i].key }

// Tail is the path without its first n tokens.
func (p Path) Tail(n int) Path { return Path{p.parts[n:]} }

// Lookup returns the value that a path leads to from n; Absent where there is none.
func (n Node) Lookup(p Path) Node {
	for _, t := range p.parts {
		switch n.Kind() {
		case Object:
			n = n.Get(t.key)
		case Array:
			n = n.Index(t.index)
		default:
			return Node{}
		}
	}
	return n
}
