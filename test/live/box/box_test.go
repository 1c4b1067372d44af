//go:build linux

package box

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestConfigOfAContainer(t *testing.T) {
	f := func(c Config, path string, want any) {
		t.Helper()
		text, err := c.JSON()
		if err != nil {
			t.Fatal(err)
		}
		var got any
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatal(err)
		}
		for key := range strings.SplitSeq(path, ".") {
			got = got.(map[string]any)[key]
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
	}
	f(Config{}, "process.args", []any{"/bin/sleep", "100000"})
	f(Config{Args: []string{"a", "b"}}, "process.args", []any{"a", "b"})
	f(Config{CgroupsPath: "/kubepods/x"}, "linux.cgroupsPath", "/kubepods/x")
	f(Config{}, "process.noNewPrivileges", false)
	f(Config{Annotations: map[string]string{"a": "b"}}, "annotations", map[string]any{"a": "b"})
	f(Config{HostPID: true}, "linux.namespaces", []any{
		map[string]any{"type": "mount"}, map[string]any{"type": "ipc"}, map[string]any{"type": "uts"}, map[string]any{"type": "network"},
	})
}

func TestPrivilegedContainerMayMount(t *testing.T) {
	for _, privileged := range []bool{false, true} {
		c := Config{Privileged: privileged}
		if got := strings.Contains(strings.Join(c.capabilities(), " "), "CAP_SYS_ADMIN"); got != privileged {
			t.Errorf("privileged %t: may mount: %t", privileged, got)
		}
	}
}

func TestNamesAreLikeThoseOfKubernetes(t *testing.T) {
	uid, id := NewPodUID(), NewID()
	want := `^/kubepods/besteffort/pod[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/[0-9a-f]{64}$`
	if got := PodPath(uid, id); !regexp.MustCompile(want).MatchString(got) {
		t.Errorf("got %s", got)
	}
	if NewID() == id || NewPodUID() == uid {
		t.Error("a name came twice")
	}
}

func TestHierarchiesOfAMachine(t *testing.T) {
	f := func(v2 string, pure bool, all int, lines ...string) {
		t.Helper()
		h := hierarchiesIn(strings.Join(lines, "\n"))
		if h.V2 != v2 || h.Pure() != pure || len(h.All) != all {
			t.Errorf("got %+v, pure %t", h, h.Pure())
		}
	}
	const (
		root    = "1 0 8:1 / / rw - ext4 /dev/vda rw"
		pure    = "25 1 0:23 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw"
		unified = "26 1 0:24 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw"
		memory  = "27 1 0:25 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory"
	)
	f("", false, 0, root)
	f("/sys/fs/cgroup", true, 1, root, pure)
	f("/sys/fs/cgroup/unified", false, 2, root, memory, unified)
	f("", false, 1, root, memory)
	f("", false, 0, "", "x - ", "1 2 3 - cgroup2")
}

func TestRemoveStopsAtTheFirstThatIsUsed(t *testing.T) {
	h := &Hierarchies{All: []string{t.TempDir(), t.TempDir()}}
	for _, d := range []string{"pods/pod1/a", "pods/pod1/b"} {
		if err := os.MkdirAll(filepath.Join(h.All[0], d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	left := func() string {
		found, err := filepath.Glob(filepath.Join(h.All[0], "pods/*/*"))
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimPrefix(strings.Join(found, " "), h.All[0])
	}
	h.Remove("/pods/pod1/a")
	if got := left(); got != "/pods/pod1/b" {
		t.Errorf("left: %s", got)
	}
	h.Remove("pods/pod1/b")
	if _, err := os.Stat(filepath.Join(h.All[0], "pods")); !os.IsNotExist(err) {
		t.Errorf("an empty folder is left: %v", err)
	}
	if _, err := os.Stat(h.All[0]); err != nil {
		t.Error("the hierarchy itself was removed")
	}
}

func TestFileCapability(t *testing.T) {
	want := []byte{1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
	if diff := cmp.Diff(want, fileCapability(10)); diff != "" {
		t.Error(diff)
	}
}
