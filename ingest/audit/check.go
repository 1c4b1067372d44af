package audit

import (
	"errors"
	"fmt"
)

// The kind and version of audit events, and those of lists of them.
const (
	kindEvent     = "Event"
	kindEventList = "EventList"
	version1      = "audit.k8s.io/v1"
)

var (
	errNoKind    = errors.New(`not an audit event: no "kind"`)
	errNoAuditID = errors.New("auditID is missing")
)

// checkKind says whether kind and apiVersion are those of audit events that are read.
func (e *Event) checkKind(inList bool) error {
	k, hasKind := e.str(&e.kind)
	v, hasVersion := e.str(&e.version)
	switch {
	case !hasKind && !inList:
		return errNoKind
	case k == kindEventList:
		return errIsList
	case hasKind && k != kindEvent:
		return fmt.Errorf("not an audit event: kind %s", quote(k))
	case !hasVersion && inList:
		return nil
	}
	return checkVersion(v)
}

// checkVersion says whether an apiVersion is the one that is read.
func checkVersion(v string) error {
	switch v {
	case version1:
		return nil
	case "audit.k8s.io/v1beta1", "audit.k8s.io/v1alpha1":
		return fmt.Errorf("%s is not read: start the API server with --audit-log-version=%s or --audit-webhook-version=%s (the default since Kubernetes 1.13)", v, version1, version1)
	}
	return fmt.Errorf("not an audit event: apiVersion %s", quote(v))
}

// finish checks what every event has to have.
func (e *Event) finish() error {
	if _, ok := e.str(&e.auditID); !ok {
		return errNoAuditID
	}
	if e.timeKnown {
		return nil
	}
	stamp, ok := e.str(&e.stageTime)
	if !ok {
		return errors.New("stageTimestamp is missing")
	}
	ns, err := parseTime(stamp)
	if err != nil {
		return fmt.Errorf("stageTimestamp %s: %w", quote(stamp), err)
	}
	e.timeNs, e.timeKnown = ns, true
	return nil
}

// quoteBytes is how much of hostile text a reason shows.
const quoteBytes = 64

// quote is s as it can be printed, cut if it is long.
func quote(s string) string {
	if len(s) > quoteBytes {
		return fmt.Sprintf("%+q...", s[:quoteBytes])
	}
	return fmt.Sprintf("%+q", s)
}
