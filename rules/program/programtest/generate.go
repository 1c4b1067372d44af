package programtest

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Generate returns n conditions for audit events. Half are written with Falco's ka.* and jevt.* fields, half with audit.*
// fields. Of all, 12 % are broad: they name neither verb nor resource. Lists have 4 to 25 items, and there are
// contains, startswith and endswith on names, paths, user agents and reasons, as in the rule files that are published for Falco.
// Few match: a thousand rules, one event in three.
func Generate(n int, seed uint64) []string {
	g := generator{rand.New(rand.NewPCG(seed, seed))}
	out := make([]string, n)
	for i := range out {
		names := falcoNames
		if i%2 == 1 {
			names = auditNames
		}
		out[i] = g.condition(names)
	}
	return out
}

// names are the fields of one style of writing rules.
type names struct {
	done, verb, resource, subresource, user, agent, namespace, decision, reason, uri, name, images string
}

var falcoNames = names{
	done: "jevt.value[/stage] in (ResponseComplete)",
	verb: "ka.verb", resource: "ka.target.resource", subresource: "ka.target.subresource", user: "ka.user.name",
	agent: "ka.useragent", namespace: "ka.target.namespace", decision: "ka.auth.decision", reason: "ka.auth.reason",
	uri: "ka.uri", name: "ka.target.name", images: "ka.req.pod.containers.image.repository",
}

var auditNames = names{
	done: "audit.done = true",
	verb: "audit.verb", resource: "audit.resource", subresource: "audit.subresource", user: "audit.user",
	agent: "audit.useragent", namespace: "audit.namespace", decision: "audit.decision", reason: "audit.decision.reason",
	uri: "audit.uri", name: "audit.name", images: "audit.ctr.image.repository",
}

var (
	verbs     = []string{"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"}
	resources = []string{
		"pods", "secrets", "configmaps", "services", "clusterroles", "clusterrolebindings", "roles", "rolebindings", "serviceaccounts",
		"namespaces", "nodes", "deployments", "daemonsets", "jobs", "cronjobs", "validatingwebhookconfigurations",
		"mutatingwebhookconfigurations", "persistentvolumes", "ingresses", "networkpolicies", "certificatesigningrequests",
		"customresourcedefinitions", "endpoints", "replicasets", "statefulsets", "leases", "subjectaccessreviews", "tokenreviews",
	}
	trusted = []string{
		"kubernetes-admin", "system:kube-scheduler", "system:kube-controller-manager", "system:apiserver", "alice@example.com",
		"minikube-user", "cluster-autoscaler", "vpa-updater",
	}
)

type generator struct{ *rand.Rand }

func (g generator) condition(f names) string {
	if g.IntN(100) < 12 {
		return f.done + " and " + g.broad(f)
	}
	parts := []string{
		f.done,
		f.resource + " = " + resources[g.IntN(len(resources))],
		in(f.verb, []string{verbs[g.IntN(len(verbs))], verbs[g.IntN(len(verbs))]}),
	}
	if g.IntN(3) == 0 {
		parts = append(parts, in(f.subresource, []string{"exec", "attach", "portforward", "ephemeralcontainers"}))
	} else {
		parts = append(parts, "not "+f.subresource+" exists")
	}
	return strings.Join(append(parts, g.narrow(f)), " and ")
}

// broad is what a rule asks that looks at all verbs and resources.
func (g generator) broad(f names) string {
	switch g.IntN(4) {
	case 0:
		return fmt.Sprintf("not %s startswith \"system:\" and not %s and not %s and %s startswith %s",
			f.user, in(f.user, g.trusted()), in(f.user, g.words("user-", 10, 500)), f.agent, g.tool())
	case 1:
		return fmt.Sprintf("(%s contains hack%d or %s contains %s or %s contains peirates%d) and not %s",
			f.agent, g.IntN(300), f.agent, g.tool(), f.agent, g.IntN(99), in(f.namespace, g.words("ns-", 6, 40)))
	case 2:
		return fmt.Sprintf("%s = system:anonymous and %s = allow and %s startswith /apis/group%d and not (%s = /healthz or %s startswith /livez or %s startswith /readyz)",
			f.user, f.decision, f.uri, g.IntN(300), f.uri, f.uri, f.uri)
	}
	return fmt.Sprintf("%s = forbid and %s contains /p%d", f.decision, f.uri, g.IntN(300))
}

// narrow is what a rule asks beside verb and resource.
func (g generator) narrow(f names) string {
	switch g.IntN(4) {
	case 0:
		return in(f.namespace, append(g.words("ns-", 4, 40), "kube-system", "kube-public")) + " and not " + in(f.images, g.words("registry.example.com/img-", 20, 400))
	case 1:
		return "not " + in(f.user, g.trusted()) + " and not " + f.user + ` startswith "system:"`
	case 2:
		return fmt.Sprintf("(%s contains cred%d or %s contains passw%d or %s endswith -key%d)", f.name, g.IntN(50), f.name, g.IntN(50), f.name, g.IntN(30))
	}
	return fmt.Sprintf(`%s contains "ClusterRole \"x%d" and %s = allow`, f.reason, g.IntN(300), f.decision)
}

// tool is the beginning of a user agent; a few are one that people use.
func (g generator) tool() string {
	if g.IntN(250) == 0 {
		return [...]string{"curl/", "kubectl/"}[g.IntN(2)]
	}
	return fmt.Sprintf("tool%d/", g.IntN(500))
}

func (g generator) trusted() []string {
	return append(g.words("svc-", 17, 1000), trusted...)
}

func (g generator) words(prefix string, n, of int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprint(prefix, g.IntN(of))
	}
	return out
}

func in(field string, items []string) string {
	quoted := make([]string, len(items))
	for i, s := range items {
		quoted[i] = `"` + s + `"`
	}
	return field + " in (" + strings.Join(quoted, ", ") + ")"
}
