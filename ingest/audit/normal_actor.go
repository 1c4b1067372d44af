package audit

import (
	"slices"
	"strings"

	"github.com/parallax-sec/parallax/ingest/audit/tape"
)

// effective is the user that the request acts as: the impersonated one where there is one.
func (e *Event) effective() *user {
	if e.impersonated.present {
		return &e.impersonated
	}
	return &e.user
}

// The classes of actor. They are what the name says, which is no proof: whoever may impersonate, or have a certificate
// signed, can bear any name.
const (
	classHuman        = "human"
	classSA           = "sa"
	classNode         = "node"
	classControlplane = "controlplane"
	classController   = "kcm-sa"
	classCloud        = "cloud"
	classAnonymous    = "anonymous"
)

// actorClass is the class of the effective user; ok is false where the event names nobody.
func (e *Event) actorClass() (class string, ok bool) {
	u := e.effective()
	name, ok := e.str(&u.name)
	if !ok || name == "" {
		return "", false
	}
	groups := e.strs(&u.groups)
	if slices.Contains(groups, "system:unauthenticated") {
		return classAnonymous, true
	}
	class = classOf(name)
	if strings.HasPrefix(name, "system:node:") && !slices.Contains(groups, "system:nodes") {
		class = classHuman // the node authorizer would not take it for a node either
	}
	return class, true
}

// classOf is the class of a user name.
func classOf(name string) string {
	if account, ok := strings.CutPrefix(name, "system:serviceaccount:"); ok {
		if own, ok := strings.CutPrefix(account, "kube-system:"); ok && isController(own) {
			return classController
		}
		return classSA
	}
	switch name {
	case "system:anonymous":
		return classAnonymous
	case "system:apiserver", "system:kube-controller-manager", "system:kube-scheduler", "system:cloud-controller-manager", "system:aggregator":
		return classControlplane
	case "system:kube-proxy":
		return classNode
	case "aksService", "system:addon-manager", "system:gcp-controller-manager", "system:glbc", "system:clustermetrics", "system:konnectivity-server":
		return classCloud
	}
	switch {
	case strings.HasPrefix(name, "system:node:") || strings.HasPrefix(name, "system:bootstrap:"):
		return classNode
	case strings.HasPrefix(name, "eks:") || strings.HasPrefix(name, "system:gke-"):
		return classCloud
	}
	return classHuman
}

// isController says whether a service account of kube-system is one of kube-controller-manager's
// (k8s.io/kubernetes, cmd/kube-controller-manager/names).
func isController(account string) bool {
	switch account {
	case "attachdetach-controller", "bootstrap-signer", "certificate-controller", "clusterrole-aggregation-controller", "cronjob-controller",
		"daemon-set-controller", "deployment-controller", "device-taint-eviction-controller", "disruption-controller", "endpoint-controller",
		"endpointslice-controller", "endpointslicemirroring-controller", "ephemeral-volume-controller", "expand-controller",
		"generic-garbage-collector", "horizontal-pod-autoscaler", "job-controller", "legacy-service-account-token-cleaner",
		"namespace-controller", "node-controller", "persistent-volume-binder", "pod-garbage-collector", "pv-protection-controller",
		"pvc-protection-controller", "replicaset-controller", "replication-controller", "resource-claim-controller",
		"resourcequota-controller", "root-ca-cert-publisher", "route-controller", "selinux-warning-controller", "service-account-controller",
		"service-cidrs-controller", "service-controller", "statefulset-controller", "storage-version-migrator-controller",
		"taint-eviction-controller", "token-cleaner", "ttl-after-finished-controller", "ttl-controller",
		"validatingadmissionpolicy-status-controller", "volumeattributesclass-protection-controller":
		return true
	}
	return false
}

// principalKeys are the last parts of the keys of user.extra that name the person behind a user that several share, the
// most telling first: AWS IAM (arn of the assumed role with the session's name in it, canonicalArn), then what OIDC and
// cloud authenticators give, then Azure's object id.
var principalKeys = [...]string{"arn", "email", "upn", "sessionname", "oid", "canonicalarn"}

// principal is the person behind the user who authenticated, as user.extra tells it; "" where it does not.
func (e *Event) principal() string {
	best, found := len(principalKeys), ""
	for k, v := range e.userExtra().Members() {
		key := k.Text()
		key = key[strings.LastIndexByte(key, '/')+1:]
		for rank, want := range principalKeys[:best] {
			if who := stringOf(v.Index(0)); who != "" && strings.EqualFold(key, want) {
				best, found = rank, who
				break
			}
		}
	}
	return found
}

// userExtra is user.extra.
func (e *Event) userExtra() tape.Node {
	if !e.user.extra.present() {
		return tape.Node{}
	}
	return e.parse(&e.derived().extra, e.user.extra)
}

// clusterAdmin is how the RBAC authorizer's reason names the role; quotes inside of names are escaped in it
// (k8s.io/kubernetes, plugin/pkg/auth/authorizer/rbac).
const clusterAdmin = `of ClusterRole "cluster-admin" to `

// admin says whether the actor may do all: by the reason of the decision, or as a member of system:masters.
func (e *Event) admin() bool {
	if slices.Contains(e.strs(&e.effective().groups), "system:masters") {
		return true
	}
	reason, _ := e.decisionReason()
	return strings.Contains(reason, clusterAdmin)
}

// sourceIP is the last of sourceIPs, the only one that the client cannot choose; "" where there is none.
func (e *Event) sourceIP() string {
	ips := e.strs(&e.sourceIPs)
	if len(ips) == 0 {
		return ""
	}
	return ips[len(ips)-1]
}
