package event

import "testing"

func TestParseImage(t *testing.T) {
	f := func(image string, want Image) {
		t.Helper()
		if got := ParseImage(image); got != want {
			t.Errorf("ParseImage(%s) = %+v, want %+v", image, got, want)
		}
	}
	f("nginx", Image{"nginx", "", ""})
	f("nginx:1.25", Image{"nginx", "1.25", ""})
	f("docker.io/library/busybox@sha256:ff", Image{"docker.io/library/busybox", "", "sha256:ff"})
	f("reg.io:5000/a/b", Image{"reg.io:5000/a/b", "", ""})
	f("reg.io:5000/a/b:v1", Image{"reg.io:5000/a/b", "v1", ""})
	f("reg.io:5000/a/b:v1@sha256:ff", Image{"reg.io:5000/a/b", "v1", "sha256:ff"})
	f("[::1]:5000/a", Image{"[::1]:5000/a", "", ""})
	f("", Image{})
	f(":", Image{"", "", ""})
	f("a:b:c", Image{"a:b", "c", ""})
}
