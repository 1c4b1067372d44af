package auditpolicy

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Policy is an audit policy (audit.k8s.io/v1 Policy). It is not changed after Parse, and may be used concurrently.
type Policy struct {
	omitStages        []string
	omitManagedFields bool
	rules             []rule
}

// file is a policy as it is written.
type file struct {
	APIVersion        string    `yaml:"apiVersion"`
	Kind              string    `yaml:"kind"`
	Metadata          yaml.Node `yaml:"metadata"`
	OmitStages        []string  `yaml:"omitStages"`
	OmitManagedFields bool      `yaml:"omitManagedFields"`
	Rules             []rule    `yaml:"rules"`
}

// rule is one of a policy's rules (audit.k8s.io/v1 PolicyRule). What is empty asks for nothing.
type rule struct {
	Level             *Level      `yaml:"level"`
	Users             []string    `yaml:"users"`
	UserGroups        []string    `yaml:"userGroups"`
	Verbs             []string    `yaml:"verbs"`
	Resources         []resources `yaml:"resources"`
	Namespaces        []string    `yaml:"namespaces"`
	NonResourceURLs   []string    `yaml:"nonResourceURLs"`
	OmitStages        []string    `yaml:"omitStages"`
	OmitManagedFields *bool       `yaml:"omitManagedFields"`
}

// resources are some resources of a group; none named means all.
type resources struct {
	Group         string   `yaml:"group"`
	Resources     []string `yaml:"resources"`
	ResourceNames []string `yaml:"resourceNames"`
}

// Parse reads a policy. Keys that a policy does not have are an error: an API server would pass over them.
func Parse(data []byte) (*Policy, error) {
	var f file
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&f); err != nil {
		return nil, fmt.Errorf("audit policy: %w", err)
	}
	if f.APIVersion != "audit.k8s.io/v1" || f.Kind != "Policy" {
		return nil, fmt.Errorf("audit policy: is %s %q, want Policy of audit.k8s.io/v1", f.APIVersion, f.Kind)
	}
	if len(f.Rules) == 0 {
		return nil, errors.New("audit policy: has no rules, an API server refuses it")
	}
	for i, r := range f.Rules {
		if r.Level == nil {
			return nil, fmt.Errorf("audit policy: rule %d has no level", i+1)
		}
	}
	return &Policy{omitStages: f.OmitStages, omitManagedFields: f.OmitManagedFields, rules: f.Rules}, nil
}

// Asked is what a policy looks at in a request.
type Asked struct {
	User   string // who authenticated, whoever is impersonated; empty for nobody
	Groups []string
	Verb   string

	// Of a request for a resource, else empty.
	Group, Resource, Subresource, Namespace, Name string

	Path string // of a request that is for no resource
}

// String names the request in few words.
func (a *Asked) String() string {
	user := a.User
	if user == "" {
		user = "nobody"
	}
	if a.Resource == "" {
		return fmt.Sprintf("%s %s by %s", a.Verb, a.Path, user)
	}
	what := a.what()
	if a.Namespace != "" && a.Resource != "namespaces" {
		what += " in " + a.Namespace
	}
	return fmt.Sprintf("%s of %s by %s", a.Verb, what, user)
}

// what names the resource.
func (a *Asked) what() string {
	what := a.Resource
	if a.Subresource != "" {
		what += "/" + a.Subresource
	}
	if a.Group != "" {
		what += "." + a.Group
	}
	return what
}

// Decision is what is logged of a request.
type Decision struct {
	Rule              int // the rule that decides, from 1; 0 where none fits
	Level             Level
	OmitStages        []string
	OmitManagedFields bool
}

// Decide tells what the policy logs of a request: what its first rule that fits says (k8s.io/apiserver, pkg/audit/policy).
func (p *Policy) Decide(a *Asked) Decision {
	for i := range p.rules {
		r := &p.rules[i]
		if !r.fits(a) {
			continue
		}
		d := Decision{i + 1, *r.Level, slices.Concat(p.omitStages, r.OmitStages), p.omitManagedFields}
		if r.OmitManagedFields != nil {
			d.OmitManagedFields = *r.OmitManagedFields
		}
		return d
	}
	return Decision{0, None, p.omitStages, p.omitManagedFields}
}

func (r *rule) fits(a *Asked) bool {
	switch {
	case len(r.Users) > 0 && !slices.Contains(r.Users, a.User),
		len(r.UserGroups) > 0 && !slices.ContainsFunc(a.Groups, func(g string) bool { return slices.Contains(r.UserGroups, g) }),
		len(r.Verbs) > 0 && !slices.Contains(r.Verbs, a.Verb):
		return false
	case len(r.Namespaces) > 0 || len(r.Resources) > 0:
		return a.Resource != "" &&
			(len(r.Namespaces) == 0 || slices.Contains(r.Namespaces, a.Namespace)) &&
			(len(r.Resources) == 0 || slices.ContainsFunc(r.Resources, func(some resources) bool { return some.have(a) }))
	case len(r.NonResourceURLs) > 0:
		return a.Resource == "" && slices.ContainsFunc(r.NonResourceURLs, func(u string) bool { return pathFits(u, a.Path) })
	}
	return true
}

func (r *resources) have(a *Asked) bool {
	if r.Group != a.Group {
		return false
	}
	if len(r.Resources) == 0 {
		return true
	}
	if len(r.ResourceNames) > 0 && !slices.Contains(r.ResourceNames, a.Name) {
		return false
	}
	return slices.ContainsFunc(r.Resources, func(pattern string) bool { return resourceFits(pattern, a.Resource, a.Subresource) })
}

// resourceFits compares a resource with a pattern: pods, pods/log, pods/*, */status or *.
func resourceFits(pattern, resource, sub string) bool {
	if pattern == "*" {
		return true
	}
	if of, ok := strings.CutSuffix(pattern, "/*"); ok && of == resource {
		return true
	}
	if sub == "" {
		return pattern == resource
	}
	return pattern == resource+"/"+sub || pattern == "*/"+sub
}

// pathFits compares a path with a pattern: a path, the beginning of one with * behind it, or *.
func pathFits(pattern, path string) bool {
	return pattern == path || strings.HasSuffix(pattern, "*") && strings.HasPrefix(path, strings.TrimRight(pattern, "*"))
}
