package agents

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/parallax-sec/parallax/setup/folder"
)

// planAuthorization plans what a cluster of nats-server has to know of its users: an account with the hub and the agents, in the form
// of its configuration file (docs.nats.io, "Accounts" and "NKeys").
func (p *Plan) planAuthorization() error {
	text := `# For the configuration of each nats-server of the cluster: include "` + Authorization + `"
# JetStream must be enabled there, and connections be TLS.
accounts {
  PARALLAX {
    jetstream: enabled
    users: [
      { nkey: ` + p.hub + ` } # hubs
`
	for _, node := range slices.Sorted(maps.Keys(p.agents)) {
		user, err := p.user(node)
		if err != nil {
			return err
		}
		text += user
	}
	text += "    ]\n  }\n}\n"
	return p.folder.Write(Authorization, []byte(text), folder.Public, "for the servers of a NATS cluster")
}

// user is the line of an agent.
func (p *Plan) user(node string) (string, error) {
	a, tailOf := p.agents[node], ""
	if a.tail {
		tailOf = p.config.Cluster
	}
	publish, subscribe, err := p.config.Permissions(node, tailOf)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("      { nkey: %s, permissions: { publish: { allow: %s }, subscribe: { allow: %s } } } # %s\n", a.key, list(publish), list(subscribe), node), nil
}

func list(subjects []string) string {
	quoted := make([]string, len(subjects))
	for i, s := range subjects {
		quoted[i] = strconv.Quote(s)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}
