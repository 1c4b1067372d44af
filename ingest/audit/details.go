package audit

import (
	"slices"
	"strings"

	"github.com/parallax-sec/parallax/event"
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

// Details copies what an alert about the event tells.
func (e *Event) Details(event.Scope, int) *event.Details {
	d := &event.Details{
		Source:     event.SourceAudit,
		TimeNs:     e.timeNs,
		ReceivedNs: e.receivedNs(),
		EventID:    e.EventID(),
		RequestID:  e.RequestID(),
		Audit:      e.auditDetails(),
	}
	e.describeActor(d)
	e.describeObject(d)
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

func (e *Event) describeActor(d *event.Details) {
	d.User, d.UserUID, d.Groups = e.clone(&e.user.name), e.clone(&e.user.uid), cloneAll(e.strs(&e.user.groups))
	d.Impersonated, d.ImpGroups = e.clone(&e.impersonated.name), cloneAll(e.strs(&e.impersonated.groups))
	d.SourceIP = strings.Clone(e.lastSourceIP())
	d.UserAgent = e.clone(&e.userAgent)
}

func (e *Event) describeObject(d *event.Details) {
	o := &e.object
	d.Namespace, d.Resource, d.Subres = e.clone(&o.namespace), e.clone(&o.resource), e.clone(&o.subresource)
	d.APIGroup, d.Name, d.ObjectUID = e.clone(&o.apiGroup), e.clone(&o.name), e.clone(&o.uid)
}

func (e *Event) auditDetails() *event.Audit {
	return &event.Audit{
		AuditID: e.clone(&e.auditID), Level: e.clone(&e.level), Stage: e.clone(&e.stage), Verb: e.clone(&e.verb),
		RequestURI: e.clone(&e.requestURI),
		Reason:     e.clone(&e.status.reason),
		SourceIPs:  cloneAll(e.strs(&e.sourceIPs)),
		APIVersion: version1,
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
