package tape

import (
	"bytes"
	"fmt"
)

// Limits of what Parse accepts. The API server takes bodies of up to 3 MB, which is at most 1.5 million values, and
// nested as deeply as encoding/json allows: a lower limit would let whoever sends such a body hide his request.
const (
	MaxDepth = 10_016   // arrays and objects inside each other
	MaxBytes = 64 << 20 // length of a document
	MaxNodes = 2 << 20  // values and keys of a document
)

// keepNodes and keepArena bound the memory, in nodes and bytes, that a Doc holds on to from one document to the next.
const (
	keepNodes = 1 << 18
	keepArena = 1 << 20
)

// Kind says what a Node is.
type Kind uint8

// The kinds of node. The zero Node is Absent.
const (
	Absent Kind = iota
	Null
	Bool
	Number
	String
	Array
	Object
)

// node is one value or key. The children of an array follow it; those of an object are keys and values in turn.
type node struct {
	kind    Kind
	escaped bool   // String: what it says differs from what stands between its quotes
	start   uint32 // span in Doc.src, quotes included
	end     uint32
	next    uint32 // index of the node behind this value and all that is in it
	memo    uint32 // 0, or 1 + the offset in Doc.arena of the value's text, with its length before it
}

// Doc is one parsed document. The zero Doc is empty and ready for Parse.
type Doc struct {
	src    []byte // owned by the caller of Parse
	nodes  []node
	arena  []byte // texts that are not as they stand in src
	spaced bool   // there are blanks between the values
}

// SyntaxError tells where a document stops being JSON that Parse accepts.
type SyntaxError struct {
	Offset int // bytes before the fault
	Reason string
}

// Error returns reason and place.
func (e *SyntaxError) Error() string { return fmt.Sprintf("%s at byte %d", e.Reason, e.Offset) }

// Parse reads the document in b and forgets the one before it, whose Nodes and texts are no longer valid. b must not change
// while the Doc is in use. After an error, a *SyntaxError, the Doc is empty.
func (d *Doc) Parse(b []byte) error {
	d.Reset()
	if len(b) > MaxBytes {
		return &SyntaxError{MaxBytes, "document too long"}
	}
	d.src = b
	p := parser{d: d, src: b}
	if err := p.document(); err != nil {
		d.Reset()
		return err
	}
	return nil
}

// Reset empties d and lets go of the text it was parsed from.
func (d *Doc) Reset() {
	d.src, d.nodes, d.arena, d.spaced = nil, d.nodes[:0], d.arena[:0], false
	if cap(d.nodes) > keepNodes {
		d.nodes = nil
	}
	if cap(d.arena) > keepArena {
		d.arena = nil
	}
}

// parser is the state of one Parse.
type parser struct {
	d     *Doc
	src   []byte
	pos   int
	depth int
}

func (p *parser) fail(reason string) error { return &SyntaxError{p.pos, reason} }

func (p *parser) document() error {
	p.blanks()
	if err := p.value(); err != nil {
		return err
	}
	p.blanks()
	if p.pos < len(p.src) {
		return p.fail("data after the value")
	}
	return nil
}

// blanks skips the blanks of JSON.
func (p *parser) blanks() {
	for p.pos < len(p.src) {
		switch p.src[p.pos] {
		case ' ', '\t', '\r', '\n':
			p.pos++
			p.d.spaced = true
		default:
			return
		}
	}
}

// peek is the next byte, 0 at the end.
func (p *parser) peek() byte {
	if p.pos < len(p.src) {
		return p.src[p.pos]
	}
	return 0
}

func (p *parser) value() error {
	switch c := p.peek(); {
	case c == '{':
		return p.container(Object, p.members)
	case c == '[':
		return p.container(Array, p.elements)
	case c == '"':
		return p.string()
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	case c == 't':
		return p.literal(Bool, "true")
	case c == 'f':
		return p.literal(Bool, "false")
	case c == 'n':
		return p.literal(Null, "null")
	case p.pos >= len(p.src):
		return p.fail("unexpected end of JSON")
	}
	return p.fail("unexpected character")
}

// add appends a node that ends at p.pos.
func (p *parser) add(k Kind, start int, escaped bool) error {
	if len(p.d.nodes) >= MaxNodes {
		return p.fail("too many values")
	}
	next := uint32(len(p.d.nodes) + 1)
	p.d.nodes = append(p.d.nodes, node{kind: k, escaped: escaped, start: uint32(start), end: uint32(p.pos), next: next})
	return nil
}

func (p *parser) literal(k Kind, word string) error {
	if !bytes.HasPrefix(p.src[p.pos:], []byte(word)) {
		return p.fail("unexpected word")
	}
	start := p.pos
	p.pos += len(word)
	return p.add(k, start, false)
}

// container reads an array or object; p.pos is at its opening bracket and body reads what is in it, closing bracket included.
func (p *parser) container(k Kind, body func() error) error {
	if p.depth == MaxDepth {
		return p.fail("nested too deeply")
	}
	p.depth++
	self := len(p.d.nodes)
	if err := p.add(k, p.pos, false); err != nil {
		return err
	}
	p.pos++
	if err := body(); err != nil {
		return err
	}
	p.depth--
	n := &p.d.nodes[self]
	n.end, n.next = uint32(p.pos), uint32(len(p.d.nodes))
	return nil
}

func (p *parser) elements() error {
	p.blanks()
	if p.accept(']') {
		return nil
	}
	for {
		p.blanks()
		if err := p.value(); err != nil {
			return err
		}
		p.blanks()
		if p.accept(']') {
			return nil
		}
		if !p.accept(',') {
			return p.fail("expected , or ]")
		}
	}
}

func (p *parser) members() error {
	p.blanks()
	if p.accept('}') {
		return nil
	}
	for {
		if err := p.member(); err != nil {
			return err
		}
		if p.accept('}') {
			return nil
		}
		if !p.accept(',') {
			return p.fail("expected , or }")
		}
	}
}

func (p *parser) member() error {
	p.blanks()
	if p.peek() != '"' {
		return p.fail("expected a key")
	}
	if err := p.string(); err != nil {
		return err
	}
	p.blanks()
	if !p.accept(':') {
		return p.fail("expected :")
	}
	p.blanks()
	if err := p.value(); err != nil {
		return err
	}
	p.blanks()
	return nil
}

// accept goes past c if it is next.
func (p *parser) accept(c byte) bool {
	if p.peek() != c {
		return false
	}
	p.pos++
	return true
}
