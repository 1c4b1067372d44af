//go:build live

package live

import (
	"testing"

	"golang.org/x/sys/unix"

	"github.com/parallax-sec/parallax/test/live/box"
)

// act runs verbs in the container that must all end well.
func (p *pod) act(t *testing.T, line ...string) { p.run(t, append([]string{box.Act}, line...)...) }

// testMount: mount(2) and umount2(2).
func testMount(t *testing.T, s *station) {
	v := s.view(t, s.start(t, privileged))
	v.act(t, "unshare", "mnt", "--", "mount", "none", "/mnt", "tmpfs", "6", "size=64k", "--", "umount", "/mnt", "2")
	v.want(t, map[string]string{
		"event.action": "mount", "event.outcome": "success", "process.name": "act", "file.path": "/mnt", "parallax.session.entry": "exec",
		"parallax.mount.source": "none", "parallax.mount.target": "/mnt", "parallax.mount.fstype": "tmpfs", "parallax.mount.flags": "nosuid nodev",
		"parallax.mount.data": "size=64k", "parallax.mount.result": "SUCCESS",
	})
	v.want(t, map[string]string{
		"event.action": "umount2", "event.outcome": "success", "parallax.mount.target": "/mnt", "parallax.mount.flags": "detach",
	})
	v.act(t, "unshare", "mnt", "--", "mount", "/bin", "/mnt", "", "0x1000")
	v.want(t, map[string]string{"event.action": "mount", "parallax.mount.source": "/bin", "parallax.mount.flags": "bind"})
}

// testNewMount: the calls that came with Linux 5.2, and mount_setattr, which came with 5.12.
func testNewMount(t *testing.T, s *station) {
	v := s.view(t, s.start(t, privileged))
	v.act(t, "unshare", "mnt", "--", "newmount", "tmpfs", "/mnt", "size=64k", "--", "fspick", "/mnt", "--", "tree", "/mnt", "/volume", "--", "try", "setattr", "/mnt")
	v.want(t, map[string]string{"event.action": "fsopen", "event.outcome": "success", "parallax.mount.fstype": "tmpfs"})
	v.want(t, map[string]string{"event.action": "fsconfig", "event.outcome": "success"})
	v.want(t, map[string]string{"event.action": "fsmount", "event.outcome": "success", "parallax.mount.fstype": "tmpfs"})
	v.want(t, map[string]string{"event.action": "move_mount", "event.outcome": "success", "parallax.mount.target": "/mnt", "parallax.mount.fstype": "tmpfs"})
	v.want(t, map[string]string{"event.action": "fspick", "event.outcome": "success", "parallax.mount.source": "/mnt"})
	v.want(t, map[string]string{"event.action": "open_tree", "event.outcome": "success", "parallax.mount.source": "/mnt"})
	v.want(t, map[string]string{"event.action": "move_mount", "event.outcome": "success", "parallax.mount.target": "/volume"})
	if has(unix.SYS_MOUNT_SETATTR) {
		v.want(t, map[string]string{"event.action": "mount_setattr", "event.outcome": "success", "parallax.mount.source": "/mnt"})
	}
}

// has says whether the kernel has a system call, by calling it with arguments that it refuses.
func has(trap uintptr) bool {
	_, _, err := unix.Syscall6(trap, ^uintptr(0), 0, 0, 0, 0, 0)
	return err != unix.ENOSYS
}

// testMountRefused: what is not allowed is told as well.
func testMountRefused(t *testing.T, s *station) {
	v := s.view(t, s.start(t))
	v.act(t, "try", "mount", "none", "/mnt", "tmpfs", "0", "--", "try", "newmount", "tmpfs", "/mnt", "--", "try", "umount", "/proc", "0")
	v.want(t, map[string]string{"event.action": "mount", "event.outcome": "failure", "parallax.mount.target": "/mnt", "parallax.mount.result": "EPERM"})
	v.want(t, map[string]string{"event.action": "fsopen", "event.outcome": "failure", "parallax.mount.fstype": "tmpfs"})
	v.want(t, map[string]string{"event.action": "umount2", "event.outcome": "failure", "parallax.mount.target": "/proc"})
}

// testPivot: pivot_root(2).
func testPivot(t *testing.T, s *station) {
	v := s.view(t, s.start(t, privileged))
	v.act(t, "unshare", "mnt", "--", "mount", "none", "/mnt", "tmpfs", "0", "--", "mkdir", "/mnt/old", "--", "pivot", "/mnt", "/mnt/old")
	v.want(t, map[string]string{
		"event.action": "pivot_root", "event.outcome": "success", "parallax.mount.source": "/mnt", "parallax.mount.target": "/mnt/old",
	})
}
