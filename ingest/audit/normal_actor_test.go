package audit

import (
	"fmt"
	"testing"
)

func TestActorClass(t *testing.T) {
	f := func(name, want string) {
		t.Helper()
		e := newEvent(t, fmt.Sprintf(`{"user":{"username":%q,"groups":["system:authenticated"]}}`, name))
		expect(t, e, "audit.actor.class", want)
	}
	f("alice", "human")
	f("kubernetes-admin", "human")
	f("system:admin", "human")
	f("system:masters", "human")
	f("eks", "human")
	f("system:serviceaccount:shop:robot", "sa")
	f("system:serviceaccount:kube-system:replicaset-controller", "kcm-sa")
	f("system:serviceaccount:kube-system:generic-garbage-collector", "kcm-sa")
	f("system:serviceaccount:kube-system:coredns", "sa")
	f("system:serviceaccount:shop:replicaset-controller", "sa")
	f("system:node:n1", "human") // no member of system:nodes
	f("system:serviceaccount:kube-system:evil-controller", "sa")
	f("system:bootstrap:abcdef", "node")
	f("system:kube-proxy", "node")
	f("system:apiserver", "controlplane")
	f("system:kube-controller-manager", "controlplane")
	f("system:kube-scheduler", "controlplane")
	f("eks:node-manager", "cloud")
	f("aksService", "cloud")
	f("system:gke-common-webhooks", "cloud")
	f("system:anonymous", "anonymous")
	f("", none)
	expect(t, newEvent(t, `{"user":{}}`), "audit.actor.class", none, "audit.actor", none, "audit.who", none, "audit.user", none)
	expect(t, newEvent(t, `{"user":{"username":"x","groups":["system:unauthenticated"]}}`), "audit.actor.class", "anonymous")
	expect(t, newEvent(t, `{"user":{"username":"system:node:n1","groups":["system:nodes"]}}`), "audit.actor.class", "node")
}

func TestImpersonation(t *testing.T) {
	e := newEvent(t, `{"user":{"username":"bob","uid":"u1","groups":["ops"]},"impersonatedUser":{"username":"system:node:n","groups":["system:masters"]}}`)
	expect(t, e, "audit.user", "bob", "audit.user.uid", "u1", "audit.user.groups", "(ops)", "audit.impersonated", "system:node:n",
		"audit.impersonated.groups", "(system:masters)", "audit.actor", "system:node:n", "audit.actor.groups", "(system:masters)",
		"audit.actor.class", "human", "audit.actor.admin", "true", "audit.who", "bob as system:node:n")
	e = newEvent(t, `{"user":{"username":"bob","groups":["system:masters"]}}`)
	expect(t, e, "audit.impersonated", none, "audit.impersonated.groups", none, "audit.actor", "bob", "audit.actor.admin", "true", "audit.who", "bob")
}

func TestActorAdmin(t *testing.T) {
	f := func(reason, want string) {
		t.Helper()
		e := newEvent(t, fmt.Sprintf(`{"user":{"username":"bob"},"annotations":{"authorization.k8s.io/reason":%q}}`, reason))
		expect(t, e, "audit.actor.admin", want)
	}
	f(`RBAC: allowed by ClusterRoleBinding "ops" of ClusterRole "cluster-admin" to Group "ops"`, "true")
	f(`RBAC: allowed by RoleBinding "x/ns" of ClusterRole "cluster-admin" to User "bob"`, "true")
	f(`RBAC: allowed by ClusterRoleBinding "of ClusterRole \"cluster-admin\" to x" of ClusterRole "view" to User "bob"`, "false")
	f(`RBAC: allowed by ClusterRoleBinding "cluster-admin" of ClusterRole "view" to User "bob"`, "false")
	f(``, "false")
}

func TestPrincipal(t *testing.T) {
	f := func(extra, want string) {
		t.Helper()
		expect(t, newEvent(t, `{"user":{"username":"shared","extra":`+extra+`}}`), "audit.actor.principal", want)
	}
	f(`{"canonicalArn":["arn:aws:iam::1:role/Admin"],"sessionName":["alice"],"arn":["arn:aws:sts::1:assumed-role/Admin/alice"],"accessKeyId":["A"]}`,
		"arn:aws:sts::1:assumed-role/Admin/alice")
	f(`{"canonicalArn":["arn:aws:iam::1:role/Admin"],"sessionName":["alice"]}`, "alice")
	f(`{"OID":["1234"]}`, "1234")
	f(`{"example.com/Email":["a@example.com"],"oid":["1"]}`, "a@example.com")
	f(`{"authentication.kubernetes.io/credential-id":["JTI=1"],"authentication.kubernetes.io/pod-name":["p"]}`, none)
	f(`{"arn":[],"email":[5],"oid":"x","upn":[""]}`, none)
	f(`{}`, none)
	f(`[]`, none)
	expect(t, newEvent(t, `{"user":{"extra":{"Scopes":["a","b"],"x":"y"}}}`), "audit.user.extra[scopes]", "(a,b)", "audit.user.extra[x]", none,
		"audit.user.extra[z]", none)
}

func TestSource(t *testing.T) {
	expect(t, newEvent(t, `{"sourceIPs":["1.1.1.1","10.0.0.7"]}`), "audit.src", "10.0.0.7", "audit.src.net", "10.0.0.7", "audit.src.all", "(1.1.1.1,10.0.0.7)")
	expect(t, newEvent(t, `{"sourceIPs":[]}`), "audit.src", none, "audit.src.net", none, "audit.src.all", none)
}
