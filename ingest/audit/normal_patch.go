package audit

import (
	"strconv"
	"strings"

	"github.com/parallax-sec/parallax/ingest/audit/lex"
	"github.com/parallax-sec/parallax/ingest/audit/tape"
)

// Limits of a JSON patch. The API server refuses more operations (k8s.io/apiserver, endpoints/handlers,
// maxJSONPatchOperations) and more copied bytes (its limit for a body).
const (
	maxPatchOps    = 10_000
	maxPatchCopies = 3 << 20 // bytes
	maxPatchParts  = 1 << 14 // members and elements that are told apart; operations beyond are left out
	maxPatchDepth  = 512     // reference tokens of a path
)

// projection makes of a JSON patch (RFC 6902) the part of the object that the patch states, as one JSON object: the
// operation replace /spec/hostPID true becomes {"spec":{"hostPID":true}}. What is removed reads null, as in a merge patch.
// Elements of an array stand in the order in which the patch first names them; those that it does not name are left out.
// Values that are copied or moved from where the patch does not show them are unknown and left out.
type projection struct {
	parts  []patchPart // parts[0] is the whole object
	copied int         // bytes of values that stand twice
	out    []byte
	doc    tape.Doc
	of     tape.Node // the patch that doc was made of; Absent after reset
}

// reset forgets the patch.
func (p *projection) reset() {
	p.of = tape.Node{}
	if cap(p.out) > maxKeptText {
		p.out, p.parts = nil, nil
	}
}

type partKind uint8

const (
	partOpen    partKind = iota // an object or array of which kids are known
	partValue                   // all of it is value
	partLarge                   // a value that has too much in it to be told apart
	partRemoved                 // it was taken away
)

// patchPart is a value that a patch names, or one inside of it.
type patchPart struct {
	kind  partKind
	array bool   // where open
	key   string // in an object
	index int    // in an array: place among the elements, -1 where unknown
	value tape.Node
	kids  []int32 // in the order of the patch
}

// project returns the object that a JSON patch states; Absent where it states none that can be read. The result is valid
// until the next patch. Paths are read as gopkg.in/evanphx/json-patch.v4 reads them for the API server: what stands before
// the first slash does not count.
func (p *projection) project(patch tape.Node) tape.Node {
	if p.of == patch {
		return p.doc.Root()
	}
	p.of = patch
	p.doc.Reset()
	p.parts, p.copied = append(p.parts[:0], patchPart{index: -1}), 0
	ops := 0
	for op := range patch.Elements() {
		if ops++; ops > maxPatchOps {
			return tape.Node{}
		}
		p.apply(op)
	}
	p.out = p.write(p.out[:0], 0)
	if p.doc.Parse(p.out) != nil {
		p.doc.Reset()
	}
	return p.doc.Root()
}

// apply takes one operation in.
func (p *projection) apply(op tape.Node) {
	path, ok := patchPath(op.Get("path"))
	if !ok {
		return
	}
	switch kind := stringOf(op.Get("op")); kind {
	case "add", "replace":
		p.set(path, op.Get("value"), kind == "add")
	case "remove":
		p.remove(path)
	case "copy", "move":
		if from, ok := patchPath(op.Get("from")); ok {
			p.copy(from, path)
			if kind == "move" {
				p.remove(from)
			}
		}
	}
}

// patchPath is the path of an operation, from its first slash on; ok is false where it has none.
func patchPath(n tape.Node) (path string, ok bool) {
	path = stringOf(n)
	i := strings.IndexByte(path, '/')
	if i < 0 {
		return "", n.Kind() == tape.String && path == ""
	}
	return path[i:], true
}

// set puts value at path. insert moves the elements of an array behind it.
func (p *projection) set(path string, value tape.Node, insert bool) {
	if value.Kind() == tape.Absent {
		return
	}
	if at := p.make(path, insert); at >= 0 {
		part := &p.parts[at]
		part.kind, part.value, part.kids = partValue, value, nil
	}
}

// copy puts what stands at from at path, where the patch itself says what that is.
func (p *projection) copy(from, path string) {
	at := p.find(from)
	if at < 0 || p.parts[at].kind != partValue {
		return
	}
	value := p.parts[at].value
	if p.copied += len(value.Raw()); p.copied <= maxPatchCopies {
		p.set(path, value, true)
	}
}

// remove takes what is at path away. An element of an array goes without a trace.
func (p *projection) remove(path string) {
	up, token := parentPath(path)
	parent := p.find(up)
	if parent >= 0 && p.open(parent, token) && p.parts[parent].array {
		p.removeElement(parent, token)
		return
	}
	if path == "" || parent < 0 && isIndex(token) && !isMap(lastToken(up)) {
		return
	}
	if at := p.make(path, false); at >= 0 {
		p.parts[at].kind, p.parts[at].kids = partRemoved, nil
	}
}

func (p *projection) removeElement(parent int, token string) {
	index := arrayPlace(token)
	kids := p.parts[parent].kids
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

// find returns the part at path, -1 where the patch has not named it. Values on the way are taken apart.
func (p *projection) find(path string) int {
	at := 0
	for token, ok := nextToken(&path); ok; token, ok = nextToken(&path) {
		if !p.open(at, token) {
			return -1
		}
		if at = p.kid(at, token); at < 0 {
			return -1
		}
	}
	return at
}

// make returns the part at path, which is added where the patch has not named it yet; -1 where that cannot be.
func (p *projection) make(path string, insert bool) int {
	at := 0
	depth := 0
	for token, ok := nextToken(&path); ok; token, ok = nextToken(&path) {
		if depth++; depth > maxPatchDepth || !p.open(at, token) {
			return -1
		}
		kid := -1
		if last := path == ""; !(last && insert && p.parts[at].array) {
			kid = p.kid(at, token)
		} else {
			p.shift(at, arrayPlace(token))
		}
		if kid < 0 {
			kid = p.add(at, token)
		}
		if at = kid; at < 0 {
			return -1
		}
	}
	return at
}

// shift makes room for an element at a place of an array.
func (p *projection) shift(at, index int) {
	for _, k := range p.parts[at].kids {
		if kid := &p.parts[k]; index >= 0 && kid.index >= index {
			kid.index++
		}
	}
}

// open makes a part one whose members or elements are listed: token is the one that is looked for in it. false where
// there are too many of them.
func (p *projection) open(at int, token string) bool {
	part := &p.parts[at]
	switch part.kind {
	case partOpen:
		if len(part.kids) == 0 {
			part.array = isIndex(token) && !isMap(part.key)
		}
		return true
	case partValue:
		return p.openValue(at)
	case partRemoved:
		part.kind, part.array = partOpen, isIndex(token) && !isMap(part.key)
		return true
	}
	return false
}

// openValue lists what is in a value.
func (p *projection) openValue(at int) bool {
	part := &p.parts[at]
	value := part.value
	if kind := value.Kind(); kind < tape.Array || len(p.parts)+value.Len() > maxPatchParts {
		part.kind = partLarge
		return false
	}
	part.kind, part.array, part.kids = partOpen, value.Kind() == tape.Array, nil
	index := 0
	for e := range value.Elements() {
		p.addKid(at, patchPart{kind: partValue, index: index, value: e})
		index++
	}
	for k, v := range value.Members() {
		p.addKid(at, patchPart{kind: partValue, key: k.Text(), index: -1, value: v})
	}
	return true
}

// kid returns the part of at that token names, -1 where there is none.
func (p *projection) kid(at int, token string) int {
	part := &p.parts[at]
	index := arrayPlace(token)
	for i := len(part.kids) - 1; i >= 0; i-- { // the last of equal keys counts
		k := int(part.kids[i])
		if kid := &p.parts[k]; part.array && index >= 0 && kid.index == index || !part.array && kid.key == token {
			return k
		}
	}
	return -1
}

func (p *projection) add(at int, token string) int {
	if p.parts[at].array {
		return p.addKid(at, patchPart{index: arrayPlace(token)})
	}
	return p.addKid(at, patchPart{key: token, index: -1})
}

// addKid returns the new part, -1 where there are too many.
func (p *projection) addKid(at int, kid patchPart) int {
	if len(p.parts) >= maxPatchParts {
		return -1
	}
	p.parts = append(p.parts, kid)
	p.parts[at].kids = append(p.parts[at].kids, int32(len(p.parts)-1))
	return len(p.parts) - 1
}

// write appends the JSON of a part.
func (p *projection) write(dst []byte, at int) []byte {
	part := &p.parts[at]
	switch {
	case part.kind == partValue || part.kind == partLarge:
		return append(dst, part.value.Raw()...)
	case part.kind == partRemoved:
		return append(dst, "null"...)
	}
	brackets := "{}"
	if part.array {
		brackets = "[]"
	}
	dst = append(dst, brackets[0])
	for i, k := range part.kids {
		if i > 0 {
			dst = append(dst, ',')
		}
		if !part.array {
			dst = append(lex.AppendQuoted(dst, p.parts[k].key), ':')
		}
		dst = p.write(dst, int(k))
	}
	return append(dst, brackets[1])
}

// nextToken cuts the first reference token off a JSON pointer; ok is false at its end.
func nextToken(pointer *string) (token string, ok bool) {
	rest, ok := strings.CutPrefix(*pointer, "/")
	if !ok {
		return "", false
	}
	token = rest
	*pointer = ""
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		token, *pointer = rest[:i], rest[i:]
	}
	return unescapeToken(token), true
}

// unescapeToken undoes ~1 and ~0 (RFC 6901, section 4).
func unescapeToken(token string) string {
	if strings.IndexByte(token, '~') < 0 {
		return token
	}
	return strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
}

// parentPath cuts the last reference token off a JSON pointer.
func parentPath(pointer string) (parent, token string) {
	i := strings.LastIndexByte(pointer, '/')
	if i < 0 {
		return "", ""
	}
	return pointer[:i], unescapeToken(pointer[i+1:])
}

func lastToken(pointer string) string {
	_, token := parentPath(pointer)
	return token
}

// arrayPlace is the element that a token names, -1 for the one behind the last and those that are counted from the end.
func arrayPlace(token string) int {
	if n, err := strconv.Atoi(token); err == nil && n >= 0 {
		return n
	}
	return -1
}

// isIndex says whether a token may name an element of an array.
func isIndex(token string) bool {
	_, err := strconv.Atoi(token)
	return token == "-" || err == nil
}

// isMap says whether the member of that name is a map, whose keys may look like places in an array.
func isMap(name string) bool {
	switch name {
	case "labels", "annotations", "data", "stringData", "binaryData", "matchLabels", "nodeSelector", "selector",
		"limits", "requests", "capacity", "allocatable", "hard", "used", "parameters", "options":
		return true
	}
	return false
}
