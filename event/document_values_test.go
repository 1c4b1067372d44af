package event

import (
	"slices"
	"testing"
)

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
	if got := categories(&Alert{Details: d}); !slices.Equal(got, []string{"iam", "intrusion_detection"}) || len(d.Categories) != 1 {
		t.Errorf("categories = %q", got)
	}
}
