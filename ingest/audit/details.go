package audit

import (
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
// to be asked afterwards. Matches of one event share the result, except where they tell different containers.
func (e *Event) Details(scope event.Scope, elem int) *event.Details {
	if scope != event.ScopeContainer {
		elem = -1
	}
	v := e.derived()
	if v.record == nil || v.record.elem != elem {
		v.record = e.newRecord(elem)
	}
	return &v.record.details
}

// newRecord makes the Details that tell a container, or none where elem is -1.
func (e *Event) newRecord(elem int) *record {
	e.split()
	r := newRecord()
	r.elem = elem
	d := &r.details
	d.Source, d.TimeNs, d.ReceivedNs = event.SourceAudit, e.timeNs, e.receivedNs()
	d.RequestID, d.EventID = e.recordIDs(r)
	e.describeAudit(r)
	e.describeAction(r)
	e.describeActor(r)
	e.describeObject(r)
	e.describeCommand(r)
	if elem >= 0 {
		e.describeContainer(r, elem)
	}
	return r
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

func (e *Event) describeAction(r *record) {
	d := &r.details
	d.Action = r.copy(e.act())
	d.Change = changeOf(d.Action)
	e.describeCategories(r)
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

// describeCategories sets event.category of ECS, of those that allow the event.type that was set: api for all, iam for who may do what.
func (e *Event) describeCategories(r *record) {
	categories := [...]string{"api", "iam"}
	group, _ := e.str(&e.object.apiGroup)
	resource, _ := e.str(&e.object.resource)
	rights := group == "rbac.authorization.k8s.io" || group == "certificates.k8s.io" || resource == "serviceaccounts"
	if rights && r.details.Change != "access" {
		r.details.Categories = r.copyList(categories[:])
	} else {
		r.details.Categories = r.copyList(categories[:1])
	}
}

func (e *Event) describeActor(r *record) {
	d := &r.details
	d.User, d.UserUID, d.Groups = e.copy(r, &e.user.name), e.copy(r, &e.user.uid), r.copyList(e.strs(&e.user.groups))
	d.Impersonated, d.ImpGroups = e.copy(r, &e.impersonated.name), r.copyList(e.strs(&e.impersonated.groups))
	d.Principal = r.copy(e.principal())
	d.ActorClass, _ = e.actorClass()
	d.SourceIP, d.UserAgent = r.copy(e.sourceIP()), scrub.Text(e.copy(r, &e.userAgent))
}

func (e *Event) describeObject(r *record) {
	d, o := &r.details, &e.object
	d.Namespace, d.Resource, d.Subres, d.APIGroup = e.copy(r, &o.namespace), e.copy(r, &o.resource), e.copy(r, &o.subresource), e.copy(r, &o.apiGroup)
	name, _ := e.objectName()
	uid, _ := e.objectUID()
	d.Name, d.ObjectUID = r.copy(name), r.copy(uid)
	if d.Resource == "pods" {
		d.PodUID = d.ObjectUID
	}
	cluster, _ := e.annotation("cluster_name")
	d.Cluster = r.copy(cluster)
	if verb, _ := e.str(&e.verb); !ofMany(verb) || e.view.obj.done || e.bodies.tooLarge() {
		e.describeShown(d)
	}
	if e.bodies.wholeDoc.parsed && e.bodies.wholeDoc.tooLarge {
		d.Blind = append(d.Blind, "the event as a whole: it has too many values")
	}
	if lost := e.from.Lost(); lost != "" {
		d.Blind = append(d.Blind, lost)
	}
	if e.truncated() {
		d.Blind = append(d.Blind, "bodies: left out of the event because of their size")
	}
}

// describeShown tells how far the event shows the object.
func (e *Event) describeShown(d *event.Details) {
	shown := e.obj()
	d.Partial = shown.partial()
	if shown.from == fromNothing && (d.Action == actCreate || d.Action == actModify) {
		d.Blind = append(d.Blind, "the object: the event has no body that shows it (audit level "+d.Audit.Level+")")
	}
	if shown.incomplete {
		d.Blind = append(d.Blind, "the object: its body states more than can be worked out")
	}
}

// describeCommand tells the command of an exec, and the terminal of an exec or attach.
func (e *Event) describeCommand(r *record) {
	d := &r.details
	if argv := e.execArgv(); len(argv) > 0 {
		d.Command = r.copyList(scrub.Argv(event.ClipList(argv)))
	}
	container, _ := e.execContainer()
	d.Container = r.copy(container)
	if (d.Action == actExec || d.Action == actAttach) && !e.queryLost() {
		d.TTY = "false"
		if e.flagParam("tty") {
			d.TTY = "true"
		}
	}
}

// describeContainer tells the container that matched.
func (e *Event) describeContainer(r *record, elem int) {
	if all := e.podSpec().containers; elem < len(all) {
		r.details.Container = r.copy(stringOf(all[elem].node.Get("name")))
		r.details.Image = r.copy(stringOf(all[elem].node.Get("image")))
	}
}

func (e *Event) describeAudit(r *record) {
	decision, _ := e.decision()
	why, _ := e.decisionReason()
	uri, _ := e.str(&e.requestURI)
	r.audit = event.Audit{
		AuditID: e.copy(r, &e.auditID), Level: e.copy(r, &e.level), Stage: e.copy(r, &e.stage), Verb: e.copy(r, &e.verb),
		RequestURI: r.copy(scrub.URI(event.Clip(uri, event.MaxTextBytes))),
		Code:       e.code(), Reason: e.copy(r, &e.status.reason),
		Decision: r.copy(decision), DecisionReason: r.copy(why),
		SourceIPs:  r.copyList(e.strs(&e.sourceIPs)),
		APIVersion: e.copy(r, &e.object.apiVersion),
	}
}

// copy is what t reads, in memory of r; "" if it is absent.
func (e *Event) copy(r *record, t *text) string {
	s, _ := e.str(t)
	return r.copy(s)
}
