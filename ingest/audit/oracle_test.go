package audit

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// facts is what is read of an event, as plain values to compare. Pointers and maps tell absent from empty.
type facts struct {
	Texts map[string]string // by path; absent ones are not there
	Lists map[string][]string
	Raw   map[string]any // bodies, extras and annotations, decoded
	Time  int64
}

// factsOf takes all that an event says through its own accessors.
func factsOf(e *Event) facts {
	f := facts{Texts: map[string]string{}, Lists: map[string][]string{}, Raw: map[string]any{}, Time: e.timeNs}
	texts := map[string]*text{
		"level": &e.level, "auditID": &e.auditID, "stage": &e.stage, "requestURI": &e.requestURI, "verb": &e.verb,
		"userAgent": &e.userAgent, "requestReceivedTimestamp": &e.received, "stageTimestamp": &e.stageTime,
		"authenticationMetadata.impersonationConstraint": &e.constraint,
		"user.username": &e.user.name, "user.uid": &e.user.uid,
		"impersonatedUser.username": &e.impersonated.name, "impersonatedUser.uid": &e.impersonated.uid,
		"objectRef.resource": &e.object.resource, "objectRef.namespace": &e.object.namespace, "objectRef.name": &e.object.name,
		"objectRef.uid": &e.object.uid, "objectRef.apiGroup": &e.object.apiGroup, "objectRef.apiVersion": &e.object.apiVersion,
		"objectRef.resourceVersion": &e.object.resourceVersion, "objectRef.subresource": &e.object.subresource,
		"responseStatus.reason": &e.status.reason, "responseStatus.message": &e.status.message,
	}
	for path, t := range texts {
		if s, ok := e.str(t); ok {
			f.Texts[path] = strings.Clone(s)
		}
	}
	for path, ok := range map[string]bool{
		"user": e.user.present, "impersonatedUser": e.impersonated.present,
		"objectRef": e.object.present, "responseStatus": e.status.present,
	} {
		if ok {
			f.Texts[path] = "present"
		}
	}
	if raw := e.raw(e.status.code); raw != nil {
		f.Texts["responseStatus.code"] = string(raw)
	}
	for path, l := range map[string]*list{"user.groups": &e.user.groups, "impersonatedUser.groups": &e.impersonated.groups, "sourceIPs": &e.sourceIPs} {
		for _, s := range e.strs(l) {
			f.Lists[path] = append(f.Lists[path], strings.Clone(s))
		}
	}
	e.request()
	for path, s := range map[string]span{
		"user.extra": e.user.extra, "impersonatedUser.extra": e.impersonated.extra, "annotations": e.annotations,
		"requestObject": e.bodies.request, "responseObject": e.bodies.response,
	} {
		if raw := e.raw(s); raw != nil {
			f.Raw[path] = decoded(raw)
		}
	}
	return f
}

// decoded is what a JSON value says, numbers as they are written.
func decoded(raw []byte) any {
	var v any
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return err.Error()
	}
	return v
}

// oracle reads an event with encoding/json into maps, which is what the decoders have to agree with.
func oracle(line []byte) (f facts, ok bool) {
	top, isObject := decoded(line).(map[string]any)
	if !json.Valid(line) || !isObject || top["kind"] != "Event" || top["apiVersion"] != "audit.k8s.io/v1" {
		return f, false
	}
	f = facts{Texts: map[string]string{}, Lists: map[string][]string{}, Raw: map[string]any{}}
	f.texts("", top, "level", "auditID", "stage", "requestURI", "verb", "userAgent", "requestReceivedTimestamp", "stageTimestamp")
	for _, u := range []string{"user", "impersonatedUser"} {
		m := f.object(u, top)
		f.texts(u+".", m, "username", "uid")
		f.list(u+".groups", m["groups"])
		f.raw(u+".extra", m["extra"], map[string]any{})
	}
	meta, _ := top["authenticationMetadata"].(map[string]any)
	f.texts("authenticationMetadata.", meta, "impersonationConstraint")
	f.texts("objectRef.", f.object("objectRef", top), "resource", "namespace", "name", "uid", "apiGroup", "apiVersion", "resourceVersion", "subresource")
	status := f.object("responseStatus", top)
	f.texts("responseStatus.", status, "reason", "message")
	if code, ok := status["code"].(json.Number); ok {
		f.Texts["responseStatus.code"] = code.String()
	}
	f.list("sourceIPs", top["sourceIPs"])
	f.raw("annotations", top["annotations"], map[string]any{})
	f.raw("requestObject", top["requestObject"], nil)
	f.raw("responseObject", top["responseObject"], nil)
	stamp, err := time.Parse(time.RFC3339Nano, f.Texts["stageTimestamp"])
	_, hasID := f.Texts["auditID"]
	if y := stamp.UTC().Year(); err != nil || !hasID || y < 1678 || y > 2261 {
		return f, false
	}
	f.Time = stamp.UnixNano()
	return f, true
}

func (f *facts) texts(prefix string, m map[string]any, keys ...string) {
	for _, k := range keys {
		if s, ok := m[k].(string); ok {
			f.Texts[prefix+k] = s
		}
	}
}

func (f *facts) object(key string, top map[string]any) map[string]any {
	m, ok := top[key].(map[string]any)
	if ok {
		f.Texts[key] = "present"
	}
	return m
}

func (f *facts) list(path string, v any) {
	items, _ := v.([]any)
	for _, i := range items {
		if s, ok := i.(string); ok {
			f.Lists[path] = append(f.Lists[path], s)
		}
	}
}

// raw keeps v; where like is given, only if it is of its type.
func (f *facts) raw(path string, v, like any) {
	if v != nil && (like == nil || reflect.TypeOf(v) == reflect.TypeOf(like)) {
		f.Raw[path] = v
	}
}

// sameAsOracle fails the test unless e says what encoding/json reads in line.
func sameAsOracle(t *testing.T, e *Event, line []byte) {
	t.Helper()
	want, ok := oracle(line)
	if !ok {
		t.Fatalf("read an event where encoding/json finds none: %.2000q", line)
	}
	sameFacts(t, want, factsOf(e), line)
}

func sameFacts(t *testing.T, want, got facts, line []byte) {
	t.Helper()
	if reflect.DeepEqual(want, got) { // cmp takes exponential time in the depth
		return
	}
	t.Fatalf("decoder differs (-encoding/json +decoder):\n%s\n%.3000q", cmp.Diff(want, got), line)
}
