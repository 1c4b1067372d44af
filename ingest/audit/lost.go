package audit

import "github.com/parallax-sec/parallax/ingest/audit/envelope"

// Envelope is what the event came in.
func (e *Event) Envelope() envelope.Kind { return e.from }

// queryLost says whether the request may have had a query that the event does not have.
func (e *Event) queryLost() bool { return e.from == envelope.GKE }

// LostFields are the fields that have no value in events of a kind because the log does not tell what they are read from; nil
// where it tells all. Envelope.Lost says the same to people.
func LostFields(k envelope.Kind) []string {
	impersonation := []string{"ka.impuser.name", "audit.impersonated", "audit.impersonated.groups"}
	switch k {
	case envelope.AKSTable, envelope.AKSAdminTable:
		return impersonation
	case envelope.GKE:
		return append(impersonation,
			"ka.user.groups", "audit.user.groups", "audit.actor.groups", "audit.user.uid", "audit.user.extra", "audit.actor.principal",
			"ka.uri.param", "audit.param", "audit.exec.command", "audit.exec.plain", "audit.exec.argv", "audit.exec.container",
			"audit.exec.tty", "audit.exec.stdin")
	}
	return nil
}
