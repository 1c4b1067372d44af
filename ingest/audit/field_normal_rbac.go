package audit

import (
	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/audit/tape"
)

func bindingFields() []event.Field {
	const noBinding = "the object is no binding, or it is not said"
	role := func(name, key, doc string) event.Field {
		return event.Field{
			Name: "binding." + name, Cost: costBody, Doc: doc, From: "roleRef." + key + " of the object", Null: noBinding,
			Get: get(func(e *Event, _ *event.Arg, v *event.Value) { setString(v, e.binding().Get("roleRef").Get(key)) }),
		}
	}
	subject := func(key, doc string) event.Field {
		return event.Field{
			Name: "subject." + key, Scope: event.ScopeSubject, Cost: costBody, Doc: doc, From: "subjects." + key + " of the object", Null: noBinding,
			Get: get(func(e *Event, a *event.Arg, v *event.Value) {
				if s := e.subjects(); a.Elem >= 0 && a.Elem < len(s) {
					setString(v, s[a.Elem].Get(key))
				}
			}),
		}
	}
	return []event.Field{
		role("role", "name", "Name of the role that a RoleBinding or ClusterRoleBinding grants."),
		role("role.kind", "kind", "Kind of the role that a binding grants: Role or ClusterRole."),
		{
			Name: "binding.subjects", List: true, Cost: costBody, Doc: "To whom a binding grants its role: User:alice, Group:dev, ServiceAccount:shop/robot.",
			From: "subjects of the object", Null: "the object is no binding or has no subjects",
			Get: get(func(e *Event, _ *event.Arg, v *event.Value) {
				for _, s := range e.subjects() {
					v.Append(e.subjectText(s))
				}
			}),
		},
		subject("kind", "Kind of a binding's subject: User, Group or ServiceAccount."),
		subject("name", "Name of a binding's subject."),
		subject("namespace", "Namespace of a binding's subject that is a service account."),
	}
}

func roleFields() []event.Field {
	list := func(name, key, doc string) event.Field {
		return event.Field{
			Name: "rule." + name, List: true, Scope: event.ScopeRule, Cost: costBody, Doc: doc, From: "rules." + key + " of the object",
			Null: "the object is no role, or the rule has none",
			Get: get(func(e *Event, a *event.Arg, v *event.Value) {
				if r := e.rules(); a.Elem >= 0 && a.Elem < len(r) {
					appendScalars(v, r[a.Elem].Get(key))
				}
			}),
		}
	}
	return []event.Field{
		list("verbs", "verbs", "Verbs that a rule of a Role or ClusterRole allows."),
		list("resources", "resources", "Resources, with their subresources, that a rule is about."),
		list("groups", "apiGroups", "API groups that a rule is about; the empty text is the core group."),
		list("names", "resourceNames", "Names of the objects that a rule is limited to."),
		list("urls", "nonResourceURLs", "URLs that are no resources that a rule is about."),
		{
			Name: "role.aggregates", Type: event.Bool, Cost: costBody,
			Doc:  "Says whether a ClusterRole gathers the rules of others, so that it grows without being changed.",
			From: "aggregationRule of the object", Null: "the object is no role, or a patch does not say it",
			Get: get(func(e *Event, _ *event.Arg, v *event.Value) {
				o := e.obj()
				if !e.resourceIs("roles", "clusterroles") || o.root.Kind() != tape.Object {
					return
				}
				if rule := o.root.Get("aggregationRule"); rule.Kind() != tape.Absent || !o.partial() {
					v.SetBool(rule.Exists())
				}
			}),
		},
	}
}

func csrFields() []event.Field {
	const noCSR = "the object is no CertificateSigningRequest"
	return []event.Field{
		{
			Name: "csr.cn", Cost: costBody, Doc: "Common name that a certificate is requested for: the user that it authenticates.",
			From: "spec.request of the object, decoded", Null: noCSR + ", or its request cannot be read",
			Get: ofFound(func(e *Event) (string, bool) { c := e.csr(); return c.cn, c.ok }),
		},
		{
			Name: "csr.orgs", List: true, Cost: costBody, Doc: "Organizations that a certificate is requested for: the groups of its user.",
			From: "spec.request of the object, decoded", Null: noCSR + ", its request cannot be read or names none",
			Get: get(func(e *Event, _ *event.Arg, v *event.Value) {
				for _, org := range e.csr().orgs {
					v.Append(org)
				}
			}),
		},
		{
			Name: "csr.signer", Cost: costBody, Doc: "Signer that a certificate is requested of.", From: "spec.signerName of the object", Null: noCSR,
			Get: ofString(func(e *Event) string { return stringOf(e.csrObject().Get("spec").Get("signerName")) }),
		},
		{
			Name: "csr.usages", List: true, Cost: costBody, Doc: "What a certificate is to be used for.", From: "spec.usages of the object",
			Null: noCSR + ", or names none",
			Get: get(func(e *Event, _ *event.Arg, v *event.Value) {
				appendScalars(v, e.csrObject().Get("spec").Get("usages"))
			}),
		},
	}
}
