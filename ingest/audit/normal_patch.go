package audit

import "github.com/parallax-sec/parallax/ingest/audit/tape"

// Limits of a JSON patch. The API server refuses more operations (k8s.io/apiserver, endpoints/handlers,
// maxJSONPatchOperations) and more copied bytes (its limit for a body). The others are beyond what an object of the API can
// have at those limits: what they leave out is told (projection.incomplete).
const (
	maxPatchOps    = 10_000
	maxPatchCopies = 3 << 20 // bytes
	maxPatchParts  = 1 << 18 // values that paths name, and elements of the arrays that they lead into
	maxPatchDepth  = 512     // reference tokens of a path
	maxPatchSteps  = 1 << 24 // members and elements that are looked at to find those that paths name
)

// projection makes of a JSON patch (RFC 6902) the part of the object that the patch states, as one JSON object: the
// operation replace /spec/hostPID true becomes {"spec":{"hostPID":true}}. What is removed reads null, as in a merge patch.
// Elements of an array stand in the order in which the patch first names them; those that it does not name are left out.
// Values that are copied or moved from where the patch does not show them are unknown and left out.
//
// An object that the patch states as a whole is not taken apart when a later operation changes something in it: what it
// costs depends on what paths name, not on how much else there is.
type projection struct {
	parts  []patchPart // parts[0] is the whole object
	copied int         // bytes of values that stand twice
	steps  int
	// incomplete says that something that the patch states is not in the result.
	incomplete bool

	out []byte
	doc tape.Doc
	of  tape.Node // the patch that doc was made of; Absent after reset
}

// keptPatchParts bounds the parts that are held on to from one patch to the next.
const keptPatchParts = 1 << 12

// reset forgets the patch.
func (p *projection) reset() {
	p.of, p.incomplete = tape.Node{}, false
	if cap(p.out) > maxKeptText {
		p.out = nil
	}
	if cap(p.parts) > keptPatchParts {
		p.parts = nil
	}
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
	p.parts, p.copied, p.steps, p.incomplete = append(p.parts[:0], patchPart{index: -1}), 0, 0, false
	ops := 0
	for op := range patch.Elements() {
		if ops++; ops > maxPatchOps || !p.spend(1) {
			p.incomplete = true
			break
		}
		p.apply(op)
	}
	p.out = p.write(p.out[:0], 0)
	if p.doc.Parse(p.out) != nil {
		p.doc.Reset()
		p.incomplete = true
	}
	return p.doc.Root()
}

// spend counts steps; it is false when there were too many.
func (p *projection) spend(steps int) bool {
	p.steps += steps
	if p.steps > maxPatchSteps {
		p.incomplete = true
		return false
	}
	return true
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
		p.incomplete = true
		return
	}
	value := p.parts[at].value
	if p.copied += len(value.Raw()); p.copied > maxPatchCopies {
		p.incomplete = true
		return
	}
	p.set(path, value, true)
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
		part := &p.parts[at]
		part.kind, part.value, part.kids = partRemoved, tape.Node{}, nil
	}
}
