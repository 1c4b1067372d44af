package bpf

import (
	"strings"
	"testing"

	"github.com/cilium/ebpf"
)

// A setting that nobody sets is off for ever, and nothing says so.
func TestEverySettingIsSet(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Host, cfg.FailedExecs, cfg.RuntimeSetup = true, true, true
	spec, err := specFor(cfg, "99.0")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for name, v := range spec.Variables {
		if !strings.HasPrefix(name, "cfg_") {
			continue
		}
		n++
		if name != "cfg_cgroup_v1" && setting(t, v) == 0 { // that one is the machine's
			t.Errorf("%s is 0", name)
		}
	}
	if n < 6 {
		t.Errorf("%d settings", n)
	}
}

// setting returns the value of a setting, which has 4 or 8 bytes.
func setting(t testing.TB, v *ebpf.VariableSpec) uint64 {
	t.Helper()
	var narrow uint32
	var wide uint64
	var err error
	if v.Size() == 4 {
		err = v.Get(&narrow)
	} else {
		err = v.Get(&wide)
	}
	if err != nil {
		t.Fatal(err)
	}
	return uint64(narrow) | wide
}
