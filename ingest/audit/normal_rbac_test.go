package audit

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"testing"

	"github.com/parallax-sec/parallax/event"
)

func TestBinding(t *testing.T) {
	e := newEvent(t, `{"verb":"create","objectRef":{"resource":"rolebindings"},"requestObject":{"roleRef":{"kind":"ClusterRole","name":"admin"},
		"subjects":[{"kind":"User","name":"alice"},{"kind":"Group","name":"dev"},{"kind":"ServiceAccount","name":"robot","namespace":"shop"},{"kind":5},7]}}`)
	if n := e.Elements(event.ScopeSubject); n != 5 {
		t.Errorf("%d subjects, want 5", n)
	}
	expect(t, e,
		"audit.binding.role", "admin", "audit.binding.role.kind", "ClusterRole",
		"audit.binding.subjects", "(User:alice,Group:dev,ServiceAccount:shop/robot,:,:)",
		"audit.subject.kind", "User", "1:audit.subject.name", "dev", "2:audit.subject.namespace", "shop", "1:audit.subject.namespace", none,
		"3:audit.subject.kind", none, "4:audit.subject.name", none, "5:audit.subject.name", none)

	e = newEvent(t, `{"verb":"patch","objectRef":{"resource":"clusterrolebindings"},"requestObject":[{"op":"add","path":"/subjects/-","value":{"kind":"User","name":"eve"}}]}`)
	expect(t, e, "audit.binding.role", none, "audit.binding.subjects", "(User:eve)", "audit.subject.name", "eve")

	e = newEvent(t, `{"verb":"create","objectRef":{"resource":"pods"},"requestObject":{"roleRef":{"name":"x"},"subjects":[{"kind":"User","name":"alice"}],"rules":[{"verbs":["*"]}]}}`)
	if e.Elements(event.ScopeSubject) != 0 || e.Elements(event.ScopeRule) != 0 {
		t.Error("a pod has subjects or rules")
	}
	expect(t, e, "audit.binding.role", none, "audit.binding.subjects", none, "audit.subject.name", none, "audit.rule.verbs", none, "audit.role.aggregates", none)
}

func TestRole(t *testing.T) {
	e := newEvent(t, `{"verb":"create","objectRef":{"resource":"clusterroles"},"requestObject":{"rules":[
		{"apiGroups":["","apps"],"resources":["pods/exec"],"verbs":["create"],"resourceNames":["x"]},{"nonResourceURLs":["/metrics"],"verbs":["get",5]},{"verbs":[]},7]}}`)
	if n := e.Elements(event.ScopeRule); n != 4 {
		t.Errorf("%d rules, want 4", n)
	}
	expect(t, e,
		"audit.rule.groups", "(,apps)", "audit.rule.resources", "(pods/exec)", "audit.rule.verbs", "(create)", "audit.rule.names", "(x)", "audit.rule.urls", none,
		"1:audit.rule.urls", "(/metrics)", "1:audit.rule.verbs", "(get,5)", "2:audit.rule.verbs", none, "3:audit.rule.verbs", none,
		"audit.role.aggregates", "false")
	e = newEvent(t, `{"verb":"patch","objectRef":{"resource":"clusterroles"},"requestObject":[{"op":"add","path":"/rules/-","value":{"verbs":["escalate"]}}]}`)
	expect(t, e, "audit.rule.verbs", "(escalate)", "audit.role.aggregates", none)
	e = newEvent(t, `{"verb":"patch","objectRef":{"resource":"clusterroles"},"requestObject":{"aggregationRule":{"clusterRoleSelectors":[]}}}`)
	expect(t, e, "audit.rule.verbs", none, "audit.role.aggregates", "true")
}

// newCSR is spec.request of a CertificateSigningRequest.
func newCSR(t *testing.T, subject pkix.Name) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: subject}, key)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}))
}

func TestCSR(t *testing.T) {
	request := newCSR(t, pkix.Name{CommonName: "eve", Organization: []string{"system:masters", "ops"}})
	for _, sub := range []string{"", "approval", "status"} {
		e := newEvent(t, fmt.Sprintf(`{"verb":"update","objectRef":{"resource":"certificatesigningrequests","subresource":%q},"requestObject":{"spec":{
			"request":%q,"signerName":"kubernetes.io/kube-apiserver-client","usages":["client auth"]}}}`, sub, request))
		expect(t, e, "audit.csr.cn", "eve", "audit.csr.orgs", "(ops,system:masters)", "audit.csr.signer", "kubernetes.io/kube-apiserver-client",
			"audit.csr.usages", "(client auth)")
	}
	for _, bad := range []string{"", "!", "aGVsbG8=", base64.StdEncoding.EncodeToString([]byte("-----BEGIN X-----\naGVsbG8=\n-----END X-----\n")), request + request} {
		e := newEvent(t, fmt.Sprintf(`{"verb":"create","objectRef":{"resource":"certificatesigningrequests"},"requestObject":{"spec":{"request":%q}}}`, bad))
		expect(t, e, "audit.csr.cn", none, "audit.csr.orgs", none, "audit.csr.signer", none, "audit.csr.usages", none)
	}
	e := newEvent(t, fmt.Sprintf(`{"verb":"create","objectRef":{"resource":"certificatesigningrequests"},"requestObject":{"spec":{"request":%q}}}`, newCSR(t, pkix.Name{})))
	expect(t, e, "audit.csr.cn", "", "audit.csr.orgs", none)
	e = newEvent(t, fmt.Sprintf(`{"verb":"create","objectRef":{"resource":"pods"},"requestObject":{"spec":{"request":%q}}}`, request))
	expect(t, e, "audit.csr.cn", none)
}
