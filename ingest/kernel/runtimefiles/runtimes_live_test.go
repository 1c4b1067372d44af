//go:build live

package runtimefiles

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/ingest/kernel"
	"github.com/parallax-sec/parallax/ingest/kernel/cgroup"
	"github.com/parallax-sec/parallax/test/live/box"
)

// rootfs makes a root folder for containers, with a user of its own.
func rootfs(t *testing.T, dir string) string {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("containers want root")
	}
	root := filepath.Join(dir, "root")
	if err := box.MakeRoot(root, "/bin/busybox"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "etc/passwd"), []byte("root:x:0:0::/:/bin/sh\nshop:x:1234:1234::/:/bin/sh\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return root
}

// placed checks that the cgroup of a process leads to an identity, both by the tree and by the id alone, and gives its path.
func placed(t *testing.T, f *Files, want string) {
	t.Helper()
	var found Cgroup
	if err := f.ScanCgroups(func(id uint64, path string) {
		if who, ok := new(cgroup.Parser).Infer(path); ok && who.ContainerID == want && id&bpf.CgroupV1 == 0 {
			found = Cgroup{id, path}
		}
	}); err != nil {
		t.Fatal(err)
	}
	chain := f.Ancestry(found.ID)
	if found.ID == 0 || len(chain) == 0 || chain[len(chain)-1] != found {
		t.Errorf("cgroup of %s: %v, by its id %v", want, found, chain)
	}
}

func TestRealRunc(t *testing.T) {
	dir := t.TempDir()
	root := rootfs(t, dir)
	runtime, err := box.Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	id := fmt.Sprint("plain-", os.Getpid())
	c, err := runtime.Start(t.Context(), box.Config{ID: id, CgroupsPath: "/parallax-files/" + id, Root: root})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Delete(); err != nil {
			t.Error(err)
		}
	})
	f, err := New(Config{Runc: []string{filepath.Join(dir, "state")}})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lookup(t, f, kernel.Container{ID: id}, kernel.Container{ID: id, Name: id, Runtime: runtime.Name, Privileged: new(false)})
	placed(t, f, id)
	users, err := f.Users(id, uint32(c.PID))
	if err != nil || users.Users[1234] != "shop" || users.ContainerID != id {
		t.Errorf("%+v %v", users, err)
	}
}

// daemon is an own containerd in a mount namespace where only it sees its /run.
type daemon struct {
	t   *testing.T
	cmd *exec.Cmd
	log bytes.Buffer
}

func startContainerd(t *testing.T, dir string) *daemon {
	t.Helper()
	for _, program := range []string{"containerd", "ctr", "runc", "unshare", "nsenter"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("containerd's own files cannot be tested: %v", err)
		}
	}
	config := filepath.Join(dir, "containerd.toml")
	text := fmt.Sprintf("version = 2\nroot = %q\nstate = \"/run/containerd\"\ndisabled_plugins = [\"io.containerd.grpc.v1.cri\"]\n"+
		"[grpc]\naddress = \"/run/containerd/containerd.sock\"\n", filepath.Join(dir, "containerd"))
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	d := &daemon{t: t}
	d.cmd = exec.Command("unshare", "-m", "sh", "-c", "mount --make-rprivate / && mount -t tmpfs none /run && exec containerd -c "+config)
	d.cmd.Stdout, d.cmd.Stderr = &d.log, &d.log
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = d.cmd.Process.Signal(syscall.SIGTERM)
		_ = d.cmd.Wait()
	})
	for range 600 {
		if exec.Command("nsenter", d.in("ctr", "version")...).Run() == nil {
			return d
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("containerd does not answer: %s", d.log.String())
	return nil
}

// in is the arguments of nsenter that run a program beside the daemon.
func (d *daemon) in(args ...string) []string {
	return append([]string{"-t", strconv.Itoa(d.cmd.Process.Pid), "-m"}, args...)
}

func (d *daemon) ctr(args ...string) string {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, "nsenter", d.in(append([]string{"ctr"}, args...)...)...).CombinedOutput()
	if err != nil {
		d.t.Fatalf("ctr %q: %v: %s\n%s", args, err, out, d.log.String())
	}
	return string(out)
}

// run starts a container and gives its first process.
func (d *daemon) run(namespace, id string, args ...string) uint32 {
	d.t.Helper()
	ns := []string{"-n", namespace}
	d.ctr(append(append(ns, "run", "-d", "--rootfs", "--env", "PATH=/bin:/sbin"), args...)...)
	d.t.Cleanup(func() {
		d.ctr(append(ns, "task", "rm", "-f", id)...)
		d.ctr(append(ns, "container", "rm", id)...)
		if h, err := box.FindHierarchies(); err == nil {
			h.Remove(filepath.Join(namespace, id))
		}
	})
	for line := range strings.Lines(d.ctr(append(ns, "task", "ls")...)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == id {
			pid, err := strconv.ParseUint(f[1], 10, 32)
			if err != nil {
				d.t.Fatal(err)
			}
			return uint32(pid)
		}
	}
	d.t.Fatalf("container %s has no task", id)
	return 0
}

func TestRealContainerd(t *testing.T) {
	dir := t.TempDir()
	root := rootfs(t, dir)
	d := startContainerd(t, dir)
	f, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	maker := uint32(d.cmd.Process.Pid)
	id := box.NewID()
	pid := d.run("k8s.io", id, "--annotation", "io.kubernetes.cri.container-name=web", "--annotation", "io.kubernetes.cri.sandbox-name=web-7c9",
		"--annotation", "io.kubernetes.cri.sandbox-namespace=shop", "--annotation", "io.kubernetes.cri.sandbox-uid="+podUID,
		"--annotation", "io.kubernetes.cri.image-name=registry.example/web:1.2", root, id, "sleep", "600")
	c := kernel.Container{ID: id, CgroupPath: "/k8s.io/" + id}
	if found, err := f.Lookup(&c, 0); found || err != nil {
		t.Errorf("in a root where it is not: %t %v", found, err)
	}
	if found, err := f.Lookup(&c, maker); !found || err != nil {
		t.Fatal(found, err)
	}
	want := kernel.Container{
		ID: id, CgroupPath: "/k8s.io/" + id, PodUID: podUID, Runtime: "containerd", Name: "web", Image: "registry.example/web:1.2", Pod: "web-7c9",
		Namespace: "shop", Privileged: new(false),
	}
	if diff := cmp.Diff(want, c); diff != "" {
		t.Error(diff)
	}
	placed(t, f, id)
	users, err := f.Users(id, pid)
	if err != nil || users.Users[1234] != "shop" {
		t.Errorf("%+v %v", users, err)
	}

	plain := fmt.Sprint("plain-", os.Getpid())
	d.run("default", plain, "--privileged", root, plain, "sleep", "600")
	c = kernel.Container{ID: plain, CgroupPath: "/default/" + plain}
	if found, err := f.Lookup(&c, maker); !found || err != nil || c.Runtime != "containerd" || c.Privileged == nil || !*c.Privileged {
		t.Errorf("%t %v %+v", found, err, c)
	}
	placed(t, f, plain)
}
