package bus

import (
	"github.com/nats-io/nats-server/v2/server"
	"github.com/parallax-sec/parallax/event"
)

// Permissions are what an agent may do: publish to these subjects, subscribe to those.
type Permissions struct {
	Publish, Subscribe []string
}

// inboxPrefix begins the inboxes of a node.
const inboxPrefix = "_INBOX_"

// gatePrefix stands before the subject of what an agent sends: in front of the stream stands the Gate.
const gatePrefix = "gate."

// NodePermissions returns what the agent of a node may do. With a cluster's name it may send that one's audit log, too.
// Servers of one's own are given the same (parallax setup agents).
func NodePermissions(node, tailOf string) (p Permissions, err error) {
	token, err := encodeToken(node)
	if err != nil {
		return p, err
	}
	matches, err := subjectOf(event.BatchMatches, []string{node})
	if err != nil {
		return p, err
	}
	p.Publish, p.Subscribe = []string{gatePrefix + matches}, []string{inboxPrefix + token + ".>"}
	if tailOf != "" {
		audit, err := subjectOf(event.BatchAudit, []string{tailOf, node})
		if err != nil {
			return p, err
		}
		p.Publish = append(p.Publish, gatePrefix+audit)
	}
	return p, nil
}

func (p *Permissions) forServer() *server.Permissions {
	return &server.Permissions{
		Publish:   &server.SubjectPermission{Allow: p.Publish},
		Subscribe: &server.SubjectPermission{Allow: p.Subscribe},
	}
}
