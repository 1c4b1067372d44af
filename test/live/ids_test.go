//go:build live

package live

import (
	"strings"
	"testing"

	"github.com/parallax-sec/parallax/test/live/box"
)

// testIDs: every call that changes who a process is, with who it was.
func testIDs(t *testing.T, s *station) {
	v := s.view(t, s.start(t))
	v.act(t, strings.Fields("dropcap 13 -- setgroups 5 6 -- setfsgid 9 -- setgid 4 -- setregid 14 15 -- setresgid 1 2 3 -- "+
		"setfsuid 9 -- setreuid 0 0 -- setresuid 11 0 12 -- setuid 1000")...)
	f := func(action, key, before, after string) {
		t.Helper()
		v.want(t, map[string]string{
			"event.action": action, "event.outcome": "success",
			"parallax.cred.before." + key: before, "parallax.cred.after." + key: after,
		})
	}
	f("setfsgid", "fsgid", "0", "9")
	f("setgid", "egid", "0", "4")
	f("setregid", "gid", "4", "14")
	f("setresgid", "sgid", "15", "3")
	f("setfsuid", "fsuid", "0", "9")
	f("setreuid", "fsuid", "9", "0")
	f("setresuid", "uid", "0", "11")
	f("setuid", "euid", "0", "1000")
	v.want(t, map[string]string{"event.action": "setgroups", "event.outcome": "success"})
	v.want(t, map[string]string{"event.action": "capset", "event.outcome": "success"})
}

// testIDsRefused: a user who may not become root is told with the error.
func testIDsRefused(t *testing.T, s *station) {
	v := s.view(t, s.start(t))
	v.execAs(t, box.Tester, box.Act, "try", "setuid", "0", "--", "try", "setresgid", "0", "0", "0")
	for _, action := range []string{"setuid", "setresgid"} {
		v.want(t, map[string]string{
			"event.action": action, "event.outcome": "failure", "parallax.result": "EPERM", "process.user.id": "1000", "parallax.cred.before.uid": "1000", "parallax.cred.after.uid": "1000",
		})
	}
}

// testSetUserID: a program with the set-user-id bit, and what its user becomes by it.
func testSetUserID(t *testing.T, s *station) {
	v := s.view(t, s.start(t))
	out, _ := v.execAs(t, box.Tester, "/bin/sh", "-c", box.ActSUID+" setgid 0 -- setuid 0 -- exec /bin/id; :")
	if !strings.Contains(out, "uid=0") {
		t.Fatalf("nobody became root: %s", out)
	}
	v.want(t, map[string]string{
		"event.action": "exec", "process.executable": box.ActSUID,
		"process.user.id": "0", "process.real_user.id": "1000", "process.saved_user.id": "0",
		"parallax.cred.before.euid": "1000", "parallax.cred.after.euid": "0", "parallax.cred.direction": "gain",
	})
	v.want(t, map[string]string{
		"event.action": "setuid", "event.outcome": "success", "process.real_user.id": "0", "parallax.cred.before.uid": "1000", "parallax.cred.after.uid": "0",
	})
	v.want(t, map[string]string{"event.action": "exec", "process.name": "id", "process.real_user.id": "0", "process.user.id": "0"})
}

// testFileCapability: a program whose file gives a capability.
func testFileCapability(t *testing.T, s *station) {
	v := s.view(t, s.start(t))
	v.execAs(t, box.Tester, "/bin/sh", "-c", box.ActCap+" ids; :")
	v.want(t, map[string]string{
		"event.action": "exec", "process.executable": box.ActCap, "process.user.id": "1000",
		"process.thread.capabilities.effective": "CAP_NET_BIND_SERVICE", "parallax.cred.direction": "gain", "parallax.cred.gained_caps": "CAP_NET_BIND_SERVICE",
	})
}

// testNoNewPrivileges: a process that renounced it gains nothing by the bit.
func testNoNewPrivileges(t *testing.T, s *station) {
	v := s.view(t, s.start(t))
	v.execAs(t, box.Tester, box.Act, "nonewprivs", "--", "exec", "/bin/sh", "-c", box.ActSUID+" ids; :")
	v.want(t, map[string]string{
		"event.action": "exec", "process.executable": box.ActSUID, "process.user.id": "1000", "parallax.cred.direction": "none",
	})
}
