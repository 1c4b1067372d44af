package doctor

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRuntimes(t *testing.T) {
	f := machine(t, map[string]string{"run/containerd/x": "", "run/k3s/containerd/x": "", "var/lib/docker": "not a folder"})
	var got []string
	for _, r := range runtimes(f) {
		text := r.Name + " " + r.Path
		if r.Reason != "" {
			text += " not"
		}
		got = append(got, text)
	}
	want := []string{"containerd /run/containerd", "containerd /run/k3s/containerd", "docker /var/lib/docker not"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
