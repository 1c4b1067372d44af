//go:build live

package live

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/parallax-sec/parallax/test/live/box"
)

// patience is how long a test waits for what must come: long, since emulated machines are slow. What must not come is never waited for.
var patience = flag.Duration("patience", 2*time.Minute, "wait so long for what must come")

// lab is what the tests share: a root file system for containers, and the runtime.
type lab struct {
	dir     string
	root    string // of containers; they share it, and write below folders of their own
	runtime *box.Runtime
}

func newLab(t *testing.T) *lab {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("containers and eBPF want root")
	}
	l := &lab{dir: t.TempDir()}
	l.root = filepath.Join(l.dir, "root")
	if err := box.MakeRoot(l.root, busybox(t)); err != nil {
		t.Fatal(err)
	}
	var err error
	if l.runtime, err = box.Find(l.dir); err != nil {
		t.Fatal(err)
	}
	return l
}

func busybox(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"/bin/busybox", "/usr/bin/busybox"} {
		if _, err := os.Stat(name); err == nil {
			return name
		}
	}
	t.Fatal("there is no busybox: install busybox-static")
	return ""
}

// pod is a container of a pod, by its cgroup alone: no runtime of Kubernetes knows it.
type pod struct {
	*box.Container
	UID string
}

// start starts a container of a pod of its own, which is removed when the test ends. change changes what it is to be.
func (l *lab) start(t *testing.T, change ...func(*box.Config)) *pod {
	t.Helper()
	p := &pod{UID: box.NewPodUID()}
	id := box.NewID()
	cfg := box.Config{ID: id, CgroupsPath: box.PodPath(p.UID, id), Root: l.root}
	for _, f := range change {
		f(&cfg)
	}
	var err error
	if p.Container, err = l.runtime.Start(wait(t), cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Delete(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// privileged makes a container one that may mount and trace.
func privileged(c *box.Config) { c.Privileged = true }

// exec runs a program in the container and returns what it wrote and its status.
func (p *pod) exec(t *testing.T, args ...string) (string, int) {
	t.Helper()
	return p.execAs(t, 0, args...)
}

func (p *pod) execAs(t *testing.T, uid uint32, args ...string) (string, int) {
	t.Helper()
	out, status, err := p.Exec(wait(t), box.As{UID: uid}, args...)
	if err != nil {
		t.Fatalf("exec %q: %v: %s", args, err, out)
	}
	return out, status
}

// run is exec of a program that must end well.
func (p *pod) run(t *testing.T, args ...string) string {
	t.Helper()
	out, status := p.exec(t, args...)
	if status != 0 {
		t.Fatalf("%q ended with %d: %s", args, status, out)
	}
	return out
}

// wait returns a context for one thing that a test waits for.
func wait(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), *patience)
	t.Cleanup(cancel)
	return ctx
}
