package audit

import (
	"strings"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/audit/tape"
)

func objectFields() []event.Field {
	const noObject = "objectRef is missing or has no such key"
	const noView = "no body is logged that shows the object"
	return []event.Field{
		{
			Name: "resource", Cost: costHead, Doc: "Resource of the object, plural as in the API: pods.", From: "objectRef.resource", Null: noObject,
			Get: ofFilled(func(e *Event) *text { return &e.object.resource }),
		},
		{
			Name: "subresource", Cost: costHead, Doc: "Subresource of the object: exec, status, scale.", From: "objectRef.subresource", Null: noObject,
			Get: ofFilled(func(e *Event) *text { return &e.object.subresource }),
		},
		{
			Name: "group", Cost: costHead, Doc: "API group of the object; the empty text is the core group.", From: "objectRef.apiGroup",
			Null: "objectRef is missing",
			Get: get(func(e *Event, _ *event.Arg, v *event.Value) {
				if e.object.present {
					s, _ := e.str(&e.object.apiGroup)
					v.SetText(s)
				}
			}),
		},
		{
			Name: "version", Cost: costHead, Doc: "API version of the object, without the group.", From: "objectRef.apiVersion", Null: noObject,
			Get: ofFilled(func(e *Event) *text { return &e.object.apiVersion }),
		},
		{
			Name: "namespace", Cost: costHead, Doc: "Namespace of the object.", From: "objectRef.namespace",
			Null: "the request is not about one namespace", Get: ofFilled(func(e *Event) *text { return &e.object.namespace }),
		},
		{
			Name: "name", Cost: costBody, Doc: "Name of the object, also where the API server generated it.",
			From: "objectRef.name, else metadata.name of the object", Null: "neither names it: a list, or a generated name that is not logged",
			Get: ofFound((*Event).objectName),
		},
		{
			Name: "object", Cost: costBody, Doc: "What the request is about, for sentences: \"deployments dev/web\", \"pods/exec dev/web\", \"secrets in dev\", \"secrets\", or a path that is no resource.",
			From: "objectRef, metadata.name of the object, requestURI", Null: "the event has neither objectRef nor requestURI", Get: ofString((*Event).objectText),
		},
		{
			Name: "uid", Cost: costBody, Doc: "Uid of the object.", From: "objectRef.uid, else metadata.uid of the object", Null: "neither tells it",
			Get: ofFound((*Event).objectUID),
		},
		{
			Name: "obj", Raw: "/", Cost: costBody, Arg: event.ArgKey,
			Doc: "Value that a JSON pointer (RFC 6901) leads to in the effective object: a string as it reads, any other value as compact JSON. " +
				"The object is responseObject unless that is a Status; else requestObject of a create, an update or an apply that created; else what a " +
				"patch states, a JSON patch (RFC 6902) by its paths, what it removes being null.",
			From: "responseObject, requestObject", Null: "the pointer leads nowhere, or " + noView,
			Prepare: func(a *event.Arg) error {
				path := tape.ParsePath(a.Text)
				a.Prepared = &path
				return nil
			},
			Get: get(func(e *Event, a *event.Arg, v *event.Value) {
				if path, ok := a.Prepared.(*tape.Path); ok {
					setNode(v, e.obj().root.Lookup(*path))
				}
			}),
		},
		{
			Name: "obj.from", Cost: costBody, Doc: "Which body the effective object is from.", From: "responseObject, requestObject",
			Values: []string{"response", "request", "patch"}, Null: noView,
			Get: ofString(func(e *Event) string { return e.obj().from.String() }),
		},
		{
			Name: "obj.partial", Type: event.Bool, Cost: costBody,
			Doc:  "Says whether the effective object is only what a patch states: what it does not state is unknown.",
			From: "requestObject", Null: never, Get: ofBool(func(e *Event) bool { return e.obj().partial() }),
		},
		{
			Name: "obj.incomplete", Type: event.Bool, Cost: costBody,
			Doc: "Says whether a body states more of the object than can be worked out: a JSON patch beyond the bounds of docs/LIMITS.md or one that copies " +
				"what it does not show; or a body of too many values. What is not seen may be anything.",
			From: "requestObject, responseObject", Null: never, Get: ofBool(func(e *Event) bool { return e.obj().incomplete }),
		},
		{
			Name: "obj.controlled", Type: event.Bool, Cost: costBody,
			Doc:  "Says whether another object controls this one, so that a rule is better judged on that one.",
			From: "metadata.ownerReferences of the object", Null: noView + ", or a patch says nothing of it",
			Get: get(func(e *Event, _ *event.Arg, v *event.Value) {
				if yes, known := e.controlled(); known {
					v.SetBool(yes)
				}
			}),
		},
		metadataField("label", "labels", "label"),
		metadataField("annotation", "annotations", "annotation"),
		removedField("label", "labels", "label"),
		removedField("annotation", "annotations", "annotation"),
		{
			Name: "volume.hostpath", Cost: costBody, Doc: "Path of a PersistentVolume on its node, cleaned.",
			From: "spec.hostPath.path or spec.local.path of the object", Null: "the object is no PersistentVolume or has no such path",
			Get: ofString((*Event).volumePath),
		},
		{
			Name: "volume.hostpath.under", List: true, Cost: costBody,
			Doc:  "Path of a PersistentVolume on its node and every directory above it but /.",
			From: "spec.hostPath.path or spec.local.path of the object", Null: "the object is no PersistentVolume or has no such path",
			Get: get(func(e *Event, _ *event.Arg, v *event.Value) { appendUnder(v, e.volumePath()) }),
		},
	}
}

func metadataField(name, kind, what string) event.Field {
	return event.Field{
		Name: name, Cost: costBody, Arg: event.ArgKey, Doc: "Value of the " + what + " of the object that has this key.",
		From: "metadata." + kind + " of the object", Null: "the object has no such " + what + ", or no body shows it",
		Get: get(func(e *Event, a *event.Arg, v *event.Value) { setString(v, e.metadata().Get(kind).Get(a.Text)) }),
	}
}

func removedField(name, kind, what string) event.Field {
	return event.Field{
		Name: name + ".removed", Type: event.Bool, Cost: costBody, Arg: event.ArgKey,
		Doc:  "Says whether a patch takes the " + what + " away. An update that leaves it out cannot be told from one of an object without it.",
		From: "requestObject.metadata." + kind, Null: never,
		Get: get(func(e *Event, a *event.Arg, v *event.Value) { v.SetBool(e.labelRemoved(kind, a.Text)) }),
	}
}

// volumePath is the path of a PersistentVolume on its node, "" where it has none.
func (e *Event) volumePath() string {
	if !e.resourceIs("persistentvolumes", "persistentvolumes") {
		return ""
	}
	spec := e.obj().root.Get("spec")
	for _, kind := range [...]string{"hostPath", "local"} {
		if p := stringOf(spec.Get(kind).Get("path")); p != "" {
			return cleanHostPath(p)
		}
	}
	return ""
}

// appendUnder adds a cleaned path and every directory above it but the root.
func appendUnder(v *event.Value, p string) {
	for p != "" {
		v.Append(p)
		p = p[:max(strings.LastIndexByte(p, '/'), 0)]
	}
}
