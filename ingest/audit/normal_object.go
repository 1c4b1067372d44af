package audit

import (
	"strings"

	"github.com/parallax-sec/parallax/ingest/audit/tape"
)

// objectFrom says which body the effective object was taken from.
type objectFrom uint8

const (
	fromNothing  objectFrom = iota // there is no body that shows it
	fromResponse                   // as the API server answered it
	fromRequest                    // as it was asked for: defaults and what admission changed are missing
	fromPatch                      // the part of it that a patch states
)

func (f objectFrom) String() string { return [...]string{"", "response", "request", "patch"}[f] }

// object is the effective object of an event: what is there after the request, as far as the event shows it.
type object struct {
	done bool
	from objectFrom
	root tape.Node // an Object; Absent where from is fromNothing
	// incomplete says that the event states more of the object than root holds: it is beyond the bounds of what is worked
	// out (docs/LIMITS.md), or was copied from what the event does not show.
	incomplete bool
}

// partial says whether what the object does not state is unknown rather than at its default.
func (o *object) partial() bool { return o.from == fromPatch }

// obj is the effective object: responseObject unless it is a Status, else requestObject where it is the whole object
// (create, update, an apply that created), else the part that a patch states.
func (e *Event) obj() *object {
	v := e.derived()
	if !v.obj.done {
		v.obj = e.findObject()
		v.obj.done = true
	}
	return &v.obj
}

func (e *Event) findObject() object {
	if r := e.response(); r.Kind() == tape.Object && showsObject(r) {
		return object{from: fromResponse, root: r}
	}
	verb, _ := e.str(&e.verb)
	whole := verb == "create" || verb == "update" || verb == "patch" && e.code() == 201
	if !whole && verb != "patch" {
		return object{}
	}
	switch r := e.request(); {
	case r.Kind() == tape.Object && whole:
		return object{from: fromRequest, root: r}
	case r.Kind() == tape.Object:
		return object{from: fromPatch, root: r}
	case r.Kind() == tape.Array && verb == "patch":
		p := &e.derived().patch
		root := p.project(r)
		if root.Kind() != tape.Object {
			return object{incomplete: p.incomplete}
		}
		return object{from: fromPatch, root: root, incomplete: p.incomplete}
	}
	return object{incomplete: e.bodies.tooLarge()}
}

// showsObject says whether a response is the object itself. A Status is an outcome; what the client may ask for in its place
// by its Accept header (Table, PartialObjectMetadata) shows what the client wants shown, and an object without members
// shows nothing (apimachinery, meta/v1).
func showsObject(n tape.Node) bool {
	version := stringOf(n.Get("apiVersion"))
	switch stringOf(n.Get("kind")) {
	case "":
		for range n.Members() {
			return true
		}
		return false
	case "Status":
		return version != "v1" && version != ""
	case "Table", "PartialObjectMetadata", "PartialObjectMetadataList":
		return version != "" && !strings.HasPrefix(version, "meta.k8s.io/") // a custom resource may be called so
	}
	return true
}

// metadata is metadata of the effective object.
func (e *Event) metadata() tape.Node { return e.obj().root.Get("metadata") }

// objectName is objectRef.name, and where the name was generated metadata.name of the object.
func (e *Event) objectName() (string, bool) {
	return e.refOrMetadata(&e.object.name, "name")
}

// objectUID is objectRef.uid or metadata.uid of the object.
func (e *Event) objectUID() (string, bool) {
	return e.refOrMetadata(&e.object.uid, "uid")
}

func (e *Event) refOrMetadata(t *text, key string) (string, bool) {
	if s, _ := e.str(t); s != "" {
		return s, true
	}
	if verb, _ := e.str(&e.verb); !e.object.present || ofMany(verb) {
		return "", false
	}
	s := stringOf(e.metadata().Get(key))
	return s, s != ""
}

// ofMany says whether a verb is about a collection, of which bodies give neither name nor uid.
func ofMany(verb string) bool { return verb == "list" || verb == "watch" || verb == "deletecollection" }

// objectText is what the request is about, for sentences.
func (e *Event) objectText() string {
	resource, _ := e.str(&e.object.resource)
	if resource == "" {
		return e.path()
	}
	sub, _ := e.str(&e.object.subresource)
	namespace, _ := e.str(&e.object.namespace)
	if resource == "namespaces" { // which the API server says are in themselves
		namespace = ""
	}
	name, _ := e.objectName()
	return e.keep(func(dst []byte) []byte {
		dst = append(dst, resource...)
		if sub != "" {
			dst = append(append(dst, '/'), sub...)
		}
		switch {
		case namespace != "" && name != "":
			return append(append(append(append(dst, ' '), namespace...), '/'), name...)
		case namespace != "":
			return append(append(dst, " in "...), namespace...)
		case name != "":
			return append(append(dst, ' '), name...)
		}
		return dst
	})
}

// stringOf is what a String reads, "" for other kinds.
func stringOf(n tape.Node) string {
	if n.Kind() != tape.String {
		return ""
	}
	return n.Text()
}

// controlled says whether the object has an owner that controls it; known is false where the object is not shown as a whole.
func (e *Event) controlled() (yes, known bool) {
	o := e.obj()
	for owner := range e.metadata().Get("ownerReferences").Elements() {
		if owner.Get("controller").IsTrue() {
			return true, true
		}
	}
	return false, o.from == fromResponse || o.from == fromRequest
}

// labelRemoved says whether a patch takes a label or annotation (kind: "labels", "annotations") away. A later object
// without it says nothing, since it may never have had it.
func (e *Event) labelRemoved(kind, key string) bool {
	if verb, _ := e.str(&e.verb); verb != "patch" {
		return false
	}
	all := e.requestView().Get("metadata").Get(kind)
	value := all.Get(key)
	switch {
	case all.Kind() == tape.Null || value.Kind() == tape.Null:
		return true
	case value.Kind() == tape.Absent: // the directive of a strategic merge patch that states all of a map, or deletes it
		directive := all.Get("$patch")
		return isText(directive, "replace") || isText(directive, "delete")
	}
	return false
}

// requestView is requestObject as an object: a JSON patch as the part of the object that it states.
func (e *Event) requestView() tape.Node {
	r := e.request()
	if r.Kind() != tape.Array {
		return r
	}
	return e.derived().patch.project(r)
}
