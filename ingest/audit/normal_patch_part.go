package audit

import (
	"slices"

	"github.com/parallax-sec/parallax/ingest/audit/lex"
	"github.com/parallax-sec/parallax/ingest/audit/tape"
)

type partKind uint8

const (
	partOpen    partKind = iota // an object or array in which paths name something
	partValue                   // all of it is value
	partLarge                   // an array that has too many elements to be told apart; all of it is value
	partRemoved                 // it was taken away
)

// patchPart is a value that a patch names, or an element of an array beside one.
type patchPart struct {
	kind  partKind
	array bool      // where open
	key   string    // the reference token that named it
	index int       // in an array: place among the elements, -1 where unknown
	value tape.Node // where open, what the patch stated before paths named kids; Absent if that is not known
	size  int       // members of value, where open
	kids  []int32   // in the order of the patch; where value is an array, all of its elements
}

// find returns the part at path, -1 where the patch has not named it.
func (p *projection) find(path string) int {
	at := 0
	for token, ok := nextToken(&path); ok && at >= 0; token, ok = nextToken(&path) {
		if !p.open(at, token) {
			return -1
		}
		at = p.kid(at, token)
	}
	return at
}

// make returns the part at path, which is added where the patch has not named it yet; -1 where that cannot be.
func (p *projection) make(path string, insert bool) int {
	at, depth := 0, 0
	for token, ok := nextToken(&path); ok && at >= 0; token, ok = nextToken(&path) {
		if depth++; depth > maxPatchDepth {
			p.incomplete = true
			return -1
		}
		if !p.open(at, token) {
			return -1
		}
		kid := -1
		switch last := path == ""; {
		case last && insert && p.parts[at].array:
			p.shift(at, arrayPlace(token))
		case last:
			kid = p.named(at, token)
		default:
			kid = p.kid(at, token)
		}
		if kid < 0 {
			kid = p.add(at, patchPart{key: token, index: arrayPlace(token)})
		}
		at = kid
	}
	return at
}

// open makes a part one that has kids: token is the one that is looked for among them. false where it has none, which the
// API server refuses, or too many to be told apart.
func (p *projection) open(at int, token string) bool {
	part := &p.parts[at]
	switch part.kind {
	case partValue:
		return p.openValue(at)
	case partLarge:
		return false
	case partRemoved:
		part.kind = partOpen
	}
	switch {
	case part.value.Kind() != tape.Absent:
	case len(part.kids) == 0:
		part.array = isIndex(token) && !isMap(part.key)
	case !isIndex(token):
		part.array = false // the earlier tokens were keys that look like places
	}
	return true
}

// openValue makes a part of a value one that has kids. The elements of an array become kids, so that they can be counted.
func (p *projection) openValue(at int) bool {
	part := &p.parts[at]
	kind := part.value.Kind()
	if kind < tape.Array {
		return false
	}
	part.size = part.value.Len()
	if !p.spend(part.size) {
		return false
	}
	part.kids, part.array = nil, kind == tape.Array
	if !part.array {
		part.kind = partOpen
		return true
	}
	if len(p.parts)+part.size > maxPatchParts {
		part.kind, p.incomplete = partLarge, true
		return false
	}
	part.kind = partOpen
	index := 0
	for e := range part.value.Elements() {
		p.add(at, patchPart{kind: partValue, index: index, value: e})
		index++
	}
	return true
}

// kid returns the part of at that token names, -1 where there is none. Members of a known object become parts here.
func (p *projection) kid(at int, token string) int {
	if k := p.named(at, token); k >= 0 {
		return k
	}
	part := &p.parts[at]
	if part.value.Kind() != tape.Object || !p.spend(part.size) {
		return -1
	}
	member := part.value.Get(token)
	if member.Kind() == tape.Absent {
		return -1
	}
	return p.add(at, patchPart{kind: partValue, key: token, index: -1, value: member})
}

// named returns the kid of at that token names, -1 where no path has named it yet.
func (p *projection) named(at int, token string) int {
	part := &p.parts[at]
	if !p.spend(len(part.kids)) {
		return -1
	}
	index := arrayPlace(token)
	for _, k := range slices.Backward(part.kids) { // the last of equal keys counts
		if kid := &p.parts[k]; part.array && index >= 0 && kid.index == index || !part.array && kid.key == token {
			return int(k)
		}
	}
	return -1
}

// add returns the new kid of a part, -1 where there are too many parts.
func (p *projection) add(at int, kid patchPart) int {
	if len(p.parts) >= maxPatchParts {
		p.incomplete = true
		return -1
	}
	p.parts = append(p.parts, kid)
	p.parts[at].kids = append(p.parts[at].kids, int32(len(p.parts)-1))
	return len(p.parts) - 1
}

// shift makes room for an element at a place of an array.
func (p *projection) shift(at, index int) {
	if index < 0 || !p.spend(len(p.parts[at].kids)) {
		return
	}
	for _, k := range p.parts[at].kids {
		if kid := &p.parts[k]; kid.index >= index {
			kid.index++
		}
	}
}

func (p *projection) removeElement(parent int, token string) {
	index := arrayPlace(token)
	kids := p.parts[parent].kids
	if !p.spend(len(kids)) {
		return
	}
	kept := kids[:0]
	for _, k := range kids {
		kid := &p.parts[k]
		if index >= 0 && kid.index == index {
			continue
		}
		if index >= 0 && kid.index > index {
			kid.index--
		}
		kept = append(kept, k)
	}
	p.parts[parent].kids = kept
}

// write appends the JSON of a part.
func (p *projection) write(dst []byte, at int) []byte {
	part := &p.parts[at]
	switch {
	case part.kind == partValue || part.kind == partLarge:
		return append(dst, part.value.Raw()...)
	case part.kind == partRemoved:
		return append(dst, "null"...)
	case part.array:
		dst = append(dst, '[')
		for i, k := range part.kids {
			dst = p.write(comma(dst, i > 0), int(k))
		}
		return append(dst, ']')
	}
	dst = p.writeRest(append(dst, '{'), part)
	for _, k := range part.kids {
		dst = comma(dst, dst[len(dst)-1] != '{')
		dst = p.write(append(lex.AppendQuoted(dst, p.parts[k].key), ':'), int(k))
	}
	return append(dst, '}')
}

// writeRest appends the members of an object that was known before paths named some of them: those that they did not name.
func (p *projection) writeRest(dst []byte, part *patchPart) []byte {
	if part.value.Kind() != tape.Object {
		return dst
	}
	named := make([]string, 0, len(part.kids))
	for _, k := range part.kids {
		named = append(named, p.parts[k].key)
	}
	slices.Sort(named)
	more := false
	for k, v := range part.value.Members() {
		if _, ok := slices.BinarySearch(named, k.Text()); !ok {
			dst = append(append(comma(dst, more), k.Raw()...), ':')
			dst = append(dst, v.Raw()...)
			more = true
		}
	}
	return dst
}

// comma appends a comma where there is something before it.
func comma(dst []byte, more bool) []byte {
	if more {
		return append(dst, ',')
	}
	return dst
}
