package audit

import (
	"slices"

	"github.com/parallax-sec/parallax/event"
)

// normalFields returns our own fields, audit.*: what a request does, to what and by whom, told alike whatever verb, body
// or kind of workload it comes with. The built-in rules are written against them.
func normalFields() []event.Field {
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
