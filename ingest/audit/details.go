package audit

import (
	"slices"
	"strings"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/event/scrub"
)

// Elements says how many parts of a scope the event has.
func (e *Event) Elements(s event.Scope) int {
	switch s {
	case event.ScopeEvent:
		return 1
	case event.ScopeContainer:
		return len(e.podSpec().containers)
	case event.ScopeRule:
		return len(e.rules())
	case event.ScopeSubject:
		return len(e.subjects())
	}
	return 0
}

// Details copies what an alert about the event tells. Since an alert is evidence, it checks the whole event: BodyFault is
// to be asked afterwards.
func (e *Event) Details(scope event.Scope, elem int) *event.Details {
	e.split()
	d := &event.Details{
		Source:     event.SourceAudit,
		TimeNs:     e.timeNs,
		ReceivedNs: e.receivedNs(),
		EventID:    e.EventID(),
		RequestID:  e.RequestID(),
		Audit:      e.auditDetails(),
	}
	e.describeAction(d)
	e.describeActor(d)
	e.describeObject(d)
	e.describeCommand(d)
	if scope == event.ScopeContainer {
		e.describeContainer(d, elem)
	}
	return d
}

// receivedNs is requestReceivedTimestamp in nanoseconds since 1970 UTC, 0 if it is absent or no time.
func (e *Event) receivedNs() int64 {
	s, _ := e.str(&e.received)
	ns, err := parseTime(s)
	if err != nil {
		return 0
	}
	return ns
}

func (e *Event) describeAction(d *event.Details) {
	d.Action = strings.Clone(e.act())
	d.Change = changeOf(d.Action)
	d.Categories = e.categories(d.Change)
	switch e.ok() {
	case "yes":
		d.Outcome = "success"
	case "no":
		d.Outcome = "failure"
	default:
		d.Outcome = "unknown"
	}
}

// changeOf is event.type of ECS for what a request does, of those that the category api allows.
func changeOf(act string) string {
	switch act {
	case actCreate:
		return "creation"
	case actModify:
		return "change"
	case actDelete:
		return "deletion"
	case actRead, actExec, actAttach, actPortforward, actProxy:
		return "access"
	}
	return "info"
}

// categories is event.category of ECS, of those that allow the event.type change: api for all, iam for who may do what.
func (e *Event) categories(change string) []string {
	group, _ := e.str(&e.object.apiGroup)
	resource, _ := e.str(&e.object.resource)
	rights := group == "rbac.authorization.k8s.io" || group == "certificates.k8s.io" || resource == "serviceaccounts"
	if rights && change != "access" {
		return []string{"api", "iam"}
	}
	return []string{"api"}
}

func (e *Event) describeActor(d *event.Details) {
	d.User, d.UserUID, d.Groups = e.clone(&e.user.name), e.clone(&e.user.uid), cloneAll(e.strs(&e.user.groups))
	d.Impersonated, d.ImpGroups = e.clone(&e.impersonated.name), cloneAll(e.strs(&e.impersonated.groups))
	d.Principal = strings.Clone(e.principal())
	d.ActorClass, _ = e.actorClass()
	d.SourceIP, d.UserAgent = strings.Clone(e.sourceIP()), e.clone(&e.userAgent)
}

func (e *Event) describeObject(d *event.Details) {
	o := &e.object
	d.Namespace, d.Resource, d.Subres, d.APIGroup = e.clone(&o.namespace), e.clone(&o.resource), e.clone(&o.subresource), e.clone(&o.apiGroup)
	name, _ := e.objectName()
	uid, _ := e.objectUID()
	d.Name, d.ObjectUID, d.PodUID = strings.Clone(name), strings.Clone(uid), strings.Clone(e.podUID())
	shown := e.obj()
	d.Partial = shown.partial()
	if shown.from == fromNothing && (d.Action == actCreate || d.Action == actModify) {
		d.Blind = append(d.Blind, "the object: the event has no body that shows it (audit level "+e.clone(&e.level)+")")
	}
	if e.truncated() {
		d.Blind = append(d.Blind, "bodies: left out of the event because of their size")
	}
}

// describeCommand tells the command of an exec, and the terminal of an exec or attach.
func (e *Event) describeCommand(d *event.Details) {
	if argv := cloneAll(e.execArgv()); len(argv) > 0 {
		d.Command = scrub.Argv(event.ClipList(argv))
	}
	container, _ := e.execContainer()
	d.Container = strings.Clone(container)
	if d.Action == actExec || d.Action == actAttach {
		d.TTY = "false"
		if e.flagParam("tty") {
			d.TTY = "true"
		}
	}
}

// describeContainer tells the container that matched.
func (e *Event) describeContainer(d *event.Details, elem int) {
	if all := e.podSpec().containers; elem < len(all) {
		d.Container = strings.Clone(stringOf(all[elem].node.Get("name")))
		d.Image = strings.Clone(stringOf(all[elem].node.Get("image")))
	}
}

func (e *Event) auditDetails() *event.Audit {
	decision, _ := e.decision()
	why, _ := e.decisionReason()
	return &event.Audit{
		AuditID: e.clone(&e.auditID), Level: e.clone(&e.level), Stage: e.clone(&e.stage), Verb: e.clone(&e.verb),
		RequestURI: scrub.URI(event.Clip(e.clone(&e.requestURI), event.MaxTextBytes)),
		Code:       e.code(), Reason: e.clone(&e.status.reason),
		Decision: strings.Clone(decision), DecisionReason: strings.Clone(why),
		SourceIPs:  cloneAll(e.strs(&e.sourceIPs)),
		APIVersion: e.clone(&e.object.apiVersion),
	}
}

// clone is what t reads, in memory of its own; "" if it is absent.
func (e *Event) clone(t *text) string {
	s, _ := e.str(t)
	return strings.Clone(s)
}

// cloneAll copies a list and its strings; nil if it is empty.
func cloneAll(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	list = slices.Clone(list)
	for i, s := range list {
		list[i] = strings.Clone(s)
	}
	return list
}
