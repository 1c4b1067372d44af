package scrub

import "testing"

func TestBody(t *testing.T) {
	f := func(path, text, want string) {
		t.Helper()
		if got := Body(path, text); got != want {
			t.Errorf("%s: %s becomes %s, want %s", path, text, got, want)
		}
	}
	f("/requestObject/data/password", "hunter2", "***")
	f("/data", `{"password":"aHVudGVyMg==","n":1}`, `{"n":"***","password":"***"}`)
	f("requestObject", `{"kind":"Secret","stringData":{"p":"hunter2"}}`, `{"kind":"Secret","stringData":{"p":"***"}}`)
	f("", `{"spec":{"containers":[{"name":"c","env":[{"name":"PW","value":"hunter2"}]}]}}`,
		`{"spec":{"containers":[{"env":[{"name":"PW","value":"***"}],"name":"c"}]}}`)
	f("/spec/containers/0/env/0/value", "hunter2", "***")
	f("/requestObject", `{"status":{"token":"abc"},"metadata":{"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{}"}}}`,
		`{"metadata":{"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"***"}},"status":{"token":"***"}}`)
	f("/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration", "{}", `{}`)
	f("/requestObject/spec/volumes", `[{"name":"v","hostPath":{"path":"/"}}]`, `[{"name":"v","hostPath":{"path":"/"}}]`)
	f("/verb", "create", "create")
	f("", `{"data":`, "***")
}
