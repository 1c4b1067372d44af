package runtimefiles

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parallax-sec/parallax/bpf"
)

// machine is a Files over the machine that the test runs on, and the folder of its cgroup2 or memory hierarchy. Skips where there is none.
func machine(t *testing.T) (*Files, string) {
	t.Helper()
	f, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	if len(f.cgroups) == 0 {
		t.Skip(ErrNoCgroups)
	}
	return f, f.cgroups[0].root.Name()
}

// mkCgroups makes a cgroup and cgroups in it, outer ones first. Skips where that is not allowed.
func mkCgroups(t *testing.T, root string, paths ...string) {
	t.Helper()
	for _, p := range paths {
		if err := os.Mkdir(filepath.Join(root, p), 0o755); errors.Is(err, os.ErrPermission) || errors.Is(err, os.ErrNotExist) {
			t.Skipf("cgroups cannot be made: %v", err)
		} else if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Remove(filepath.Join(root, p)) })
	}
}

func TestScanCgroups(t *testing.T) {
	f, root := machine(t)
	top := fmt.Sprintf("/parallax-test-%d", os.Getpid())
	paths := []string{top, top + "/a", top + "/b", top + "/a/deep"}
	mkCgroups(t, root, paths...)
	var got []string
	ids := map[uint64]bool{}
	err := f.ScanCgroups(func(id uint64, path string) {
		if (id&bpf.CgroupV1 != 0) == (f.cgroups[0].v1 != 0) && slices.Contains(paths, path) {
			got = append(got, path)
		}
		if ids[id] {
			t.Errorf("%s has the id of another one", path)
		}
		ids[id] = true
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(paths, got); diff != "" {
		t.Error(diff)
	}
}

func TestAncestry(t *testing.T) {
	f, root := machine(t)
	top := fmt.Sprintf("/parallax-ancestry-%d", os.Getpid())
	paths := []string{top, top + "/a", top + "/a/deep"}
	mkCgroups(t, root, paths...)
	dir, err := os.Open(filepath.Join(root, top, "a/deep"))
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	ino, err := inode(dir)
	if err != nil {
		t.Fatal(err)
	}
	id := ino | f.cgroups[0].v1
	var got []string
	for _, c := range f.Ancestry(id) {
		got = append(got, c.Path)
	}
	if diff := cmp.Diff(append([]string{"/"}, paths...), got); diff != "" {
		t.Error(diff)
	}
	if all := f.Ancestry(id); all[len(all)-1].ID != id || all[0].ID != 1|f.cgroups[0].v1 {
		t.Errorf("%+v", all)
	}
	if err := os.Remove(filepath.Join(root, top, "a/deep")); err != nil {
		t.Fatal(err)
	}
	for _, gone := range []uint64{id, 1 << 40, 0} {
		if got := f.Ancestry(gone); got != nil {
			t.Errorf("%d: %v", gone, got)
		}
	}
}

func TestNoCgroups(t *testing.T) {
	f := node(t, map[string]string{"/sys/fs/cgroup/unified/x": "", "/sys/fs/cgroup/memory": "x"})
	if err := f.ScanCgroups(func(uint64, string) { t.Error("a folder that is no cgroup") }); !errors.Is(err, ErrNoCgroups) {
		t.Error(err)
	}
}
