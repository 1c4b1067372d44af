package tape

import (
	"errors"

	"github.com/parallax-sec/parallax/ingest/audit/lex"
)

// ErrTooLarge says that a document is beyond MaxBytes or MaxNodes. It may be valid JSON.
var ErrTooLarge = errors.New("document too large")

// Limits of what Parse accepts besides lex.MaxDepth. The API server takes bodies of up to 3 MB, which is at most 1.5 million values.
const (
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
	src   []byte // owned by the caller of Parse
	nodes []node
	arena []byte // texts that are not as they stand in src
}

// Parse reads the document in b and forgets the one before it, whose Nodes and texts are no longer valid. b must not change
// while the Doc is in use. After an error, ErrTooLarge or a *lex.SyntaxError, the Doc is empty.
func (d *Doc) Parse(b []byte) error {
	d.Reset()
	if len(b) > MaxBytes {
		return ErrTooLarge
	}
	d.src = b
	p := parser{Doc: d, r: lex.Reader{Data: b}}
	if err := p.document(); err != nil {
		d.Reset()
		return err
	}
	return nil
}

// Reset empties d and lets go of the text it was parsed from.
func (d *Doc) Reset() {
	d.src, d.nodes, d.arena = nil, d.nodes[:0], d.arena[:0]
	if cap(d.nodes) > keepNodes {
		d.nodes = nil
	}
	if cap(d.arena) > keepArena {
		d.arena = nil
	}
}

// parser is the state of one Parse.
type parser struct {
	*Doc
	r lex.Reader
}

func (p *parser) fail(reason string) error { return &lex.SyntaxError{Offset: p.r.Pos, Reason: reason} }

func (p *parser) document() error {
	p.r.Blanks()
	if err := p.value(); err != nil {
		return err
	}
	p.r.Blanks()
	if p.r.Pos < len(p.src) {
		return p.fail("data after the value")
	}
	return nil
}

func (p *parser) value() error {
	switch c := p.r.Peek(); c {
	case '{':
		return p.container(Object, '}')
	case '[':
		return p.container(Array, ']')
	case '"':
		s, err := p.r.String()
		if err != nil {
			return err
		}
		return p.addString(s)
	case 't', 'f':
		return p.scalar(Bool)
	case 'n':
		return p.scalar(Null)
	}
	return p.scalar(Number)
}

func (p *parser) scalar(k Kind) error {
	start := p.r.Pos
	if err := p.r.Value(); err != nil {
		return err
	}
	return p.add(node{kind: k, start: uint32(start), end: uint32(p.r.Pos)})
}

func (p *parser) addString(s lex.String) error {
	return p.add(node{kind: String, escaped: s.Escaped, start: uint32(s.Start - 1), end: uint32(s.End + 1)})
}

func (p *parser) add(n node) error {
	if len(p.nodes) >= MaxNodes {
		return ErrTooLarge
	}
	n.next = uint32(len(p.nodes) + 1)
	p.nodes = append(p.nodes, n)
	return nil
}

// container reads an array or object.
func (p *parser) container(k Kind, closing byte) error {
	self := len(p.nodes)
	if err := p.add(node{kind: k, start: uint32(p.r.Pos)}); err != nil {
		return err
	}
	more, err := p.r.Open()
	for more && err == nil {
		if err = p.item(k); err != nil {
			break
		}
		more, err = p.r.Next(closing)
	}
	n := &p.nodes[self]
	n.end, n.next = uint32(p.r.Pos), uint32(len(p.nodes))
	return err
}

// item reads an element of an array, or a key and value of an object.
func (p *parser) item(in Kind) error {
	if in == Object {
		key, err := p.r.Key()
		if err != nil {
			return err
		}
		if err := p.addString(key); err != nil {
			return err
		}
	}
	return p.value()
}
