package audit

import (
	"fmt"
	"strings"
	"testing"
)

// kinds are the resources that hold a pod spec, with the object around it.
var kinds = map[string]string{
	"pods":                   `{"metadata":%[1]s,"spec":%[2]s}`,
	"podtemplates":           `{"metadata":{"name":"x"},"template":{"metadata":%[1]s,"spec":%[2]s}}`,
	"deployments":            `{"metadata":{"name":"x"},"spec":{"template":{"metadata":%[1]s,"spec":%[2]s}}}`,
	"daemonsets":             `{"metadata":{"name":"x"},"spec":{"template":{"metadata":%[1]s,"spec":%[2]s}}}`,
	"statefulsets":           `{"metadata":{"name":"x"},"spec":{"template":{"metadata":%[1]s,"spec":%[2]s}}}`,
	"replicasets":            `{"metadata":{"name":"x"},"spec":{"template":{"metadata":%[1]s,"spec":%[2]s}}}`,
	"replicationcontrollers": `{"metadata":{"name":"x"},"spec":{"template":{"metadata":%[1]s,"spec":%[2]s}}}`,
	"jobs":                   `{"metadata":{"name":"x"},"spec":{"template":{"metadata":%[1]s,"spec":%[2]s}}}`,
	"cronjobs":               `{"metadata":{"name":"x"},"spec":{"jobTemplate":{"spec":{"template":{"metadata":%[1]s,"spec":%[2]s}}}}}`,
}

// created is a create of a workload around a pod spec, whose body is request or response.
func created(t *testing.T, resource, body, meta, spec string) *Event {
	t.Helper()
	object := fmt.Sprintf(kinds[resource], meta, spec)
	return newEvent(t, fmt.Sprintf(`{"verb":"create","objectRef":{"resource":%q},"responseStatus":{"code":201},%q:%s}`, resource, body, object))
}

// riskySpec states all that fields of the pod and of containers ask for.
const riskySpec = `{"hostPID":true,"hostNetwork":true,"hostIPC":false,"hostUsers":false,"serviceAccountName":"sa","serviceAccount":"old","nodeName":"n1",
	"securityContext":{"runAsUser":1000,"runAsNonRoot":true,"sysctls":[{"name":"kernel.msgmax","value":"1"}],"seccompProfile":{"type":"Unconfined"},
		"seLinuxOptions":{"type":"spc_t"},"appArmorProfile":{"type":"RuntimeDefault"}},
	"volumes":[{"name":"root","hostPath":{"path":"/"}},{"name":"run","hostPath":{"path":"//var/run/../run/docker.sock/"}},{"name":"tmp","emptyDir":{}},
		{"name":"rel","hostPath":{"path":"etc"}}],
	"initContainers":[{"name":"init","image":"busybox","securityContext":{"privileged":true,"allowPrivilegeEscalation":false,"runAsUser":0,"runAsNonRoot":false,
		"capabilities":{"add":["cap_sys_admin","Net_Raw"],"drop":["ALL"]},"procMount":"Unmasked","seccompProfile":{"type":"RuntimeDefault"},
		"seLinuxOptions":{"level":"s0"},"appArmorProfile":{"type":"Unconfined"}}}],
	"containers":[
		{"name":"main","image":"reg.io:5000/team/app:v2@sha256:abcd","command":["sh","-c"],"args":["id",5],"tty":true,
		 "ports":[{"containerPort":80,"hostPort":8080},{"containerPort":81},{"hostPort":0}],
		 "volumeMounts":[{"name":"root","mountPath":"/host","readOnly":true,"subPath":"var/../etc/kubernetes"},{"name":"run","mountPath":"/s"},
			{"name":"tmp","mountPath":"/t"},{"name":"root","subPathExpr":"var/log/$(POD)","mountPath":"/l"},{"name":"nope","mountPath":"/n"}]},
		{"name":"side","image":"nginx"}],
	"ephemeralContainers":[{"name":"dbg","image":"busybox:1.36","targetContainerName":"main"}]}`

func TestPodFieldsOverKindsAndBodies(t *testing.T) {
	for resource := range kinds {
		for _, body := range []string{"requestObject", "responseObject"} {
			t.Run(resource+" "+body, func(t *testing.T) {
				e := created(t, resource, body, `{"annotations":{"kubernetes.io/config.mirror":"x"}}`, riskySpec)
				expect(t, e,
					"audit.pod.hostpid", "true", "audit.pod.hostnetwork", "true", "audit.pod.hostipc", "false", "audit.pod.hostusers", "false",
					"audit.pod.serviceaccount", "sa", "audit.pod.node", "n1", "audit.pod.mirror", "true", "audit.pod.sysctls", "(kernel.msgmax)",
					"audit.pod.volumes", "(hostPath,hostPath,emptyDir,hostPath)",
					"audit.pod.hostpaths.writable", "(/var/run/docker.sock,/var/log)",
					"audit.obj.partial", "false",
				)
				expectContainers(t, e)
			})
		}
	}
}

func expectContainers(t *testing.T, e *Event) {
	t.Helper()
	if n := e.Elements(2 - 1); n != 4 {
		t.Fatalf("%d containers, want 4", n)
	}
	expect(t, e,
		"audit.ctr.name", "main", "1:audit.ctr.name", "side", "2:audit.ctr.name", "init", "3:audit.ctr.name", "dbg", "4:audit.ctr.name", none,
		"audit.ctr.kind", "main", "2:audit.ctr.kind", "init", "3:audit.ctr.kind", "ephemeral",
		"audit.ctr.image", "reg.io:5000/team/app:v2@sha256:abcd", "audit.ctr.image.repository", "reg.io:5000/team/app",
		"audit.ctr.image.tag", "v2", "audit.ctr.image.digest", "sha256:abcd", "1:audit.ctr.image.tag", none, "1:audit.ctr.image.digest", none,
		"audit.ctr.privileged", "false", "2:audit.ctr.privileged", "true",
		"audit.ctr.caps", none, "2:audit.ctr.caps", "(SYS_ADMIN,NET_RAW)", "2:audit.ctr.caps.dropped", "(ALL)",
		"audit.ctr.procmount", none, "2:audit.ctr.procmount", "Unmasked",
		"audit.ctr.seccomp", "Unconfined", "2:audit.ctr.seccomp", "RuntimeDefault",
		"audit.ctr.apparmor", "RuntimeDefault", "2:audit.ctr.apparmor", "Unconfined",
		"audit.ctr.selinux.type", "spc_t", "2:audit.ctr.selinux.type", none,
		"audit.ctr.runasuser", "1000", "2:audit.ctr.runasuser", "0",
		"audit.ctr.runasnonroot", "true", "2:audit.ctr.runasnonroot", "false",
		"audit.ctr.escalation", "true", "2:audit.ctr.escalation", "false",
		"audit.ctr.command", "(sh,-c,id,5)", "1:audit.ctr.command", none,
		"audit.ctr.hostpaths", "(/etc/kubernetes,/var/run/docker.sock,/var/log)", "1:audit.ctr.hostpaths", none,
		"audit.ctr.hostpaths.under", "(/etc/kubernetes,/etc,/var/run/docker.sock,/var/run,/var,/var/log,/var)",
		"audit.ctr.hostpaths.writable", "(/var/run/docker.sock,/var/log)",
		"audit.ctr.hostpaths.writable.under", "(/var/run/docker.sock,/var/run,/var,/var/log,/var)",
		"audit.ctr.hostports", "(8080)", "1:audit.ctr.hostports", none,
		"3:audit.ctr.target", "main", "audit.ctr.target", none, "audit.ctr.tty", "true", "1:audit.ctr.tty", "false",
	)
}

func TestHostPathOrderAndCleaning(t *testing.T) {
	e := created(t, "pods", "requestObject", `{}`, riskySpec)
	// sorted by name of the volume
	expect(t, e, "audit.pod.hostpaths", "(/etc,/,/var/run/docker.sock)")
	e = created(t, "pods", "requestObject", `{}`, `{"containers":[{"name":"a","volumeMounts":[{"name":"v","subPath":"../../../x"}]}],
		"volumes":[{"name":"v","hostPath":{"path":"/a/b/.."}},{"name":"w","hostPath":{}},{"name":"u","hostPath":null},{"hostPath":{"path":"/noname"}}]}`)
	expect(t, e, "audit.pod.hostpaths", "(/noname,/a)", "audit.ctr.hostpaths", "(/x)")
	e = created(t, "pods", "requestObject", `{}`, `{"containers":[{"volumeMounts":[{"name":"v"}]}],"volumes":[{"name":"v","hostPath":{"path":"/"}}]}`)
	expect(t, e, "audit.ctr.hostpaths", "(/)", "audit.ctr.hostpaths.under", "(/)")
}

func TestPodDefaults(t *testing.T) {
	e := created(t, "deployments", "requestObject", `{}`, `{"containers":[{"name":"a","image":"x"}]}`)
	expect(t, e,
		"audit.pod.hostpid", "false", "audit.pod.hostnetwork", "false", "audit.pod.hostipc", "false", "audit.pod.hostusers", "true",
		"audit.pod.serviceaccount", none, "audit.pod.node", none, "audit.pod.mirror", "false", "audit.pod.sysctls", none, "audit.pod.volumes", none,
		"audit.pod.hostpaths", none, "audit.pod.hostpaths.writable", none,
		"audit.ctr.privileged", "false", "audit.ctr.escalation", "true", "audit.ctr.runasnonroot", "false", "audit.ctr.runasuser", none,
		"audit.ctr.seccomp", none, "audit.ctr.apparmor", none, "audit.ctr.selinux.type", none, "audit.ctr.tty", "false")
}

func TestNoPodSpec(t *testing.T) {
	f := func(members string) {
		t.Helper()
		e := newEvent(t, members)
		if n := e.Elements(1); n != 0 {
			t.Errorf("%d containers in %s", n, members)
		}
		expect(t, e, "audit.pod.hostpid", none, "audit.pod.hostusers", none, "audit.pod.mirror", none, "audit.ctr.name", none, "audit.ctr.kind", none)
	}
	body := `"requestObject":{"spec":{"hostPID":true,"containers":[{"name":"a"}],"template":{"spec":{"hostPID":true}}}}`
	f(`{"verb":"create",` + body + `}`)
	f(`{"verb":"create","objectRef":{"resource":"services"},` + body + `}`)
	f(`{"verb":"create","objectRef":{"resource":"pods"}}`)
	f(`{"verb":"delete","objectRef":{"resource":"pods"},` + body + `}`)
	for _, sub := range []string{"status", "binding", "eviction", "scale", "resize"} {
		f(`{"verb":"update","objectRef":{"resource":"pods","subresource":"` + sub + `"},` + body + `}`)
		f(`{"verb":"patch","objectRef":{"resource":"deployments","subresource":"` + sub + `"},` + body + `}`)
	}
	f(`{"verb":"create","objectRef":{"resource":"pods"},"requestObject":{"spec":"x"}}`)
	f(`{"verb":"list","objectRef":{"resource":"pods"},"responseObject":{"kind":"PodList","items":[{"spec":{"hostPID":true}}]}}`)
}

func TestWrongTypesInPodSpec(t *testing.T) {
	e := created(t, "pods", "requestObject", `{"annotations":5}`, `{"hostPID":"true","hostUsers":0,"serviceAccountName":7,"securityContext":[],"volumes":{},
		"containers":[7,null,{"name":1,"image":[],"securityContext":"x","command":"sh","ports":{},"volumeMounts":[1,{"name":2}]}],"initContainers":{}}`)
	if n := e.Elements(1); n != 1 {
		t.Errorf("%d containers, want 1", n)
	}
	expect(t, e, "audit.pod.hostpid", "false", "audit.pod.hostusers", "true", "audit.pod.serviceaccount", none, "audit.ctr.name", none, "audit.ctr.image", none,
		"audit.ctr.image.repository", none, "audit.ctr.command", none, "audit.ctr.privileged", "false", "audit.ctr.hostports", none, "audit.ctr.hostpaths", none)
}

func TestProfileAnnotations(t *testing.T) {
	e := created(t, "cronjobs", "requestObject", `{"annotations":{
		"seccomp.security.alpha.kubernetes.io/pod":"runtime/default",
		"container.seccomp.security.alpha.kubernetes.io/b":"unconfined",
		"container.apparmor.security.beta.kubernetes.io/a":"localhost/mine",
		"container.apparmor.security.beta.kubernetes.io/b":"unconfined"}}`, `{"containers":[{"name":"a"},{"name":"b"},{"name":"c"}]}`)
	expect(t, e,
		"audit.ctr.seccomp", "RuntimeDefault", "1:audit.ctr.seccomp", "Unconfined", "2:audit.ctr.seccomp", "RuntimeDefault",
		"audit.ctr.apparmor", "Localhost", "1:audit.ctr.apparmor", "Unconfined", "2:audit.ctr.apparmor", none)
}

func TestEphemeralContainers(t *testing.T) {
	f := func(verb, request, response string, want ...string) {
		t.Helper()
		e := newEvent(t, fmt.Sprintf(`{"verb":%q,"objectRef":{"resource":"pods","subresource":"ephemeralcontainers","name":"p"},"responseStatus":{"code":200},`+
			`"requestObject":%s,"responseObject":%s}`, verb, request, response))
		names := []string{}
		for i := range e.Elements(1) {
			names = append(names, newFieldTable().question(t, "audit.ctr.name").ask(e, i))
		}
		if got := strings.Join(names, ","); got != want[0] {
			t.Errorf("containers %s, want %s", got, want[0])
		}
		expect(t, e, want[1:]...)
		expect(t, e, "audit.pod.hostpid", none, "audit.pod.hostpaths", none, "audit.pod.mirror", none)
	}
	pod := `{"spec":{"hostPID":true,"securityContext":{"runAsUser":7},"containers":[{"name":"main","securityContext":{"privileged":true}}],
		"volumes":[{"name":"h","hostPath":{"path":"/etc"}}],
		"ephemeralContainers":[{"name":"old","securityContext":{"privileged":true}},{"name":"new","volumeMounts":[{"name":"h"}]}]}}`
	added := `{"spec":{"ephemeralContainers":[{"name":"new","volumeMounts":[{"name":"h"}]}]}}`
	f("patch", added, pod, "new", "audit.ctr.kind", "ephemeral", "audit.ctr.privileged", "false", "audit.ctr.hostpaths", "(/etc)", "audit.ctr.runasuser", "7")
	f("patch", `[{"op":"add","path":"/spec/ephemeralContainers/-","value":{"name":"new"}}]`, pod, "new", "audit.ctr.privileged", "false")
	f("patch", added, `null`, "new", "audit.ctr.privileged", none, "audit.obj.partial", "true")
	f("patch", added, `{"kind":"Status","apiVersion":"v1"}`, "new", "audit.ctr.name", "new")
	f("update", pod, pod, "old,new", "audit.ctr.privileged", "true")
	f("update", `{"kind":"EphemeralContainers","ephemeralContainers":[{"name":"e","tty":true}]}`, `null`, "e", "audit.ctr.tty", "true")
	f("patch", `[{"op":"add","path":"/ephemeralContainers/-","value":{"name":"e"}}]`, `null`, "e", "audit.ctr.name", "e")
}
