package tape

import "iter"

// Node is a value of a Doc. It is a handle of two words, valid until the Doc parses again; the zero Node is Absent, and
// every method may be called on it.
type Node struct {
	d *Doc
	i uint32
}

// Root is the document's value; Absent if nothing was parsed.
func (d *Doc) Root() Node {
	if len(d.nodes) == 0 {
		return Node{}
	}
	return Node{d, 0}
}

func (n Node) ref() *node { return &n.d.nodes[n.i] }

// Kind says what n is.
func (n Node) Kind() Kind {
	if n.d == nil {
		return Absent
	}
	return n.ref().kind
}

// Exists says whether n is a value other than null.
func (n Node) Exists() bool { return n.Kind() > Null }

// Raw is the value as it stands in the document, quotes and blanks included. It belongs to the document.
func (n Node) Raw() []byte {
	if n.d == nil {
		return nil
	}
	r := n.ref()
	return n.d.src[r.start:r.end]
}

// Bool returns the truth of a Bool; ok is false for other kinds.
func (n Node) Bool() (v, ok bool) {
	if n.Kind() != Bool {
		return false, false
	}
	return n.Raw()[0] == 't', true
}

// IsTrue says whether n is the literal true.
func (n Node) IsTrue() bool {
	v, _ := n.Bool()
	return v
}

// Get returns the value of a key of an Object: the last one where the key stands there twice, Absent where it does not.
func (n Node) Get(key string) Node {
	var found Node
	if n.Kind() != Object {
		return found
	}
	end := n.ref().next
	for i := n.i + 1; i < end; {
		k := Node{n.d, i}
		if k.keyIs(key) {
			found = Node{n.d, i + 1}
		}
		i = n.d.nodes[i+1].next
	}
	return found
}

// keyIs says whether the String n reads key.
func (n Node) keyIs(key string) bool {
	r := n.ref()
	if r.escaped {
		return n.Text() == key
	}
	return string(n.d.src[r.start+1:r.end-1]) == key
}

// Index returns element i of an Array, counted from 0; Absent where there is none.
func (n Node) Index(i int) Node {
	if i < 0 {
		return Node{}
	}
	for e := range n.Elements() {
		if i == 0 {
			return e
		}
		i--
	}
	return Node{}
}

// Len is the number of elements of an Array or members of an Object, equal keys counted each; 0 for other kinds.
func (n Node) Len() int {
	count := 0
	for range n.Elements() {
		count++
	}
	for range n.Members() {
		count++
	}
	return count
}

// Elements goes over the elements of an Array; over nothing for other kinds.
func (n Node) Elements() iter.Seq[Node] {
	return func(yield func(Node) bool) {
		if n.Kind() != Array {
			return
		}
		end := n.ref().next
		for i := n.i + 1; i < end; i = n.d.nodes[i].next {
			if !yield(Node{n.d, i}) {
				return
			}
		}
	}
}

// Members goes over the keys and values of an Object in the order of the document, equal keys each; over nothing for
// other kinds. Keys are read with Text.
func (n Node) Members() iter.Seq2[Node, Node] {
	return func(yield func(Node, Node) bool) {
		if n.Kind() != Object {
			return
		}
		end := n.ref().next
		for i := n.i + 1; i < end; i = n.d.nodes[i+1].next {
			if !yield(Node{n.d, i}, Node{n.d, i + 1}) {
				return
			}
		}
	}
}
