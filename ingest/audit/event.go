package audit

import (
	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/audit/envelope"
)

// Event is one audit event. It implements event.Event. It and all that is read from it is valid until its Decoder reads the next.
// Members are places in line; their names are those of audit.k8s.io/v1 (k8s.io/apiserver, package apis/audit/v1, type Event).
// A member that is missing, null or of another type than the API gives it is absent.
type Event struct {
	line   []byte // the JSON value of the event and nothing else, owned by the batch
	timeNs int64  // stageTimestamp, nanoseconds since 1970 UTC, where timeKnown

	timeKnown             bool
	kind, version         text // version: apiVersion
	level, auditID, stage text
	requestURI, verb      text
	user, impersonated    user
	constraint            text // authenticationMetadata.impersonationConstraint
	sourceIPs             list
	userAgent             text
	object                objectRef
	status                responseStatus
	received, stageTime   text // requestReceivedTimestamp, stageTimestamp
	annotations           span // object of strings

	from   envelope.Kind
	number uint64 // line of its file that it is read from, counted from 1

	bodies  bodies
	arena   arena
	view    view
	clients clients

	remembered       *authorization // what annotations says, where tails knows it; nil where it does not
	ownAuthorization authorization  // else
}

// user is user or impersonatedUser: authentication.k8s.io/v1 UserInfo.
type user struct {
	present   bool // the object is there, if perhaps empty
	name, uid text // username, uid
	groups    list
	extra     span // object of lists of strings
}

// objectRef is what the request is about; absent for requests that name no resource.
type objectRef struct {
	present                        bool
	resource, namespace, name, uid text
	apiGroup, apiVersion           text
	resourceVersion, subresource   text
}

// responseStatus is the outcome; absent before there is one.
type responseStatus struct {
	present         bool
	code            span // a number
	status          text // "Success" or "Failure"
	reason, message text
}

// Source is event.SourceAudit.
func (e *Event) Source() event.Source { return event.SourceAudit }

// TimeNs is stageTimestamp in nanoseconds since 1970 UTC.
func (e *Event) TimeNs() int64 { return e.timeNs }
