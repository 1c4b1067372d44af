package envelope

import "fmt"

// Kind is what an event came in.
type Kind uint8

// The kinds. Plain is no envelope.
const (
	Plain         Kind = iota
	Wrapped            // an object of a log shipper with the event in log or message, or a line with something before the event
	CloudWatch         // EKS
	AKS                // diagnostic settings, category kube-audit
	AKSAdmin           // diagnostic settings, category kube-audit-admin
	AKSTable           // rows of AKSAudit
	AKSAdminTable      // rows of AKSAuditAdmin
	GKE                // Cloud Logging
	NumKinds      = iota
)

// String names the kind for people.
func (k Kind) String() string {
	switch k {
	case Plain:
		return "audit.k8s.io"
	case Wrapped:
		return "wrapped by a log shipper"
	case CloudWatch:
		return "EKS, CloudWatch Logs"
	case AKS:
		return "AKS, kube-audit"
	case AKSAdmin:
		return "AKS, kube-audit-admin"
	case AKSTable:
		return "AKS, table AKSAudit"
	case AKSAdminTable:
		return "AKS, table AKSAuditAdmin"
	case GKE:
		return "GKE, Cloud Logging"
	}
	return fmt.Sprintf("kind(%d)", k)
}

// Lost says what events of the kind do not tell though the API server knew it; "" where they tell all.
func (k Kind) Lost() string {
	switch k {
	case AKSTable, AKSAdminTable:
		return "impersonation: AKS' tables have no column for it"
	case GKE:
		return "groups, extra, impersonation, the query of the request URI (with it the command of an exec) and the code of a success: " +
			"Cloud Logging does not tell them"
	}
	return ""
}

// Other is what else stands in a stream that has audit events.
type Other uint8

// What is left out and counted.
const (
	OtherComponent Other = iota // logs of other parts of the control plane, by stream, category or form
	OtherService                // audit logs of a cloud's own services
	OtherContainer              // what some container printed, by a log shipper's own word
	ControlMessage              // what CloudWatch sends to see whether anybody listens
	NumOther       = iota
)

// String names it for people.
func (o Other) String() string {
	switch o {
	case OtherComponent:
		return "logs of other components"
	case OtherService:
		return "audit logs of the cloud's own services"
	case OtherContainer:
		return "output of containers"
	case ControlMessage:
		return "control messages"
	}
	return fmt.Sprintf("other(%d)", o)
}
