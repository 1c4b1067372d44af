package audit

import (
	"fmt"
	"strings"
	"testing"

	"github.com/parallax-sec/parallax/event"
	"github.com/parallax-sec/parallax/ingest/audit/tape"
)

func TestEffectiveObject(t *testing.T) {
	f := func(verb string, code int, request, response, from, partial, a string) {
		t.Helper()
		e := newEvent(t, fmt.Sprintf(`{"verb":%q,"objectRef":{"resource":"pods"},"responseStatus":{"code":%d},"requestObject":%s,"responseObject":%s}`,
			verb, code, request, response))
		expect(t, e, "audit.obj.from", from, "audit.obj.partial", partial, "audit.obj[/a]", a)
	}
	status := `{"kind":"Status","apiVersion":"v1","a":9}`
	f("create", 201, `{"a":1}`, `{"a":2}`, "response", "false", "2")
	f("get", 200, `null`, `{"a":2}`, "response", "false", "2")
	f("delete", 200, `{"kind":"DeleteOptions","a":1}`, `{"kind":"Pod","a":2}`, "response", "false", "2")
	f("create", 403, `{"a":1}`, status, "request", "false", "1")
	f("update", 0, `{"a":1}`, `null`, "request", "false", "1")
	f("create", 201, `{"a":1}`, `"skipped-too-big-size-object"`, "request", "false", "1")
	f("create", 201, `{"a":1}`, `{"kind":"Status","apiVersion":"example.com/v1","a":2}`, "response", "false", "2") // a custom resource
	f("create", 201, `{"a":1}`, `{}`, "request", "false", "1")
	for _, excerpt := range []string{"Table", "PartialObjectMetadata"} { // which the client may ask for instead of the object
		answer := fmt.Sprintf(`{"kind":%q,"apiVersion":"meta.k8s.io/v1","a":2}`, excerpt)
		f("create", 201, `{"a":1}`, answer, "request", "false", "1")
		f("patch", 200, `{"a":1}`, answer, "patch", "true", "1")
		f("patch", 200, `[{"op":"add","path":"/a","value":1}]`, answer, "patch", "true", "1")
	}
	f("patch", 201, `{"a":1}`, `null`, "request", "false", "1") // server-side apply that creates
	f("patch", 200, `{"a":1}`, `null`, "patch", "true", "1")
	f("patch", 403, `{"a":1}`, status, "patch", "true", "1")
	f("patch", 200, `[{"op":"add","path":"/a","value":{"b":[1]}}]`, `null`, "patch", "true", `{"b":[1]}`)
	f("patch", 200, `[{"op":"add","path":"","value":[1]}]`, `null`, none, "false", none)
	f("patch", 200, `"x"`, `null`, none, "false", none)
	f("create", 201, `[1]`, `null`, none, "false", none)
	f("delete", 200, `{"kind":"DeleteOptions","a":1}`, status, none, "false", none)
	f("create", 201, `null`, `null`, none, "false", none)
}

func TestObjectRef(t *testing.T) {
	expect(t, newEvent(t, `{"objectRef":{"resource":"deployments","subresource":"scale","apiGroup":"apps","apiVersion":"v1","namespace":"ns","name":"n","uid":"u"}}`),
		"audit.resource", "deployments", "audit.subresource", "scale", "audit.group", "apps", "audit.version", "v1", "audit.namespace", "ns",
		"audit.name", "n", "audit.uid", "u")
	expect(t, newEvent(t, `{"verb":"create","objectRef":{"resource":"pods","namespace":"","subresource":""},"requestObject":{"metadata":{"generateName":"x-"}},
		"responseObject":{"metadata":{"name":"x-1","uid":"u1"}}}`),
		"audit.group", "", "audit.version", none, "audit.namespace", none, "audit.subresource", none, "audit.name", "x-1", "audit.uid", "u1")
	expect(t, newEvent(t, `{"verb":"create","objectRef":{"resource":"pods"},"requestObject":{"metadata":{"generateName":"x-"}}}`), "audit.name", none, "audit.uid", none)
	expect(t, newEvent(t, `{"verb":"get","requestURI":"/version","responseObject":{"metadata":{"name":"x"}}}`),
		"audit.resource", none, "audit.group", none, "audit.name", none)
}

func TestControlled(t *testing.T) {
	f := func(verb, body, want string) {
		t.Helper()
		expect(t, newEvent(t, fmt.Sprintf(`{"verb":%q,"requestObject":%s}`, verb, body)), "audit.obj.controlled", want)
	}
	f("create", `{"metadata":{"ownerReferences":[{"kind":"Node"},{"kind":"Job","controller":true}]}}`, "true")
	f("create", `{"metadata":{"ownerReferences":[{"kind":"Node","controller":false}]}}`, "false")
	f("create", `{}`, "false")
	f("create", `null`, none)
	f("patch", `{"metadata":{"labels":{}}}`, none)
	f("patch", `{"metadata":{"ownerReferences":[{"controller":true}]}}`, "true")
}

func TestLabels(t *testing.T) {
	f := func(verb, request, response string, want ...string) {
		t.Helper()
		expect(t, newEvent(t, fmt.Sprintf(`{"verb":%q,"requestObject":%s,"responseObject":%s}`, verb, request, response)), want...)
	}
	const key = "pod-security.kubernetes.io/enforce"
	label, removed := "audit.label["+key+"]", "audit.label.removed["+key+"]"
	f("update", `null`, `{"metadata":{"labels":{"`+key+`":"privileged"},"annotations":{"a":"b"}}}`, label, "privileged", removed, "false",
		"audit.annotation[a]", "b", "audit.annotation.removed[a]", "false")
	f("update", `{"metadata":{"labels":{"`+key+`":null}}}`, `null`, label, none, removed, "false")
	f("patch", `{"metadata":{"labels":{"`+key+`":null},"annotations":null}}`, `{"metadata":{"labels":{"x":"y"}}}`, label, none, removed, "true",
		"audit.annotation.removed[a]", "true")
	f("patch", `{"metadata":{"labels":{"`+key+`":"privileged"}}}`, `null`, label, "privileged", removed, "false")
	f("patch", `{"metadata":{"labels":{"$patch":"replace","x":"y"}}}`, `null`, removed, "true", "audit.label.removed[x]", "false")
	f("patch", `[{"op":"remove","path":"/metadata/labels/pod-security.kubernetes.io~1enforce"}]`, `{"metadata":{"labels":{}}}`, label, none, removed, "true",
		"audit.label.removed[x]", "false")
	f("patch", `[{"op":"replace","path":"/metadata/labels","value":{"x":5}}]`, `null`, label, none, "audit.label[x]", none)
	f("patch", `{"metadata":5}`, `null`, removed, "false")
}

func TestPersistentVolumePath(t *testing.T) {
	f := func(resource, spec, path, under string) {
		t.Helper()
		e := newEvent(t, fmt.Sprintf(`{"verb":"create","objectRef":{"resource":%q},"requestObject":{"spec":%s}}`, resource, spec))
		expect(t, e, "audit.volume.hostpath", path, "audit.volume.hostpath.under", under)
	}
	f("persistentvolumes", `{"hostPath":{"path":"/etc//ssl/../ssl/"}}`, "/etc/ssl", "(/etc/ssl,/etc)")
	f("persistentvolumes", `{"local":{"path":"/"}}`, "/", "(/)")
	f("persistentvolumes", `{"nfs":{"path":"/etc"}}`, none, none)
	f("pods", `{"hostPath":{"path":"/etc"}}`, none, none)
}

// TestPatchesOverKinds states the same in a merge patch and a JSON patch of every kind of workload.
func TestPatchesOverKinds(t *testing.T) {
	pointers := map[string]string{"pods": "/spec", "podtemplates": "/template/spec", "cronjobs": "/spec/jobTemplate/spec/template/spec"}
	for resource, object := range kinds {
		pointer, ok := pointers[resource]
		if !ok {
			pointer = "/spec/template/spec"
		}
		spec := `{"hostPID":true,"containers":[{"name":"a","securityContext":{"privileged":true}},{"name":"b","$patch":"delete"}]}`
		merge := fmt.Sprintf(object, `{}`, spec)
		ops := fmt.Sprintf(`[{"op":"replace","path":%q,"value":true},{"op":"add","path":%q,"value":true},{"op":"replace","path":%q,"value":"a"}]`,
			pointer+"/hostPID", pointer+"/containers/0/securityContext/privileged", pointer+"/containers/0/name")
		ancestor := fmt.Sprintf(`[{"op":"replace","path":%q,"value":%s}]`, pointer, `{"hostPID":true,"containers":[{"name":"a","securityContext":{"privileged":true}}]}`)
		for what, body := range map[string]string{"merge": merge, "JSON": ops, "JSON of an ancestor": ancestor} {
			t.Run(resource+" "+what, func(t *testing.T) {
				e := newEvent(t, fmt.Sprintf(`{"verb":"patch","objectRef":{"resource":%q,"name":"x"},"responseStatus":{"code":200},"requestObject":%s}`, resource, body))
				if n := e.Elements(1); n != 1 {
					t.Errorf("%d containers, want 1", n)
				}
				expect(t, e, "audit.obj.partial", "true", "audit.pod.hostpid", "true", "audit.pod.hostipc", none, "audit.pod.hostusers", none,
					"audit.ctr.name", "a", "audit.ctr.privileged", "true", "audit.ctr.escalation", none, "audit.ctr.runasnonroot", none, "audit.ctr.tty", none)
			})
		}
	}
}

// TestTooManyValuesAreNoFault has two bodies that can be read and an event that cannot, since it holds both.
func TestTooManyValuesAreNoFault(t *testing.T) {
	filler := "[" + strings.Repeat("0,", tape.MaxNodes*2/3) + "0]"
	e := decodeOne(t, written("a", `,"objectRef":{"resource":"configmaps"},"requestObject":{"a":`+filler+`},"responseObject":{"b":`+filler+`,"c":"d"}`))
	expect(t, e, "jevt.value[/foo]", none, "jevt.value[/verb]", "create", "audit.obj[/c]", "d", "audit.obj.incomplete", "false")
	if d := e.Details(event.ScopeEvent, 0); len(d.Blind) != 1 || e.BodyFault() != nil {
		t.Errorf("blind %q, fault %v", d.Blind, e.BodyFault())
	}

	e = decodeOne(t, written("a", `,"objectRef":{"resource":"pods"},"requestObject":{"a":`+filler+`,"b":`+filler+`}`))
	expect(t, e, "audit.obj.incomplete", "true", "audit.obj.from", none)
	if d := e.Details(event.ScopeEvent, 0); len(d.Blind) != 2 || e.BodyFault() != nil {
		t.Errorf("blind %q, fault %v", d.Blind, e.BodyFault())
	}
}

func TestPatchThatCannotBeWorkedOut(t *testing.T) {
	e := decodeOne(t, strings.Replace(written("a", `,"objectRef":{"resource":"deployments"},"requestObject":[{"op":"copy","from":"/a","path":"/spec/b"},`+hostPID+`]`),
		`"verb":"create"`, `"verb":"patch"`, 1))
	expect(t, e, "audit.obj.incomplete", "true", "audit.obj.from", "patch", "audit.obj[/spec/hostPID]", "true")
	if d := e.Details(event.ScopeEvent, 0); len(d.Blind) != 1 || !d.Partial {
		t.Errorf("blind %q, partial %v", d.Blind, d.Partial)
	}
}
