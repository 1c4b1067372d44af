//go:build live

package live

import (
	"os/exec"
	"strconv"
	"testing"

	"github.com/parallax-sec/parallax/test/live/box"
)

// testUnshare: new namespaces, with a user namespace among them, which gives all capabilities within.
func testUnshare(t *testing.T, s *station) {
	v := s.view(t, s.start(t, privileged))
	v.act(t, "unshare", "mnt,uts,ipc")
	v.want(t, map[string]string{"event.action": "unshare", "event.outcome": "success", "parallax.ns.flags": "newns newuts newipc"})
	v.run(t, "/bin/unshare", "-U", "/bin/true", "in a user namespace")
	v.want(t, map[string]string{"event.action": "unshare", "event.outcome": "success", "parallax.ns.flags": "newuser"})
	v.want(t, map[string]string{"event.action": "exec", "process.args": "/bin/true in a user namespace"})
	v.act(t, "unshare", "mnt", "--", "mount", "none", "/mnt", "tmpfs", "0", "--", "exec", "/bin/true", "in a mount namespace")
	v.want(t, map[string]string{"event.action": "exec", "process.args": "/bin/true in a mount namespace", "container.id": v.ID})
}

// testSetns: a process that enters a namespace from inside.
func testSetns(t *testing.T, s *station) {
	v := s.view(t, s.start(t, privileged))
	v.act(t, "setns", "self", "uts", "--", "try", "setns", "self", "user")
	v.want(t, map[string]string{"event.action": "setns", "event.outcome": "success"})
	v.want(t, map[string]string{"event.action": "setns", "event.outcome": "failure"})
}

// testPtrace: a container that shares the node's processes takes control of one of the node.
func testPtrace(t *testing.T, s *station) {
	target := exec.Command(busybox(t), "sleep", "1000")
	if err := target.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		target.Process.Kill()
		target.Wait()
	}()
	pid := strconv.Itoa(target.Process.Pid)
	v := s.view(t, s.start(t, privileged, func(c *box.Config) { c.HostPID = true }))
	v.act(t, "ptrace", pid)
	v.want(t, map[string]string{"event.action": "ptrace", "event.outcome": "success", "parallax.ptrace.pid": pid, "parallax.ptrace.target": "host", "parallax.ptrace.name": "busybox"})
}
