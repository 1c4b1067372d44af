//go:build live

package live

import (
	"strconv"
	"testing"

	"github.com/parallax-sec/parallax/test/live/box"
)

// testFork: processes that start no program of their own carry on what their parent was.
func testFork(t *testing.T, s *station) {
	v := s.view(t, s.start(t))
	v.run(t, "/bin/sh", "-c", "( ( ( /bin/true below; : ) ; : ) ; : )")
	shell := v.want(t, map[string]string{"event.action": "exec", "process.name": "sh"})
	v.want(t, map[string]string{
		"process.args": "/bin/true below", "process.parent.name": "sh", "process.parent.args": shell.Text("process.args"),
		"process.entry_leader.pid": shell.Text("process.pid"), "parallax.session.entry": "exec",
	})
	v.settle(t)
	if got := v.count(map[string]string{"event.action": "exec", "process.entry_leader.pid": shell.Text("process.pid")}); got != 2 {
		t.Errorf("%d programs in the shell's session, want the shell and one below", got)
	}
}

// testOrphan: whose parents have ended stays in its session, whatever its parent is now.
func testOrphan(t *testing.T, s *station) {
	v := s.view(t, s.start(t))
	v.run(t, "/bin/sh", "-c", "mkfifo /tmp/go; setsid sh -c 'setsid sh -c \"read x < /tmp/go; /bin/true orphan\" &' > /dev/null 2>&1 & :")
	shell := v.want(t, map[string]string{"event.action": "exec", "process.args": "/bin/sh -c mkfifo*"})
	v.want(t, map[string]string{"event.action": "exit", "process.pid": shell.Text("process.pid")})
	v.run(t, "/bin/sh", "-c", "echo > /tmp/go; rm /tmp/go")
	v.want(t, map[string]string{
		"event.action": "exec", "process.args": "/bin/true orphan", "parallax.session.entry": "exec",
		"process.entry_leader.pid": shell.Text("process.pid"), "process.entry_leader.entity_id": shell.Text("process.entity_id"),
	})
}

// testDeepTree: far below its entry a process is still in its session, and its ancestors are known.
func testDeepTree(t *testing.T, s *station) {
	const depth = 40
	v := s.view(t, s.start(t))
	v.run(t, box.Act, "deep", strconv.Itoa(depth), "/bin/true", "leaf")
	top := v.want(t, map[string]string{"event.action": "exec", "process.args": "/bin/act deep 40 *"})
	leader := map[string]string{"process.entry_leader.pid": top.Text("process.pid"), "process.entry_leader.entity_id": top.Text("process.entity_id")}
	leaf := v.want(t, map[string]string{"event.action": "exec", "process.args": "/bin/true leaf"})
	if !leaf.Has(leader) {
		t.Errorf("the leaf is not in the session of the top: %s", leaf)
	}
	for level := 1; level <= depth; level++ {
		p := v.want(t, map[string]string{"event.action": "exec", "process.args": "/bin/act deep " + strconv.Itoa(depth-level) + " *"})
		if !p.Has(leader) || p.Text("process.parent.pid") != top.Text("process.pid") && level == 1 {
			t.Errorf("level %d: %s", level, p)
		}
	}
}

// testShortLived: programs that end at once are all told, each once.
func testShortLived(t *testing.T, s *station) {
	n := s.size(200, 2000)
	v := s.view(t, s.start(t))
	v.run(t, box.Act, "many", strconv.Itoa(n), "/bin/true", "short")
	v.settle(t)
	if got := v.count(map[string]string{"event.action": "exec", "process.args": "/bin/true short"}); got != n {
		t.Errorf("%d programs told, want %d", got, n)
	}
}
