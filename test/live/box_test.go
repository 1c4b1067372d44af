//go:build live

package live

import (
	"strings"
	"testing"

	"github.com/parallax-sec/parallax/test/live/box"
)

// TestBoxes shows that the containers do what the other tests rely on, whatever the sensor makes of it.
func TestBoxes(t *testing.T) {
	l := newLab(t)
	p := l.start(t, privileged)
	f := func(uid uint32, wantStatus int, wantOut string, args ...string) {
		t.Helper()
		out, status := p.execAs(t, uid, args...)
		if status != wantStatus || !strings.Contains(out, wantOut) {
			t.Errorf("%q: got %d and %q, want %d and %q", args, status, out, wantStatus, wantOut)
		}
	}
	f(0, 0, "uid=0(root)", "/bin/id")
	f(box.Tester, 0, "uid=1000(tester)", "/bin/id")
	f(box.Tester, 0, "uid=1000 euid=0", box.ActSUID, "ids")
	f(box.Tester, 0, "uid=1000 euid=1000", box.Act, "ids")
	f(box.Tester, 0, "uid=0(root)", box.ActSUID, "setuid", "0", "--", "exec", "/bin/id")
	f(box.Tester, 1, "operation not permitted", box.Act, "setuid", "0")
	f(0, 0, " /mnt tmpfs", box.Act, "unshare", "mnt", "--", "mount", "none", "/mnt", "tmpfs", "0", "size=64k", "--", "exec", "/bin/cat", "/proc/mounts")
	f(0, 0, " /mnt tmpfs", box.Act, "unshare", "mnt", "--", "newmount", "tmpfs", "/mnt", "size=64k", "--", "exec", "/bin/cat", "/proc/mounts")
	f(box.Tester, 0, "CapPrm:\t0000000000000000", box.Act, "exec", "/bin/grep", "CapPrm", "/proc/self/status")
	f(0, 1, "", "/bin/false")
	f(0, 0, "ok", box.Act, "memfd", "/bin/busybox", "echo", "ok")
	f(0, 0, "ok", box.Act, "copy", "/bin/busybox", "/tmp/busybox", "--", "deleted", "/tmp/busybox", "echo", "ok")
	f(0, 0, "ok", box.Act, "deep", "10", "/bin/echo", "ok")
}
