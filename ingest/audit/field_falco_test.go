package audit

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/audit/tape"
)

const falcoPod = `{"verb":"create","objectRef":{"resource":"pods","namespace":"dev"},"requestObject":{"spec":{
	"hostNetwork":true,"hostPID":false,"securityContext":{"runAsUser":1000,"runAsGroup":2000,"fsGroup":3000,"supplementalGroups":[1,2]},
	"containers":[
		{"name":"a","image":"nginx:1.25","command":["sh","-c","sleep 1"],"args":["x"],"ports":[{"containerPort":80,"hostPort":8080},{"containerPort":443}],
		 "securityContext":{"privileged":true,"runAsUser":0,"allowPrivilegeEscalation":true,"readOnlyRootFilesystem":false,
			"capabilities":{"add":["SYS_ADMIN","NET_ADMIN"]},"procMount":"Default"}},
		{"name":"b","image":"reg.io:5000/team/app:v2@sha256:abcd","securityContext":{"privileged":false}},
		{"name":"c","image":"docker.io/library/busybox@sha256:ff"}],
	"initContainers":[{"name":"i","image":"init:1","securityContext":{"privileged":true}}],
	"volumes":[{"name":"v1","hostPath":{"path":"/etc/kubernetes"}},{"name":"v2","emptyDir":{}},{"name":"v3","flexVolume":{"driver":"d"},"x":1}]}},
	"responseObject":{"metadata":{"name":"p1"}}}`

func TestFalcoPodFields(t *testing.T) {
	expect(t, newEvent(t, falcoPod),
		"ka.req.pod.host_network", "true",
		"ka.req.container.host_network", "true",
		"ka.req.pod.host_pid", "false",
		"ka.req.pod.host_ipc", none,
		"ka.req.pod.run_as_user", "1000",
		"ka.req.pod.run_as_group", "2000",
		"ka.req.pod.fs_group", "3000",
		"ka.req.pod.supplemental_groups", "(1,2)",
		"ka.req.pod.containers.name", "(a,b,c)",
		"ka.req.pod.containers.name[1]", "(b)",
		"ka.req.pod.containers.name[3]", none,
		"ka.req.pod.containers.image", "(nginx:1.25,reg.io:5000/team/app:v2@sha256:abcd,docker.io/library/busybox@sha256:ff)",
		"ka.req.pod.containers.image.repository", "(nginx,reg.io:5000/team/app,docker.io/library/busybox)",
		"ka.req.container.image", "nginx:1.25",
		"ka.req.container.image.repository", "nginx",
		"ka.req.container.privileged", "true",
		"ka.req.pod.containers.command", "(sh -c sleep 1)",
		"ka.req.pod.containers.command[1]", none,
		"ka.req.pod.containers.args", "(x)",
		"ka.req.pod.containers.host_port", "(8080,443)",
		"ka.req.pod.containers.privileged", "(true,false)",
		"ka.req.pod.containers.privileged[2]", none,
		"ka.req.pod.containers.run_as_user", "(0)",
		"ka.req.pod.containers.run_as_group", none,
		"ka.req.pod.containers.eff_run_as_user", "(0,1000,1000)",
		"ka.req.pod.containers.eff_run_as_user[1]", "(1000)",
		"ka.req.pod.containers.eff_run_as_group", "(2000,2000,2000)",
		"ka.req.pod.containers.allow_privilege_escalation", "(true)",
		"ka.req.pod.containers.read_only_fs", "(false)",
		"ka.req.pod.containers.add_capabilities", `(["SYS_ADMIN","NET_ADMIN"])`,
		"ka.req.pod.containers.proc_mount", "(Default)",
		"ka.req.pod.initContainers.privileged", "(true)",
		"ka.req.pod.initContainers.eff_run_as_user", "(1000)",
		"ka.req.pod.initContainers.host_port", none,
		"ka.req.pod.ephemeralContainers.image", none,
		"ka.req.pod.volumes.hostpath", "(/etc/kubernetes)",
		"ka.req.pod.volumes.hostpath[0]", "(/etc/kubernetes)",
		"ka.req.pod.volumes.hostpath[1]", none,
		"ka.req.pod.volumes.flexvolume_driver", "(d)",
		"ka.req.pod.volumes.volume_type", "(hostPath,emptyDir,flexVolume,x)",
		"ka.req.pod.volumes.volume_type[1]", "(emptyDir)",
		"ka.req.volume.hostpath[/etc*]", "true",
		"ka.req.volume.hostpath[/etc]", "false",
		"ka.req.volume.hostpath[/etc/kubernetes]", "true",
		"ka.resp.name", "p1",
		"ka.target.pod.name", "p1",
		"ka.target.name", none,
	)
}

func TestFalcoPodFieldsOfOtherBodies(t *testing.T) {
	expect(t, newEvent(t, `{"requestObject":{"spec":{"containers":[{"name":"z","image":"i"},{"name":"y"}]}}}`),
		"ka.req.pod.containers.name", "(z,y)",
		"ka.req.pod.containers.image", none, // one lacks it
		"ka.req.pod.containers.image[0]", "(i)",
		"ka.req.pod.containers.image.repository", none,
		"ka.req.container.privileged", "false",
		"ka.req.pod.containers.eff_run_as_user", "(0,0)",
		"ka.req.volume.hostpath[/]", none,
	)
	for _, body := range []string{`null`, `[]`, `"x"`, `{}`, `{"spec":5}`, `{"spec":{"containers":"x","volumes":{}}}`} {
		e := newEvent(t, `{"requestObject":`+body+`}`)
		expect(t, e, "ka.req.pod.containers.name", none, "ka.req.pod.containers.eff_run_as_user", none, "ka.req.container.privileged", none,
			"ka.req.container.image", none, "ka.req.pod.volumes.volume_type", none, "ka.req.volume.hostpath[*]", none, "ka.req.pod.host_pid", none)
	}
}

func TestFalcoHeadFields(t *testing.T) {
	e := newEvent(t, `{"level":"Request","verb":"get","requestURI":"/api/v1/pods?a=1%2B&a=2&b=x+y&c","userAgent":"ua",
		"user":{"username":"","groups":["g","h"]},"impersonatedUser":{"username":"imp"},"sourceIPs":["10.0.0.7","192.168.1.1"],
		"objectRef":{"resource":"pods","subresource":"log","namespace":"ns","name":"n"},"responseStatus":{"code":404,"reason":"NotFound"},
		"annotations":{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":"why","cluster_name":"c1",
			"authentication.openshift.io/decision":"error","authentication.openshift.io/username":"o",
			"validation.policy.admission.k8s.io/validation_failure":"[]","pod-security.kubernetes.io/audit-violations":"v"}}`)
	expect(t, e,
		"ka.auditid", "id", "ka.stage", "ResponseComplete", "ka.verb", "get", "ka.useragent", "ua",
		"ka.uri", "/api/v1/pods?a=1%2B&a=2&b=x+y&c",
		"ka.uri.param[a]", "1+", "ka.uri.param[b]", "x y", "ka.uri.param[c]", "", "ka.uri.param[d]", none,
		"ka.user.name", "", "ka.user.groups", "(g,h)", "ka.impuser.name", "imp",
		"ka.sourceips", "(10.0.0.7,192.168.1.1)", "ka.sourceips[0]", "(10.0.0.7)", "ka.sourceips[2]", none,
		"ka.target.resource", "pods", "ka.target.subresource", "log", "ka.target.namespace", "ns", "ka.target.name", "n",
		"ka.response.code", "404", "ka.response.reason", "NotFound",
		"ka.auth.decision", "allow", "ka.auth.reason", "why", "ka.cluster.name", "c1",
		"ka.auth.openshift.decision", "error", "ka.auth.openshift.username", "o",
		"ka.validations.admission.policy.failure", "[]", "ka.security.pod.violations", "v",
		"ka.target.pod.name", none, "ka.req.configmap.name", "n",
	)
	expect(t, newEvent(t, `{"user":{},"objectRef":{"name":5},"responseStatus":{"code":"x"}}`),
		"ka.verb", none, "ka.user.name", none, "ka.user.groups", none, "ka.impuser.name", none, "ka.target.name", none, "ka.target.resource", none,
		"ka.response.code", none, "ka.sourceips", none, "ka.uri.param[a]", none, "ka.auth.decision", none)
}

func TestFalcoObjectFields(t *testing.T) {
	e := newEvent(t, `{"requestObject":{"roleRef":{"name":"admin"},"subjects":[{"kind":"User","name":"bob"},{"kind":"ServiceAccount","name":"sa","namespace":"ns1"},
		{"kind":"Group","name":"g"},{"kind":"User"},5],"data":{"k":"é\"q\" <&>"},"rules":[{"apiGroups":[""],"verbs":["get","list"]},{"verbs":["*"],"resources":["pods"]},
		{"nonResourceURLs":["/metrics"]}],"spec":{"type":"NodePort","ports":[{"port":80}, {"port":81}]}}}`)
	expect(t, e,
		"ka.req.binding.role", "admin",
		"ka.req.binding.subjects.user_names", "(bob)",
		"ka.req.binding.subjects.group_names", "(g)",
		"ka.req.binding.subjects.serviceaccount_names", "(sa)",
		"ka.req.binding.subjects.serviceaccount_ns_names", "(ns1:sa)",
		"ka.req.binding.subject.has_name[g]", "true",
		"ka.req.binding.subject.has_name[x]", none,
		"ka.req.configmap.obj", `{"k":"é\"q\" <&>"}`,
		"ka.req.role.rules.verbs", "(get,list,*)",
		"ka.req.role.rules.verbs[1]", "(*)",
		"ka.req.role.rules.verbs[2]", none,
		"ka.req.role.rules.apiGroups", "()",
		"ka.req.role.rules.resources", "(pods)",
		"ka.req.role.rules.nonResourceURLs", "(/metrics)",
		"ka.req.service.type", "NodePort",
		"ka.req.service.ports", `([{"port":80},{"port":81}])`,
		"ka.req.service.ports[1]", `([{"port":80},{"port":81}])`,
	)
	expect(t, newEvent(t, `{"requestObject":{"subjects":[],"rules":[]}}`),
		"ka.req.binding.subjects", none, "ka.req.binding.subjects.user_names", none, "ka.req.role.rules", none, "ka.req.role.rules.verbs", none)
}

func TestJSONFields(t *testing.T) {
	line := []byte(`{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"i","stage":"ResponseComplete","verb":"x\u0026y","user":{"groups":["a", "b\u0026"],"n":[1]},` +
		`"objectRef":{"name":"n"},"responseStatus":{"code":201},"annotations":{"a/b":"c","d":{}},"sourceIPs":[],"requestObject":{"a":[null,{"b":1}]},` +
		`"stageTimestamp":"2026-11-20T10:00:01.123456Z","mine":[{"x":true}]}`)
	e := decodeLine(t, line)
	expect(t, e,
		"jevt.value[/stage]", "ResponseComplete", "json.value[stage]", "ResponseComplete", "jevt.value[/verb]", "x&y",
		"jevt.value[/user/groups]", `["a","b&"]`, "jevt.value[/user/groups/0]", "a", "jevt.value[/user/n]", "[1]", "jevt.value[/user/username]", none,
		"jevt.value[/objectRef/name]", "n", "jevt.value[/objectRef]", `{"name":"n"}`, "jevt.value[/responseStatus/code]", "201",
		"jevt.value[/annotations/a~1b]", "c", "jevt.value[/annotations]", `{"a/b":"c","d":{}}`,
		"jevt.value[/sourceIPs]", "[]", "jevt.value[/requestObject]", `{"a":[null,{"b":1}]}`,
		"jevt.value[/requestObject/a/1/b]", "1", "jevt.value[/requestObject/a/0]", "null", "jevt.value[/requestObject/a/2]", none,
		"jevt.value[/responseObject/x]", none, "jevt.value[/mine/0/x]", "true", "jevt.value[/nothing]", none,
		"jevt.rawtime", "1795168801123456000", "json.rawtime", "1795168801123456000",
	)
	obj := newFieldTable().question(t, "jevt.obj").ask(decodeLine(t, []byte(`{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"i","stage":"Panic",`+
		`"stageTimestamp":"2026-11-20T10:00:01Z","a":[1,{}],"b":[],"c":"\u0026"}`)), 0)
	want := `{
  "kind": "Event",
  "apiVersion": "audit.k8s.io/v1",
  "auditID": "i",
  "stage": "Panic",
  "stageTimestamp": "2026-11-20T10:00:01Z",
  "a": [
    1,
    {}
  ],
  "b": [],
  "c": "\u0026"
}`
	if obj != want {
		t.Errorf("jevt.obj = %s", obj)
	}
}

func TestGenericFields(t *testing.T) {
	expect(t, newEvent(t, `{}`),
		"evt.time", "10:00:01.123456000", "evt.time.s", "10:00:01", "evt.time.iso8601", "2026-11-20T10:00:01.123456000+0000",
		"evt.datetime", "2026-11-20 10:00:01.123456000", "evt.datetime.s", "2026-11-20 10:00:01",
		"evt.rawtime", "1795168801123456000", "evt.rawtime.s", "1795168801", "evt.rawtime.ns", "123456000",
		"evt.source", "k8s_audit", "evt.pluginname", "k8saudit", "evt.plugininfo", none, "evt.is_async", "false", "evt.asynctype", none,
		"evt.hostname", none, "evt.num", "0",
	)
}

// TestFieldsOfRealEvents asks every field of every recorded event, and checks the fields of Falco's that copy a member of the event
// against the pointer to that member.
func TestFieldsOfRealEvents(t *testing.T) {
	dir := os.Getenv("PARALLAX_TEST_DATA")
	if dir == "" {
		t.Skip("PARALLAX_TEST_DATA names no directory with recorded audit logs")
	}
	table := newFieldTable()
	same := map[*question]*question{}
	for field, path := range map[string]string{
		"ka.verb": "/verb", "ka.stage": "/stage", "ka.user.name": "/user/username", "ka.target.name": "/objectRef/name", "ka.uri": "/requestURI",
		"ka.target.resource": "/objectRef/resource", "ka.response.code": "/responseStatus/code", "ka.auth.reason": "/annotations/authorization.k8s.io~1reason",
		"ka.req.pod.host_pid": "/requestObject/spec/hostPID", "ka.resp.name": "/responseObject/metadata/name",
	} {
		q := &question{Field: table["json.value"], arg: event.Arg{Prepared: &pointer{path: tape.ParsePath(path)}}} // parses the whole event
		same[table.question(t, field)] = q
	}
	for _, name := range []string{"attacks.log", "benign.log"} {
		log, err := os.ReadFile(filepath.Join(dir, "audit", name))
		if err != nil {
			t.Fatal(err)
		}
		e := new(Event)
		for line := range bytes.Lines(log) {
			if _, err := e.decode(line, false, &tail{}); err != nil {
				t.Fatal(err)
			}
			for a, b := range same {
				if x, y := a.ask(e, 0), b.ask(e, 0); x != y {
					t.Errorf("%s = %s, the member is %s", a.Name, x, y)
				}
			}
			askAll(t, table, e)
		}
	}
}
