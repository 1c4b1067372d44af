package event

import (
	"slices"
	"testing"
)

func TestImage(t *testing.T) {
	f := func(ref, name, tag, digest string) {
		t.Helper()
		if n, tg, d := image(ref); n != name || tg != tag || d != digest {
			t.Errorf("image(%q) = %q, %q, %q", ref, n, tg, d)
		}
	}
	f("", "", "", "")
	f("nginx", "nginx", "", "")
	f("nginx:1.27", "nginx", "1.27", "")
	f("reg.io:5000/a/b", "reg.io:5000/a/b", "", "")
	f("reg.io:5000/a/b:v1", "reg.io:5000/a/b", "v1", "")
	f("a/b:v1@sha256:0f", "a/b", "v1", "sha256:0f")
	f("a/b@sha256:0f", "a/b", "", "sha256:0f")
}

func TestSingular(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		if got := singular(in); got != want {
			t.Errorf("singular(%q) = %q, want %q", in, got, want)
		}
	}
	f("", "")
	f("pods", "pod")
	f("networkpolicies", "networkpolicy")
	f("ingresses", "ingress")
	f("storageclasses", "storageclass")
	f("endpoints", "endpoints")
	f("leases", "lease")
}

func TestTypes(t *testing.T) {
	f := func(d *Details, want ...string) {
		t.Helper()
		if got := types(d); !slices.Equal(got, want) {
			t.Errorf("types = %q, want %q", got, want)
		}
	}
	f(&Details{}, "info")
	f(&Details{Change: "creation"}, "creation")
	f(&Details{Change: "change", Audit: &Audit{Decision: "forbid"}}, "change", "denied")
	f(&Details{Audit: &Audit{Decision: "allow"}}, "info")
}

func TestCategoriesLeaveDetailsAlone(t *testing.T) {
	d := &Details{Categories: append(make([]string, 0, 4), "iam")}
	if got := categories(d); !slices.Equal(got, []string{"iam", "intrusion_detection"}) || len(d.Categories) != 1 {
		t.Errorf("categories = %q", got)
	}
}
