package audit

import (
	"strings"

	"github.com/parallax-sec/parallax/event"
)

func actorFields() []event.Field {
	const noUser = "nobody authenticated"
	const noImpersonation = "the request impersonates nobody"
	return []event.Field{
		{
			Name: "user", Cost: costHead, Doc: "User who authenticated.", From: "user.username", Null: noUser,
			Get: ofText(func(e *Event) *text { return &e.user.name }),
		},
		{
			Name: "user.uid", Cost: costHead, Doc: "Uid of the user who authenticated.", From: "user.uid", Null: noKey,
			Get: ofText(func(e *Event) *text { return &e.user.uid }),
		},
		{
			Name: "user.groups", List: true, Cost: costHead, Doc: "Groups of the user who authenticated.", From: "user.groups", Null: "there are none",
			Get: ofList(func(e *Event) *list { return &e.user.groups }),
		},
		{
			Name: "user.extra", List: true, Arg: event.ArgKey, Cost: costHead,
			Doc: "What the authenticator tells of the user under a key, upper and lower case being equal.", From: "user.extra", Null: noKey,
			Get: get(func(e *Event, a *event.Arg, v *event.Value) {
				for k, values := range e.userExtra().Members() {
					if strings.EqualFold(k.Text(), a.Text) {
						v.Clear()
						appendScalars(v, values)
					}
				}
			}),
		},
		{
			Name: "impersonated", Cost: costHead, Doc: "User whom the request impersonates.", From: "impersonatedUser.username", Null: noImpersonation,
			Get: ofText(func(e *Event) *text { return &e.impersonated.name }),
		},
		{
			Name: "impersonated.groups", List: true, Cost: costHead, Doc: "Groups that the request impersonates.", From: "impersonatedUser.groups",
			Null: noImpersonation + ", or no groups", Get: ofList(func(e *Event) *list { return &e.impersonated.groups }),
		},
		{
			Name: "actor", Cost: costHead, Doc: "User that the request acts as: the impersonated one, else the one who authenticated.",
			From: "impersonatedUser.username, else user.username", Null: noUser,
			Get: ofText(func(e *Event) *text { return &e.effective().name }),
		},
		{
			Name: "actor.groups", List: true, Cost: costHead, Doc: "Groups that the request acts with.",
			From: "impersonatedUser.groups, else user.groups", Null: "there are none",
			Get: ofList(func(e *Event) *list { return &e.effective().groups }),
		},
		{
			Name: "who", Cost: costHead, Doc: "Who did it, for sentences: the user, and where it impersonates \"bob as alice\".",
			From: "user.username, impersonatedUser.username", Null: noUser, Get: ofString((*Event).who),
		},
		{
			Name: "actor.class", Cost: costHead,
			Doc: "Kind of actor by its name: human (all that is no other), sa (a service account), kcm-sa (one of kube-controller-manager's), node, " +
				"controlplane, cloud (the provider's own), anonymous. Who may impersonate, or have a certificate signed, bears any name: no rule may trust " +
				"the class alone.",
			From:   "the effective user's name and groups",
			Values: []string{classHuman, classSA, classController, classNode, classControlplane, classCloud, classAnonymous},
			Null:   noUser, Get: ofFound((*Event).actorClass),
		},
		{
			Name: "actor.principal", Cost: costHead,
			Doc:  "Person behind a user that several share, as the authenticator tells it: ARN of an AWS session, email, UPN, object id of Azure.",
			From: "user.extra: arn, email, upn, sessionName, oid, canonicalArn, also as last part of a key", Null: "it tells nothing of the kind",
			Get: ofString((*Event).principal),
		},
		{
			Name: "actor.admin", Type: event.Bool, Cost: costHead,
			Doc:  "Says whether the actor is allowed everything: by the ClusterRole cluster-admin, or as a member of system:masters.",
			From: "annotations[authorization.k8s.io/reason], groups of the effective user", Null: never, Get: ofBool((*Event).admin),
		},
		{
			Name: "src", Cost: costHead, Doc: "Address that the API server saw the request come from, the only one that the client cannot choose.",
			From: "sourceIPs, the last", Null: noKey, Get: ofString((*Event).sourceIP),
		},
		{
			Name: "src.net", Type: event.Net, Cost: costHead, Doc: "The same address, to be compared with networks: audit.src.net in (10.0.0.0/8).",
			From: "sourceIPs, the last", Null: noKey, Get: ofString((*Event).sourceIP),
		},
		{
			Name: "src.all", List: true, Cost: costHead, Doc: "Addresses that the request came over: those that proxies claim first.", From: "sourceIPs",
			Null: noKey, Get: ofList(func(e *Event) *list { return &e.sourceIPs }),
		},
	}
}

// who is the user who authenticated and, where there is one, the impersonated one.
func (e *Event) who() string {
	name, _ := e.str(&e.user.name)
	as, ok := e.str(&e.impersonated.name)
	if !ok {
		return name
	}
	return e.keep(func(dst []byte) []byte { return append(append(append(dst, name...), " as "...), as...) })
}
