//go:build live

package runtimefiles

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// A program in a container has a cgroup namespace of its own, and the node's hierarchy where its manifest mounts it.
func TestOwnRootInACgroupNamespace(t *testing.T) {
	if node := os.Getenv("PARALLAX_TEST_NODE"); node != "" {
		tellOwnRoot(t, node)
		return
	}
	f, _ := machine(t)
	v2, _ := f.Mounted()
	if v2 == "" || f.OwnRoot() != "/" {
		t.Skipf("cgroup2 is mounted at %q, the root is %q", v2, f.OwnRoot())
	}
	name := fmt.Sprintf("/parallax-own-%d", os.Getpid())
	mkCgroups(t, v2, name, name+"/in")
	node := t.TempDir()
	script := `set -e
echo $$ > "$1/cgroup.procs"
mount --make-rprivate /
mkdir -p "$2/sys/fs/cgroup"
mount --bind "$3" "$2/sys/fs/cgroup"
exec unshare -C sh -c 'umount -R /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup && exec "$0" -test.run=^TestOwnRootInACgroupNamespace$ -test.v' "$4"`
	cmd := exec.Command("unshare", "-m", "sh", "-c", script, "sh", filepath.Join(v2, name, "in"), node, v2, os.Args[0])
	cmd.Env = append(os.Environ(), "PARALLAX_TEST_NODE="+node)
	out, err := cmd.CombinedOutput()
	if want := "own root " + strconv.Quote(name+"/in"); err != nil || !strings.Contains(string(out), want) {
		t.Errorf("%v, want %s in:\n%s", err, want, out)
	}
}

func tellOwnRoot(t *testing.T, node string) {
	f, err := New(Config{Root: node})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	t.Logf("own root %q", f.OwnRoot())
}
