//go:build live

package live

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/parallax-sec/parallax/test/live/box"
	"github.com/parallax-sec/parallax/test/live/watch"
)

// testStart: the first program of a container, which no runtime of Kubernetes knows, is known by its cgroup alone.
func testStart(t *testing.T, s *station) {
	id, uid := box.NewID(), box.NewPodUID()
	p := &pod{UID: uid, Container: &box.Container{Config: box.Config{ID: id}}}
	v := s.view(t, p)
	s.start(t, func(c *box.Config) {
		c.ID, c.CgroupsPath = id, box.PodPath(uid, id)
		c.Args = []string{"/bin/sleep", "12345"}
	})
	v.want(t, map[string]string{
		"event.kind": "event", "event.action": "exec", "event.outcome": "success",
		"container.id": id, "orchestrator.resource.type": "pod", "orchestrator.resource.id": uid,
		"process.name": "sleep", "process.executable": "/bin/busybox", "process.args": "/bin/sleep 12345", "process.args_count": "2",
		"process.working_directory": "/", "process.vpid": "1", "process.user.id": "0",
		"process.entry_leader.vpid": "1", "process.entry_leader.entry_meta.type": "container",
		"parallax.session.entry": "start", "parallax.container.via": "cgroup",
	})
}

// testExec: a program brought in by the runtime begins a session of its own, which its children belong to.
func testExec(t *testing.T, s *station) {
	v := s.view(t, s.start(t))
	v.execAs(t, box.Tester, "/bin/sh", "-c", "cd /tmp; /bin/true 'one two' 3; :")
	shell := v.want(t, map[string]string{
		"event.action": "exec", "process.name": "sh", "process.args": "/bin/sh -c cd /tmp; /bin/true 'one two' 3; :", "process.args_count": "3",
		"process.user.id": "1000", "process.user.name": "tester", "process.group.id": "1000",
		"parallax.session.entry": "exec",
	})
	v.want(t, map[string]string{
		"event.action": "exec", "process.name": "true", "process.args": "/bin/true one two 3", "process.args_count": "3",
		"process.working_directory": "/tmp", "process.user.id": "1000",
		"process.parent.name": "sh", "process.parent.pid": shell.Text("process.pid"), "process.parent.entity_id": shell.Text("process.entity_id"),
		"parallax.session.entry": "exec", "process.entry_leader.pid": shell.Text("process.pid"), "process.entry_leader.entity_id": shell.Text("process.entity_id"),
	})
	v.want(t, map[string]string{"event.action": "exit", "process.pid": shell.Text("process.pid")})
}

// testFailedExec: a program that is not there is told with the error.
func testFailedExec(t *testing.T, s *station) {
	v := s.view(t, s.start(t))
	v.run(t, box.Act, "try", "exec", "/none", "arg")
	v.want(t, map[string]string{"event.action": "exec", "event.outcome": "failure", "parallax.result": "ENOENT", "parallax.exe.requested": "/none"})
}

// nsenter runs act on this machine, which enters namespaces of the container.
func (p *pod) nsenter(t *testing.T, line string) {
	t.Helper()
	args := strings.Fields(fmt.Sprintf(line, p.PID))
	if out, err := exec.CommandContext(wait(t), filepath.Join(p.Root, box.Act), args...).CombinedOutput(); err != nil {
		t.Fatalf("%q: %v: %s", args, err, out)
	}
}

// testNsenter: who enters namespaces of a container, and not its cgroup, is seen in it all the same.
func testNsenter(t *testing.T, s *station) {
	v := s.view(t, s.start(t))
	v.settle(t) // the sensor knows the container's namespaces
	v.nsenter(t, "setns %d mnt -- exec /bin/true by mount namespace")
	v.want(t, map[string]string{
		"event.action": "exec", "process.args": "/bin/true by mount namespace", "orchestrator.resource.id": v.UID,
		"parallax.session.entry": "nsenter", "parallax.container.via": "mntns",
	})
	v.nsenter(t, "setns %d pid -- run "+filepath.Join(s.root, "/bin/true")+" by pid namespace")
	v.want(t, map[string]string{
		"event.action": "exec", "process.args": filepath.Join(s.root, "/bin/true") + " by pid namespace", "orchestrator.resource.id": v.UID,
		"parallax.session.entry": "nsenter", "parallax.container.via": "pidns",
	})
	v.nsenter(t, "setns %d mnt,pid,net,ipc,uts -- run /bin/sh -c /bin/true;:")
	shell := v.want(t, map[string]string{"event.action": "exec", "process.args": "/bin/sh -c /bin/true;:", "parallax.session.entry": "nsenter"})
	v.want(t, map[string]string{"event.action": "exec", "process.args": "/bin/true", "process.entry_leader.pid": shell.Text("process.pid")})
	v.want(t, map[string]string{"event.action": "setns", "event.outcome": "success"})
}

// testNsenterByPidfd: the same by one call with a pidfd, which newer tools use.
func testNsenterByPidfd(t *testing.T, s *station) {
	v := s.view(t, s.start(t))
	v.settle(t)
	v.nsenter(t, "pidfdns %d mnt,pid -- run /bin/true pidfd")
	v.want(t, map[string]string{"event.action": "exec", "process.args": "/bin/true pidfd", "parallax.session.entry": "nsenter", "process.parent.name": "act"})
}

// testHostIsSilent: what runs on the machine itself is not told.
func testHostIsSilent(t *testing.T, s *station) {
	mark := box.NewID()[:16]
	all := s.events(t, func(d watch.Document) bool {
		return d.Text("event.action") == "exec" && strings.Contains(d.Text("process.args"), mark)
	})
	if err := exec.Command(busybox(t), "true", mark, "outside").Run(); err != nil {
		t.Fatal(err)
	}
	v := s.view(t, s.start(t))
	v.run(t, "/bin/true", mark, "inside")
	v.settle(t)
	if got := all.All(); len(got) != 1 || !got[0].Has(map[string]string{"process.args": "/bin/true " + mark + " inside"}) {
		t.Errorf("got %v, want the one in the container", got)
	}
}

// testRuntimeAtWork: a process that has been moved into the container's cgroup and is all else of the machine, as runc's child is when
// it executes itself anew, is no way in, and the machine's namespaces are not the container's.
func testRuntimeAtWork(t *testing.T, s *station) {
	mark := box.NewID()[:16]
	all := s.events(t, func(d watch.Document) bool { return strings.Contains(d.Text("process.args"), mark) })
	p := s.start(t)
	v := s.view(t, p)
	folder := filepath.Join(p.Hierarchies().V2, p.CgroupsPath)
	if out, err := exec.Command(filepath.Join(s.root, box.Act), "join", folder, "--", "exec", busybox(t), "true", mark).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	v.run(t, "/bin/true", "after")
	v.want(t, map[string]string{"event.action": "exec", "process.args": "/bin/true after", "parallax.session.entry": "exec", "parallax.container.via": "cgroup"})
	for _, d := range all.All() {
		if d.Text("event.action") == "exec" {
			t.Errorf("told as if it were in the container: %s", d)
		}
	}
}

// testNumbersUsedAgain: processes of the machine that get a namespace of their own, whose number was that of a container's a moment ago,
// are not taken for that container's. The kernel gives out the smallest number that is free.
func testNumbersUsedAgain(t *testing.T, s *station) {
	mark := box.NewID()[:16]
	all := s.events(t, func(d watch.Document) bool { return strings.Contains(d.Text("process.args"), mark) })
	p := s.start(t)
	v := s.view(t, p)
	v.settle(t)
	if err := syscall.Kill(p.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	v.want(t, map[string]string{"event.action": "exit", "process.vpid": "1"})
	var holders errgroup.Group
	for range 20 { // all at once, and before the runtime removes the cgroup
		holders.Go(func() error {
			return exec.Command(filepath.Join(s.root, box.Act), "unshare", "mnt", "--", "exec", busybox(t), "sh", "-c", "sleep 1; : "+mark).Run()
		})
	}
	if err := holders.Wait(); err != nil {
		t.Fatal(err)
	}
	s.view(t, s.start(t)).settle(t)
	for _, d := range all.All() {
		t.Errorf("a process of the machine is told: %s", d)
	}
}
