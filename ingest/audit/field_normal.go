package audit

import (
	"slices"
	"strings"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/audit/tape"
)

// NormalFields returns our own fields, audit.*: what a request does, to what and by whom, told alike whatever verb, body
// or kind of workload it comes with. The built-in rules are written against them.
func NormalFields() []event.Field {
	fields := slices.Concat(requestFields(), objectFields(), actorFields(), execFields(), podFields(), containerFields(),
		bindingFields(), roleFields(), csrFields())
	for i := range fields {
		f := &fields[i]
		f.Name, f.Source = "audit."+f.Name, event.SourceAudit
		if f.Type == event.Bool {
			f.Values = []string{"true", "false"}
		}
	}
	return fields
}

// never is the Null of a field that always has a value.
const never = "never"

func requestFields() []event.Field {
	return []event.Field{
		{
			Name: "id", Cost: costHead, Doc: "Id of the request. The client may choose it, so it identifies nothing.",
			From: "auditID", Null: noKey, Get: ofText(func(e *Event) *text { return &e.auditID }),
		},
		{
			Name: "stage", Cost: costHead, Doc: "Stage of the request that the event tells of.", From: "stage", Null: noKey,
			Values: []string{"RequestReceived", "ResponseStarted", "ResponseComplete", "Panic"},
			Get:    ofText(func(e *Event) *text { return &e.stage }),
		},
		{
			Name: "level", Cost: costHead, Doc: "How much the audit policy logs of the request.", From: "level", Null: noKey,
			Values: []string{"Metadata", "Request", "RequestResponse"}, Get: ofText(func(e *Event) *text { return &e.level }),
		},
		{
			Name: "verb", Cost: costHead, Doc: "Verb of the request as the API server sees it; audit.act says what it does.",
			From: "verb", Null: noKey, Get: ofText(func(e *Event) *text { return &e.verb }),
		},
		{
			Name: "uri", Cost: costHead, Doc: "URI of the request as the client sent it.", From: "requestURI", Null: noKey,
			Get: ofText(func(e *Event) *text { return &e.requestURI }),
		},
		{
			Name: "path", Cost: costHead, Doc: "Path of the URI, percent-decoded and without the query.", From: "requestURI", Null: noKey,
			Get: ofString((*Event).path),
		},
		{
			Name: "param", Cost: costHead, Arg: event.ArgKey, Doc: "First value of a query parameter, decoded.", From: "requestURI",
			Null: "the query has no such parameter",
			Get: get(func(e *Event, a *event.Arg, v *event.Value) {
				if s, ok := e.param(a.Text); ok {
					v.SetText(s)
				}
			}),
		},
		{
			Name: "useragent", Cost: costHead, Doc: "What the client says it is.", From: "userAgent", Null: noKey,
			Get: ofText(func(e *Event) *text { return &e.userAgent }),
		},
		{
			Name: "code", Type: event.Number, Cost: costHead, Doc: "Status code of the answer.", From: "responseStatus.code",
			Null: "there is no answer yet",
			Get: get(func(e *Event, _ *event.Arg, v *event.Value) {
				if code := e.code(); code > 0 {
					v.SetNumber(uint64(code))
				}
			}),
		},
		{
			Name: "reason", Cost: costHead, Doc: "Reason in one word where the request failed.", From: "responseStatus.reason", Null: noKey,
			Get: ofText(func(e *Event) *text { return &e.status.reason }),
		},
		{
			Name: "done", Type: event.Bool, Cost: costHead,
			Doc: "Says whether the event gives the verdict on its request: ResponseComplete or Panic, and ResponseStarted where the request stays " +
				"open (exec, attach, port-forward, proxy, watch, log with follow). A rule that names it gives one alert for each request.",
			From: "stage, verb, objectRef.subresource, requestURI", Null: never, Get: ofBool((*Event).done),
		},
		{
			Name: "ok", Cost: costHead,
			Doc:    "Says how the request went: yes (2xx, 101), no (4xx), unknown (no code, 5xx, Panic, closed early). Even a 504 may have created something.",
			From:   "responseStatus.code, responseStatus.message, stage",
			Values: []string{"yes", "no", "unknown"}, Null: never,
			Get: get(func(e *Event, _ *event.Arg, v *event.Value) { v.SetText(e.ok()) }),
		},
		{
			Name: "denied", Type: event.Bool, Cost: costHead,
			Doc:  "Says whether the request was forbidden. A 401 is none: nobody was authenticated who could be denied anything.",
			From: "annotations[authorization.k8s.io/decision], responseStatus.code", Null: never, Get: ofBool((*Event).denied),
		},
		{
			Name: "decision", Cost: costHead, Doc: "What the authorizer decided.", From: "annotations[authorization.k8s.io/decision]",
			Values: []string{"allow", "forbid"}, Null: "the event has no such annotation: unknown, not allowed", Get: ofFound((*Event).decision),
		},
		{
			Name: "decision.reason", Cost: costHead, Doc: "Why the authorizer decided so, with the binding and the role.",
			From: "annotations[authorization.k8s.io/reason]", Null: "the event has no such annotation", Get: ofFound((*Event).decisionReason),
		},
		{
			Name: "dry", Type: event.Bool, Cost: costHead,
			Doc: "Says whether a write was only tried (dryRun=All). It is false for reads, which ignore that, and for exec and proxy, which refuse it: " +
				"there it must not silence a rule.",
			From: "requestURI, requestObject.dryRun of a delete", Null: never, Get: ofBool((*Event).dry),
		},
		{
			Name: "act", Cost: costHead,
			Doc: "What the request does: create (an apply that is answered 201 as well), modify, delete, read (get, list, watch), or exec, attach, " +
				"portforward, proxy by the subresource, whatever the verb. Other verbs stand for themselves.",
			From: "verb, objectRef.subresource, responseStatus.code", Null: noKey, Get: ofString((*Event).act),
		},
		{
			Name: "read", Cost: costHead, Doc: "How much a read reads. A get of a resource without a name is a list.", From: "verb, objectRef.name",
			Values: []string{"one", "list", "watch"}, Null: "the request is no read", Get: ofString((*Event).read),
		},
		{
			Name: "truncated", Type: event.Bool, Cost: costHead, Doc: "Says whether bodies were left out of the event because of their size.",
			From: "annotations[audit.k8s.io/truncated], AKS' marker in the place of a body", Null: never, Get: ofBool((*Event).truncated),
		},
	}
}

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
			Name: "obj", Cost: costBody, Arg: event.ArgKey,
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
		Name: name, Cost: costBody, Arg: event.ArgKey, Doc: "Value of a " + strings.Replace(what, "annotation", "n annotation", 1) + " of the object.",
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

func execFields() []event.Field {
	const noExec = "the request is no exec"
	flag := func(name, doc string) event.Field {
		return event.Field{
			Name: "exec." + name, Type: event.Bool, Cost: costHead, Doc: doc, From: "requestURI, parameter " + name, Null: "the request is neither exec nor attach",
			Get: get(func(e *Event, _ *event.Arg, v *event.Value) {
				if act := e.act(); act == actExec || act == actAttach {
					v.SetBool(e.flagParam(name))
				}
			}),
		}
	}
	return []event.Field{
		{
			Name: "exec.command", Cost: costHead,
			Doc:  "Command of an exec, words joined by blanks. A command that nodes/proxy hands to the kubelet's own /exec or /run counts.",
			From: "requestURI, parameters command (kubelet's /run: cmd)", Null: noExec,
			Get: ofString((*Event).execCommand),
		},
		{
			Name: "exec.argv", List: true, Cost: costHead, Doc: "Command of an exec, word by word.",
			From: "requestURI, parameters command (kubelet's /run: cmd)", Null: noExec,
			Get: get(func(e *Event, _ *event.Arg, v *event.Value) {
				for _, word := range e.execArgv() {
					v.Append(word)
				}
			}),
		},
		{
			Name: "exec.container", Cost: costHead, Doc: "Container that an exec or attach names.", From: "requestURI, parameter container",
			Null: noExec + " and no attach, or names no container", Get: ofFound((*Event).execContainer),
		},
		flag("tty", "Says whether an exec or attach asks for a terminal."),
		flag("stdin", "Says whether an exec or attach sends input."),
		{
			Name: "proxy.path", Cost: costHead,
			Doc:  "Path that a request through pods/proxy, services/proxy or nodes/proxy asks of the other side: decoded once, cleaned, with a leading slash.",
			From: "requestURI", Null: "the request is no proxy", Get: ofFound((*Event).proxyPath),
		},
		{
			Name: "proxy.port", Cost: costHead, Doc: "Port, by number or name, that a request through proxy names.",
			From: "objectRef.name (name:port or scheme:name:port)", Null: "the request is no proxy or names no port", Get: ofFound((*Event).proxyPort),
		},
	}
}
