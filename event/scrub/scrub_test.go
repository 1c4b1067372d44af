package scrub

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Made-up credentials, put together here so that nothing in this file looks like one.
var (
	jwt    = "eyJ" + "hbGciOiJub25lIn0.eyJzdWIiOiJub2JvZHkifQ.c2lnbmF0dXJl"
	hexKey = strings.Repeat("0123456789abcdef", 2)
	b64Key = "wJalrXUtnFEMI" + "K7MDENGbPxRfiCYEXAMPLEKEY12345"
)

func TestText(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		if got := Text(in); got != want {
			t.Errorf("%q\n got %q\nwant %q", in, got, want)
		}
		if got := Text(want); got != want {
			t.Errorf("not stable: %q becomes %q", want, got)
		}
	}
	f(`curl -H "Authorization: Bearer abc123def" https://x/`, `curl -H "Authorization: Bearer ***" https://x/`)
	f(`curl -H 'authorization: basic dXNlcjpwYXNz' x`, `curl -H 'authorization: basic ***' x`)
	f(`curl -sk -H "Authorization: Bearer $T" https://192.0.2.2:16443$p`, `curl -sk -H "Authorization: Bearer $T" https://192.0.2.2:16443$p`)
	f("PGPASSWORD=hunter2 psql -h db", "PGPASSWORD=*** psql -h db")
	f("export AWS_SECRET_ACCESS_KEY='x y'; go", "export AWS_SECRET_ACCESS_KEY='***'; go")
	f(`{"token":"s3cret","secretName":"db","automountServiceAccountToken":false}`, `{"token":"***","secretName":"db","automountServiceAccountToken":false}`)
	f("X-Api-Key: abc", "X-Api-Key: ***")
	f("--password=a --db-password b --token $T --token-file /run/t --client-secret=c", "--password=*** --db-password *** --token $T --token-file /run/t --client-secret=***")
	f("https://bob:hunter2@example.org/a postgres://u:p@h/db https://host:8443/a@b", "https://bob:***@example.org/a postgres://u:***@h/db https://host:8443/a@b")
	f("mysql -uroot -phunter2 db; mkdir -p /tmp/x", "mysql -uroot -p*** db; mkdir -p /tmp/x")
	f("sshpass -p hunter2 ssh -p 22 h", "sshpass -p *** ssh -p 22 h")
	f("redis-cli -h r -a hunter2 keys", "redis-cli -h r -a *** keys")
	f("ldapsearch -D cn=a -w hunter2", "ldapsearch -D cn=a -w ***")
	f("curl -u bob:hunter2 http://x; id -u bob", "curl -u bob:*** http://x; id -u bob")
	f("see "+jwt+".", "see ***.")
	f("key AKIA"+"ABCDEFGHIJKLMNOP x", "key *** x")
	f("ghp_"+hexKey, "***")
	f("kubeadm join --token "+"abcdef.0123456789abcdef h:6443", "kubeadm join --token *** h:6443")
	f("use "+"abcdef.0123456789abcdef", "use ***")
	f("echo "+hexKey+" "+b64Key+"== x", "echo *** *** x")
	f("-----BEGIN RSA "+"PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nrest", "***\nrest")
	f("-----BEGIN "+"PRIVATE KEY-----\nMIIE", "***")

	for _, same := range []string{
		"", "id", "cat /var/run/secrets/kubernetes.io/serviceaccount/token", "cd $PWD; PWD=/root pwd",
		"nsenter -t 1 -m -u -n -i", "bash -i >& /dev/tcp/127.0.0.1/4444 0>&1",
		"user=bob secret=db-credentials ns=kube-system", "kubectl get secret token-x -o yaml",
		"reg.io/a@sha256:" + hexKey + hexKey, "68604fd0-2b0e-43da-b985-2b4d9aac236f",
		"/Applications/Some/Path1/With2/Long3/Names/in/it/Yes", strings.Repeat("A1b", 20), strings.Repeat("0123456789", 4),
		"system:serviceaccount:kube-system:generic-garbage-collector",
	} {
		f(same, same)
	}
}

func TestArgv(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		if d := cmp.Diff(strings.Split(want, "|"), Argv(strings.Split(in, "|"))); d != "" {
			t.Errorf("%q (-want +got):\n%s", in, d)
		}
	}
	f("mysql|-u|root|-phunter2", "mysql|-u|root|-p***")
	f("x|--password|my long one|y", "x|--password|***|y")
	f("x|--secret|a|--token", "x|--secret|***|--token")
	f("sh|-c|mysql -proot -e 'select 1'", "sh|-c|mysql -p*** -e 'select 1'")
	f("curl|-u|bob:x|http://h", "curl|-u|bob:***|http://h")
	f("a\x1fb|--password=c", "a\x1fb|--password=***")
	f("sh|-c|id", "sh|-c|id")
	if got := Argv(nil); len(got) != 0 {
		t.Errorf("%q", got)
	}
}

func TestURI(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		if got := URI(in); got != want {
			t.Errorf("%q\n got %q\nwant %q", in, got, want)
		}
	}
	f("/api/v1/pods", "/api/v1/pods")
	f("/api/v1/pods?limit=500&x=%2f+a", "/api/v1/pods?limit=500&x=%2f+a")
	f("/exec?command=mysql&command=-phunter2&container=c", "/exec?command=mysql&command=-p***&container=c")
	f("/exec?command=sh&command=-c&command=PGPASSWORD%3Dx+psql", "/exec?command=sh&command=-c&command=PGPASSWORD%3D***+psql")
	f("/exec?command=--token&command=a+b%26c", "/exec?command=--token&command=***")
	f("/run/ns/p/c?cmd=curl+-u+a:b+h", "/run/ns/p/c?cmd=curl+-u+a%3A***+h")
	f("/proxy/x?access_token=abc&watch=true", "/proxy/x?access_token=***&watch=true")
	f("/proxy/"+jwt+"?%zz=%zz&password=%zz", "/proxy/***?%zz=%zz&password=***")
}

func FuzzScrub(f *testing.F) {
	f.Add("/exec?command=sh&command=--password&command=x")
	f.Fuzz(func(t *testing.T, s string) {
		URI(s)
		Argv(strings.Split(s, " "))
	})
}
