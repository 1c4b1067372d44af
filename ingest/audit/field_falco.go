package audit

import (
	"slices"
	"strings"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/audit/lex"
	"github.com/parallax-sec/parallax/ingest/audit/tape"
)

// falcoFields returns the fields that rule files written for Falco name, with the names, types and null behaviour of its
// documentation: ka.* of the plugin k8saudit 0.18.0, jevt.* and json.* of the plugin json 0.7.4, and evt.* as far as a rule of
// the source k8s_audit may use it. Where the plugin does otherwise than its documentation says, these do what it says.
func falcoFields() []event.Field {
	fields := slices.Concat(kaHeadFields(), kaBindingFields(), kaObjectFields(), kaPodFields(),
		kaContainerFields("containers", "container"), kaContainerFields("initContainers", "init container"),
		kaContainerFields("ephemeralContainers", "ephemeral container"), jsonFields(), genericFields())
	for i := range fields {
		fields[i].Source = event.SourceAudit
	}
	return fields
}

// Phrases of Null that many fields share.
const (
	noKey  = "the event has no such key"
	noBody = "requestObject is not logged or has no such key"
)

// ka is a field of Falco's that is read from the event's head.
func ka(name, doc, from string, get func(event.Event, *event.Arg, *event.Value)) event.Field {
	return event.Field{Name: "ka." + name, Doc: doc, From: from, Null: noKey, Cost: costHead, Get: get}
}

// kaBody is a field of Falco's whose value is the text of the node at a path of requestObject.
func kaBody(name, doc, pointer string) event.Field {
	path := tape.ParsePath(pointer)
	return event.Field{
		Name: "ka." + name, Doc: doc, From: "requestObject" + strings.ReplaceAll(pointer, "/", "."), Null: noBody, Cost: costBody,
		Get: get(func(e *Event, _ *event.Arg, v *event.Value) { setNode(v, e.request().Lookup(path)) }),
	}
}

func configMapData() event.Field {
	f := kaBody("req.configmap.obj", "Contents of a config map, as JSON.", "/data")
	f.Raw = "/data"
	return f
}

// kaBodyList is a field of Falco's whose value are the texts of an array's elements.
func kaBodyList(name, doc, pointer string) event.Field {
	f := kaBody(name, doc, pointer)
	path := tape.ParsePath(pointer)
	f.List = true
	f.Null = noBody + ", or the list is empty"
	f.Get = get(func(e *Event, _ *event.Arg, v *event.Value) {
		for n := range e.request().Lookup(path).Elements() {
			v.Append(n.Text())
		}
	})
	return f
}

// indexed makes a field a list that takes an optional index.
func indexed(f event.Field) event.Field {
	f.List, f.Arg = true, event.ArgIndex
	return f
}

// keyed makes a field one that wants a key.
func keyed(f event.Field) event.Field {
	f.Arg = event.ArgKey
	return f
}

func kaHeadFields() []event.Field {
	annotation := func(key string) func(event.Event, *event.Arg, *event.Value) {
		return ofFound(func(e *Event) (string, bool) { return e.annotation(key) })
	}
	groups := ka("user.groups", "Groups of the user who authenticated.", "user.groups", ofList(func(e *Event) *list { return &e.user.groups }))
	groups.List, groups.Null = true, "there are no groups"
	sources := indexed(ka("sourceips", "Addresses that the request came over: those that proxies claim first, the one that the API server saw last.",
		"sourceIPs", ofList(func(e *Event) *list { return &e.sourceIPs })))
	return []event.Field{
		ka("auditid", "Id of the request. The client may choose it.", "auditID", ofText(func(e *Event) *text { return &e.auditID })),
		ka("stage", "Stage of the request that the event tells of.", "stage", ofText(func(e *Event) *text { return &e.stage })),
		ka("auth.decision", "What the authorizer decided: allow or forbid.", "annotations[authorization.k8s.io/decision]", ofFound((*Event).decision)),
		ka("auth.reason", "Why the authorizer decided so.", "annotations[authorization.k8s.io/reason]", ofFound((*Event).decisionReason)),
		ka("auth.openshift.decision", "What OpenShift's authentication decided.", "annotations[authentication.openshift.io/decision]",
			annotation("authentication.openshift.io/decision")),
		ka("auth.openshift.username", "User whom OpenShift's authentication was asked about.", "annotations[authentication.openshift.io/username]",
			annotation("authentication.openshift.io/username")),
		ka("validations.admission.policy.failure", "What validating admission policies objected to.",
			"annotations[validation.policy.admission.k8s.io/validation_failure]", annotation("validation.policy.admission.k8s.io/validation_failure")),
		ka("security.pod.violations", "What a pod violates of the pod security level in audit mode.",
			"annotations[pod-security.kubernetes.io/audit-violations]", annotation("pod-security.kubernetes.io/audit-violations")),
		ka("user.name", "User who authenticated.", "user.username", ofText(func(e *Event) *text { return &e.user.name })),
		groups,
		ka("impuser.name", "User whom the request impersonates.", "impersonatedUser.username", ofText(func(e *Event) *text { return &e.impersonated.name })),
		ka("verb", "Verb of the request.", "verb", ofText(func(e *Event) *text { return &e.verb })),
		ka("uri", "URI of the request as the client sent it.", "requestURI", ofText(func(e *Event) *text { return &e.requestURI })),
		keyed(ka("uri.param", "First value of a query parameter, decoded.", "requestURI",
			get(func(e *Event, a *event.Arg, v *event.Value) {
				if s, ok := e.param(a.Text); ok {
					v.SetText(s)
				}
			}))),
		ka("target.name", "Name of the object that the request is about.", "objectRef.name", ofText(func(e *Event) *text { return &e.object.name })),
		ka("target.namespace", "Namespace of the object.", "objectRef.namespace", ofText(func(e *Event) *text { return &e.object.namespace })),
		ka("target.resource", "Resource of the object, plural as in the API.", "objectRef.resource", ofText(func(e *Event) *text { return &e.object.resource })),
		ka("target.subresource", "Subresource of the object.", "objectRef.subresource", ofText(func(e *Event) *text { return &e.object.subresource })),
		ka("response.code", "Status code of the answer.", "responseStatus.code", ofFound((*Event).codeText)),
		ka("response.reason", "Reason in one word where the request failed.", "responseStatus.reason", ofText(func(e *Event) *text { return &e.status.reason })),
		ka("useragent", "What the client says it is.", "userAgent", ofText(func(e *Event) *text { return &e.userAgent })),
		sources,
		ka("cluster.name", "Name of the cluster where the one who collects the log annotates it.", "annotations.cluster_name", annotation("cluster_name")),
	}
}

func kaBindingFields() []event.Field {
	named := func(name, kind, what string, withNamespace bool) event.Field {
		f := kaBodyList("req.binding.subjects."+name, what, "/subjects")
		f.Null = "requestObject is not logged or has no subject of that kind"
		f.Get = get(func(e *Event, _ *event.Arg, v *event.Value) { e.subjectNames(kind, withNamespace, v) })
		return f
	}
	hasName := keyed(kaBody("req.binding.subject.has_name", "Deprecated. Says whether the binding names a subject of that name.", "/subjects"))
	hasName.Null = "requestObject is not logged or does not name the subject"
	hasName.Get = get(func(e *Event, a *event.Arg, v *event.Value) {
		for s := range e.request().Get("subjects").Elements() {
			if isText(s.Get("name"), a.Text) {
				v.SetText("true")
			}
		}
	})
	return []event.Field{
		kaBodyList("req.binding.subjects", "Subjects of a binding, as JSON.", "/subjects"),
		named("user_names", "User", "Names of the users that a binding is for.", false),
		named("group_names", "Group", "Names of the groups that a binding is for.", false),
		named("serviceaccount_names", "ServiceAccount", "Names of the service accounts that a binding is for.", false),
		named("serviceaccount_ns_names", "ServiceAccount", "The service accounts that a binding is for, as namespace:name.", true),
		kaBody("req.binding.role", "Name of the role that a binding grants.", "/roleRef/name"),
		hasName,
	}
}

// subjectNames adds the names of the subjects of a kind.
func (e *Event) subjectNames(kind string, withNamespace bool, v *event.Value) {
	for s := range e.request().Get("subjects").Elements() {
		name := s.Get("name")
		if !isText(s.Get("kind"), kind) || name.Kind() != tape.String {
			continue
		}
		if !withNamespace {
			v.Append(name.Text())
			continue
		}
		v.Append(e.keep(func(dst []byte) []byte {
			dst = append(dst, stringOf(s.Get("namespace"))...)
			return append(append(dst, ':'), name.Text()...)
		}))
	}
}

func kaObjectFields() []event.Field {
	configMap := ka("req.configmap.name", "Name of the object that the request is about.", "objectRef.name",
		ofText(func(e *Event) *text { return &e.object.name }))
	respName := kaBody("resp.name", "Name of the object in the answer.", "")
	respName.From, respName.Null = "responseObject.metadata.name", "responseObject is not logged or has no name"
	respName.Get = get(func(e *Event, _ *event.Arg, v *event.Value) { setNode(v, e.response().Get("metadata").Get("name")) })
	podName := kaBody("target.pod.name", "Name of the pod that the request is about, where it made one whose name was generated too.", "")
	podName.From, podName.Null = "responseObject.metadata.name", "the request is about no pod or about a subresource, or responseObject is not logged"
	podName.Get = get(func(e *Event, _ *event.Arg, v *event.Value) {
		if e.resourceIs("pods", "pods") {
			setNode(v, e.response().Get("metadata").Get("name"))
		}
	})
	ports := indexed(kaBody("req.service.ports", "Ports of a service: one text, the JSON of the whole list, whatever the index.", "/spec/ports"))
	ports.Get = get(func(e *Event, _ *event.Arg, v *event.Value) {
		if n := e.request().Get("spec").Get("ports"); n.Kind() != tape.Absent {
			v.Append(n.Text())
		}
	})
	return []event.Field{
		podName, respName, configMap, ports,
		configMapData(),
		kaBody("req.service.type", "Type of a service.", "/spec/type"),
		kaBodyList("req.role.rules", "Rules of a role, as JSON.", "/rules"),
		kaRuleField("apiGroups", "API groups"),
		kaRuleField("nonResourceURLs", "URLs that are no resources"),
		kaRuleField("verbs", "Verbs"),
		kaRuleField("resources", "Resources"),
	}
}

// kaRuleField is a member of the rules of a role, of all of them or of one.
func kaRuleField(key, what string) event.Field {
	f := indexed(kaBody("req.role.rules."+key, what+" of the rules of a role, of all rules or of the one of the index.", "/rules/*/"+key))
	f.Null = noBody + ", or no rule has any"
	f.Get = get(func(e *Event, a *event.Arg, v *event.Value) {
		i := 0
		for rule := range e.request().Get("rules").Elements() {
			if wanted(a, i) {
				for n := range rule.Get(key).Elements() {
					v.Append(n.Text())
				}
			}
			i++
		}
	})
	return f
}

// codeText is responseStatus.code as it stands there.
func (e *Event) codeText() (string, bool) {
	if !e.status.code.present() {
		return "", false
	}
	return lex.Alias(e.raw(e.status.code)), true
}
