package scrub

import (
	"strings"
	"testing"
)

// What mayHold says is not there, the patterns do not find either.
func FuzzMayHold(f *testing.F) {
	for _, s := range []string{
		"--token x", "to\u212aen: x", "pa\u017fsword=x", "Authorization: Basic abcdefgh", "https://u:p@h", "mysql -px", `"password" : "x"`,
		"abcdef.0123456789abcdef", "eyJhbGciOiJI.eyJzdWIiOiIx", "-----BEGIN PRIVATE KEY-----x", "sha256:0123456789abcdef0123456789abcdef",
		"0123456789abcdef0123456789abcdef==", "Xsha256:Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MEFCQ0RFRg==", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaasha2:0123456789abcdef0123456789abcdeF",
		"--secret\x1fx", "curl -u a:b", "ghp_0123456789abcdefghijABCDEFGHIJ", "a-token x", "CLIENT_SECRET=x", "appsecret: x", "--my-secret=x", "-secret x", "secret=x", "db_pwd=x", "glpat-0123456789abcdefghij", "xoxb-0123456789",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		found := mayHold(s)
		for _, p := range patterns {
			if got := mask(s, p.Regexp); got != s && p.finds&found == 0 {
				t.Fatalf("%q becomes %q, and was passed over", s, got)
			}
		}
		if got := maskAll(s, random); got != s && found&random == 0 {
			t.Fatalf("%q becomes %q, and was passed over", s, got)
		}
	})
}

func TestMayHoldPassesOverOrdinaryTexts(t *testing.T) {
	for _, s := range []string{
		"/api/v1/namespaces/kube-system/serviceaccounts/token-controller/token?timeout=32s",
		"user=system:serviceaccount:kube-system:replicaset-controller pod=deploy-6c8b9d7f4-abcde ns=default resource=secrets resp=201",
		`RBAC: allowed by ClusterRoleBinding "system:basic-user" of ClusterRole "system:basic-user" to Group "system:authenticated"`,
		"docker.io/library/nginx@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
		"/apis/rbac.authorization.k8s.io/v1/clusterroles", "(user=bob secret=robot-token ns=shop resource=secrets resp=200)",
		"kubectl/v1.33.3 (linux/amd64) kubernetes/80779bd",
	} {
		if mayHold(s) != 0 {
			t.Errorf("%q is searched", s)
		}
	}
}

func BenchmarkText(b *testing.B) {
	for name, s := range map[string]string{
		"nothing":  strings.Repeat("user=alice pod=web-6c8b9d7f4-abcde ns=shop resource=pods/exec ", 5),
		"password": strings.Repeat("user=alice pod=web-6c8b9d7f4-abcde ns=shop resource=pods/exec ", 5) + "--password=x",
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				Text(s)
			}
		})
	}
}
