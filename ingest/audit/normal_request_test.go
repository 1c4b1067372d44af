package audit

import (
	"fmt"
	"testing"
)

func TestAct(t *testing.T) {
	f := func(verb, sub string, code int, act, read string) {
		t.Helper()
		e := newEvent(t, fmt.Sprintf(`{"verb":%q,"objectRef":{"resource":"pods","name":"p","subresource":%q},"responseStatus":{"code":%d}}`, verb, sub, code))
		expect(t, e, "audit.act", act, "audit.read", read)
	}
	f("create", "", 201, "create", none)
	f("create", "", 403, "create", none)
	f("patch", "", 201, "create", none) // server-side apply
	f("update", "", 201, "create", none)
	f("patch", "", 200, "modify", none)
	f("update", "", 504, "modify", none)
	f("delete", "", 200, "delete", none)
	f("deletecollection", "", 200, "delete", none)
	f("get", "exec", 101, "exec", none) // WebSocket
	f("create", "exec", 101, "exec", none)
	f("get", "attach", 101, "attach", none)
	f("get", "portforward", 101, "portforward", none)
	f("delete", "proxy", 200, "proxy", none)
	f("get", "", 200, "read", "one")
	f("get", "log", 200, "read", "one")
	f("list", "", 200, "read", "list")
	f("watch", "", 200, "read", "watch")
	f("impersonate", "", 200, "impersonate", none)
	f("", "", 0, none, none)
	expect(t, newEvent(t, `{"verb":"get","objectRef":{"resource":"pods"}}`), "audit.read", "list")
	expect(t, newEvent(t, `{"verb":"get","requestURI":"/healthz"}`), "audit.read", "one", "audit.act", "read")
	expect(t, newEvent(t, `{}`), "audit.act", none, "audit.read", none)
}

func TestDone(t *testing.T) {
	f := func(stage, verb, sub, uri, want string) {
		t.Helper()
		e := newEvent(t, fmt.Sprintf(`{"stage":%q,"verb":%q,"requestURI":%q,"objectRef":{"subresource":%q}}`, stage, verb, uri, sub))
		expect(t, e, "audit.done", want)
	}
	f("RequestReceived", "create", "exec", "/", "false")
	f("ResponseComplete", "get", "", "/", "true")
	f("Panic", "create", "", "/", "true")
	f("ResponseStarted", "get", "", "/", "false")
	f("ResponseStarted", "list", "", "/", "false")
	for _, sub := range []string{"exec", "attach", "portforward", "proxy"} {
		f("ResponseStarted", "get", sub, "/", "true")
		f("ResponseComplete", "get", sub, "/", "true")
	}
	f("ResponseStarted", "watch", "", "/", "true")
	f("ResponseStarted", "get", "log", "/log?follow=true", "true")
	f("ResponseStarted", "get", "log", "/log?follow=1", "true")
	f("ResponseStarted", "get", "log", "/log?follow=False", "false")
	f("ResponseStarted", "get", "log", "/log", "false")
}

func TestOK(t *testing.T) {
	f := func(members, ok, denied string) {
		t.Helper()
		expect(t, newEvent(t, members), "audit.ok", ok, "audit.denied", denied)
	}
	code := func(n int) string { return fmt.Sprintf(`{"responseStatus":{"code":%d}}`, n) }
	for _, n := range []int{200, 201, 204, 299, 101} {
		f(code(n), "yes", "false")
	}
	for _, n := range []int{400, 401, 404, 409, 422, 499} {
		f(code(n), "no", "false")
	}
	f(code(403), "no", "true")
	for _, n := range []int{0, 100, 304, 500, 504, 99999} {
		f(code(n), "unknown", "false")
	}
	f(`{}`, "unknown", "false")
	f(`{"responseStatus":{}}`, "unknown", "false")
	f(`{"stage":"Panic","responseStatus":{"code":200}}`, "unknown", "false")
	f(`{"responseStatus":{"code":200,"message":"Connection closed early"}}`, "unknown", "false")
	f(`{"annotations":{"authorization.k8s.io/decision":"forbid"},"responseStatus":{"code":404}}`, "no", "true")
	f(`{"annotations":{"authorization.k8s.io/decision":"allow"},"responseStatus":{"code":201}}`, "yes", "false")
	expect(t, newEvent(t, code(422)), "audit.code", "422", "audit.reason", none, "audit.decision", none)
	expect(t, newEvent(t, `{}`), "audit.code", none)
}

func TestDry(t *testing.T) {
	f := func(verb, sub, uri, body, want string) {
		t.Helper()
		e := newEvent(t, fmt.Sprintf(`{"verb":%q,"requestURI":%q,"objectRef":{"resource":"pods","subresource":%q},"requestObject":%s}`, verb, uri, sub, body))
		expect(t, e, "audit.dry", want)
	}
	f("create", "", "/pods?dryRun=All", `null`, "true")
	f("create", "", "/pods?fieldManager=x&dry%52un=%41ll", `null`, "true")
	f("create", "", "/pods?dryRun=", `null`, "false")
	f("create", "", "/pods?dryRun=x&dryRun=All", `null`, "true")
	f("create", "", "/pods?x=dryRun=All", `null`, "false")
	f("patch", "scale", "/pods?dryRun=All", `null`, "true")
	f("delete", "", "/pods", `{"kind":"DeleteOptions","dryRun":["All"]}`, "true")
	f("delete", "", "/pods", `{"kind":"DeleteOptions","dryRun":[]}`, "false")
	f("create", "", "/pods", `{"dryRun":["All"]}`, "false")
	f("list", "", "/pods?dryRun=All", `null`, "false")
	f("get", "exec", "/pods/p/exec?dryRun=All", `null`, "false")
	f("create", "exec", "/pods/p/exec?dryRun=All", `null`, "false")
	f("create", "proxy", "/nodes/n/proxy/run/a/b/c?cmd=id&dryRun=All", `null`, "false")
	expect(t, newEvent(t, `{"verb":"create","requestURI":"/x?dryRun=All"}`), "audit.dry", "false")
}

func TestTruncated(t *testing.T) {
	f := func(members, want string) {
		t.Helper()
		expect(t, newEvent(t, members), "audit.truncated", want)
	}
	f(`{}`, "false")
	f(`{"annotations":{"audit.k8s.io/truncated":"true"}}`, "true")
	f(`{"annotations":{"audit.k8s.io/truncated":"false"}}`, "false")
	f(`{"requestObject":"skipped-too-big-size-object"}`, "true")
	f(`{"responseObject":"skipped-too-big-size-object"}`, "true")
	f(`{"responseObject":{"x":"skipped-too-big-size-object"},"userAgent":"skipped-too-big-size-object"}`, "false")
}

func TestExec(t *testing.T) {
	f := func(sub, uri string, want ...string) {
		t.Helper()
		e := newEvent(t, fmt.Sprintf(`{"verb":"get","requestURI":%q,"objectRef":{"resource":"pods","subresource":%q}}`, uri, sub))
		expect(t, e, want...)
	}
	const exec = "/api/v1/namespaces/dev/pods/p/exec?"
	f("exec", exec+"command=sh&command=-c&command=id%3B+tty&container=main&stdin=true&tty=true",
		"audit.exec.argv", "(sh,-c,id; tty)", "audit.exec.command", "sh -c id; tty", "audit.exec.container", "main",
		"audit.exec.tty", "true", "audit.exec.stdin", "true", "audit.proxy.path", none)
	f("exec", exec+"comm%61nd=a%2Fb&container=x&command=%e2%82%ac&command=100%&command=%zz%4",
		"audit.exec.argv", "(a/b,€,100%,%zz%4)", "audit.exec.container", "x", "audit.exec.tty", "false", "audit.exec.stdin", "false")
	f("exec", exec+"command=%41&command=b%20c&command=d+e", "audit.param[command]", "A", "audit.exec.command", "A b c d e", "audit.exec.argv", "(A,b c,d e)",
		"audit.exec.command", "A b c d e")
	f("exec", exec+"tty=0&stdin=FALSE", "audit.exec.argv", none, "audit.exec.command", none, "audit.exec.container", none,
		"audit.exec.tty", "false", "audit.exec.stdin", "false")
	f("exec", exec+"command=&command=a", "audit.exec.argv", "(,a)")
	f("attach", "/api/v1/namespaces/dev/pods/p/attach?command=x&container=c&tty=1", "audit.exec.argv", none, "audit.exec.container", "c",
		"audit.exec.tty", "true")
	f("log", "/log?command=x&container=c", "audit.exec.argv", none, "audit.exec.container", none, "audit.exec.tty", none, "audit.exec.stdin", none)
	f("proxy", "/api/v1/nodes/n/proxy/exec/ns/pod/ctr?command=id&command=-u&cmd=no",
		"audit.exec.command", "id -u", "audit.exec.container", "ctr", "audit.exec.tty", none, "audit.proxy.path", "/exec/ns/pod/ctr")
	f("proxy", "/api/v1/nodes/n/proxy/run/ns/pod/uid/ctr?cmd=id", "audit.exec.argv", "(id)", "audit.exec.container", "ctr")
	f("proxy", "/api/v1/nodes/n/proxy/attach/ns/pod/ctr?command=id", "audit.exec.argv", none, "audit.exec.container", "ctr")
	f("proxy", "/api/v1/nodes/n/proxy/pods", "audit.exec.argv", none, "audit.exec.container", none)
}

func TestProxy(t *testing.T) {
	f := func(name, uri, path, port string) {
		t.Helper()
		e := newEvent(t, fmt.Sprintf(`{"verb":"get","requestURI":%q,"objectRef":{"resource":"nodes","subresource":"proxy","name":%q}}`, uri, name))
		expect(t, e, "audit.proxy.path", path, "audit.proxy.port", port)
	}
	f("n", "/api/v1/nodes/n/proxy/runningpods/?x=/proxy/y", "/runningpods", none)
	f("n", "/api/v1/nodes/n/proxy", "/", none)
	f("n:10250", "/api/v1/nodes/n:10250/proxy//exec/../run/a%2Fb", "/run/a/b", "10250")
	f("https:n:10250", "/api/v1/nodes/https:n:10250/proxy/pods", "/pods", "10250")
	f("proxy", "/api/v1/namespaces/proxy/pods/proxy/proxy/proxy/a", "/proxy/a", none)
	f("web:http", "/api/v1/namespaces/shop/services/web:http/proxy/admin%3Fx", "/admin?x", "http")
	f("x", "/apis/sub.io/v1/namespaces/ns/things/x/proxy/%2e%2e/a", "/a", none)
	f("a:b:c:d", "/api/v1/nodes/n/log", none, none)
	f("n:", "", none, none)
	e := newEvent(t, `{"verb":"get","requestURI":"/api/v1/nodes/n/proxy/pods","objectRef":{"resource":"nodes","name":"n:1"}}`)
	expect(t, e, "audit.proxy.path", none, "audit.proxy.port", none)
}

func TestURI(t *testing.T) {
	e := newEvent(t, `{"requestURI":"/api/a%2Fb%zz?x=1%2&y=a%20b+c&x=2&&=e&z"}`)
	expect(t, e, "audit.uri", "/api/a%2Fb%zz?x=1%2&y=a%20b+c&x=2&&=e&z", "audit.path", "/api/a/b%zz",
		"audit.param[x]", "1%2", "audit.param[y]", "a b c", "audit.param[z]", "", "audit.param[w]", none, "audit.param[]", "e")
	expect(t, newEvent(t, `{}`), "audit.uri", none, "audit.path", none, "audit.param[x]", none)
}

func TestExecPlain(t *testing.T) {
	f := func(command, want string) {
		t.Helper()
		e := newEvent(t, fmt.Sprintf(`{"verb":"get","requestURI":"/api/v1/namespaces/d/pods/p/exec?command=%s","objectRef":{"resource":"pods","subresource":"exec"}}`, command))
		expect(t, e, "audit.exec.plain", want)
	}
	f("cat&command=/etc//shadow", "cat /etc/shadow")
	f("cat&command=/etc/././/shadow", "cat /etc/shadow")
	f("chroot%09+/host", "chroot /host")
	f("/bin/sh", "/bin/sh")
	f("a/../b/.c", "a/../b/.c")
}
