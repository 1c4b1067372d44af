package program

import (
	"testing"

	"github.com/parallax-sec/parallax/event"
)

func TestPMatch(t *testing.T) {
	f := func(value any, want bool, paths ...string) {
		t.Helper()
		expect(t, check(subject(event.Text), PMatch, paths...), value, want)
	}
	f("/var/run/docker", true, "/etc", "/var/run")
	f("/var/run", true, "/var/run")
	f("/var/running", false, "/var/run")
	f("/var", false, "/var/run")
	f("//var///run/", true, "/var/run")
	f("var/run/x", true, "/var/run")
	f("/anything", true, "/")
	f("", true, "/")
	f("/api/v1/namespaces/kube-system/x", true, "/api/*/namespaces/kube-system")
	f("/api/v1/x/namespaces/kube-system", false, "/api/*/namespaces") // a star is one component
	f("/tmp/a1", true, "/tmp/[ab]?")
	f("/tmp", false)
	f(nil, false, "/")
	f([]string{"/tmp"}, false, "/tmp")
}
