package audit

import (
	"slices"
	"testing"

	"github.com/parallax-sec/parallax/event"
)

// askAll asks every field of an event, of each element of its scope and of one too many, and checks that values are of the
// kind that the table says.
func askAll(t testing.TB, table fieldTable, e *Event) {
	t.Helper()
	for _, f := range table {
		if f.Get == nil {
			continue
		}
		for _, text := range []string{"", "0", "/spec/containers/0/image", "*"} {
			a := event.Arg{Text: text, Has: text != "", Index: -1}
			if text == "0" {
				a.Index = 0
			}
			if f.Prepare != nil {
				if err := f.Prepare(&a); err != nil {
					t.Fatal(err)
				}
			}
			elems := min(e.Elements(f.Scope), 3)
			for a.Elem = 0; a.Elem <= elems; a.Elem++ {
				var v event.Value
				f.Get(e, &a, &v)
				checkValue(t, &f, &v)
			}
			if f.Arg == event.ArgNone {
				break
			}
		}
	}
}

func checkValue(t testing.TB, f *event.Field, v *event.Value) {
	t.Helper()
	want := event.KindText
	switch {
	case f.List:
		want = event.KindList
	case f.Type == event.Number:
		want = event.KindNumber
	}
	if v.Kind() != event.Missing && v.Kind() != want {
		t.Errorf("%s has a value of kind %d, want %d", f.Name, v.Kind(), want)
	}
	if f.Values != nil && v.Kind() == event.KindText && f.Name != "audit.stage" && f.Name != "audit.level" && f.Name != "audit.decision" &&
		!slices.Contains(f.Values, v.Text()) {
		t.Errorf("%s = %q, which its table does not list", f.Name, v.Text())
	}
}

func FuzzFieldsOfHostileBodies(f *testing.F) {
	f.Add("create", "pods", "", `{"spec":{"containers":[{"name":"a","image":"x","volumeMounts":[{"name":"v","subPath":".."}]}],"volumes":[{"name":"v","hostPath":{"path":"a//b"}}]}}`, `null`)
	f.Add("patch", "deployments", "", `[{"op":"replace","path":"/spec/template/spec/containers/0","value":{"securityContext":5}},{"op":"move","from":"/a","path":"/b"}]`, `{"kind":"Status"}`)
	f.Add("patch", "cronjobs", "", `[{"op":"add","path":"","value":[]},{"op":"copy","from":"","path":"/-"},{"op":"remove","path":"/0/-1"}]`, `null`)
	f.Add("create", "pods", "ephemeralcontainers", `{"kind":"EphemeralContainers","ephemeralContainers":[{}, null, 5]}`, `[]`)
	f.Add("update", "certificatesigningrequests", "approval", `{"spec":{"request":"LS0t"}}`, `null`)
	f.Add("create", "clusterrolebindings", "", `{"subjects":[{"kind":5},7],"roleRef":[]}`, `"skipped-too-big-size-object"`)
	f.Add("delete", "roles", "", `{"dryRun":["All"],"rules":[{"verbs":["*",1,null]}]}`, `{"rules":5}`)
	table := newFieldTable()
	f.Fuzz(func(t *testing.T, verb, resource, sub, request, response string) {
		e := new(Event)
		var line []byte
		line = append(line, `{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"i","stage":"ResponseComplete","verb":`...)
		line = appendJSON(line, verb)
		line = append(line, `,"user":{"username":"a","extra":`...)
		line = append(line, valid(response)...)
		line = append(line, `},"requestURI":"/api/v1/namespaces/a/pods/b/exec?command=%2f%&&=&a+=1","objectRef":{"resource":`...)
		line = appendJSON(line, resource)
		line = append(line, `,"subresource":`...)
		line = appendJSON(line, sub)
		line = append(line, `},"stageTimestamp":"2026-11-20T10:00:01Z","requestObject":`...)
		line = append(line, valid(request)...)
		line = append(line, `,"responseObject":`...)
		line = append(line, valid(response)...)
		line = append(line, '}')
		if _, err := e.decode(line, false, &tail{}); err != nil {
			t.Skip(err)
		}
		askAll(t, table, e)
	})
}
