package auditpolicy

import (
	"fmt"
	"strings"
)

// confidential are requests whose bodies hold what nobody may read again.
type confidential struct {
	Asked
	verbs []string
	most  Level // that keeps the bodies out of the log, or the part that matters
}

func confidentials() []confidential {
	all := []string{"get", "list", "create", "update", "patch"} // what a watch shows is in no audit event
	return []confidential{
		{Asked{Resource: "secrets", Namespace: "default"}, all, Metadata},
		{Asked{Resource: "configmaps", Namespace: "default"}, all, Metadata},
		{Asked{Resource: "tokenreviews", Group: "authentication.k8s.io"}, []string{"create"}, Metadata},
		{Asked{Resource: "serviceaccounts", Subresource: "token", Namespace: "default", Name: "default"}, []string{"create"}, Request},
	}
}

// Leaks tells where the policy writes secrets, tokens or the contents of ConfigMaps into the log, a line for each kind.
func (p *Policy) Leaks() []string {
	var out []string
	for _, c := range confidentials() {
		var verbs []string
		level := c.most
		for _, verb := range c.verbs {
			if l := p.highest(c.Asked, verb); l > c.most {
				verbs, level = append(verbs, verb), max(level, l)
			}
		}
		if len(verbs) > 0 {
			out = append(out, fmt.Sprintf("%s: what they hold is logged (%s at the level %s); %s is enough", c.what(), strings.Join(verbs, ", "), level, c.most))
		}
	}
	return out
}

// highest returns the level at which a request is logged, of users of different kinds the highest.
func (p *Policy) highest(a Asked, verb string) Level {
	level := None
	a.Verb = verb
	for user, groups := range map[string][]string{
		"alice":                                 {"system:authenticated"},
		"system:node:n":                         {"system:nodes", "system:authenticated"},
		"system:serviceaccount:default:default": {"system:serviceaccounts", "system:authenticated"},
	} {
		a.User, a.Groups = user, groups
		level = max(level, p.Decide(&a).Level)
	}
	return level
}
