package kernel

import (
	"testing"

	"github.com/parallax-sec/parallax/bpf"
)

// How each way into a container looks at its exec, as seen with containerd, runc and crun.
func TestEntries(t *testing.T) {
	c := box("c1", 7)
	systemd := host(1, "systemd")
	f := func(name string, want Entry, by string, make func(w *treeWorld) Change) {
		t.Helper()
		w := newTreeWorld(t, TableConfig{})
		change := make(w)
		s := change.Process.Session
		if !change.Leader || s == nil || s.Entry != want || s.ByName != by || s.ContainerID != "c1" || s.Leader != change.Process.Key {
			t.Errorf("%s: leader %v of %+v", name, change.Leader, s)
		}
		w.check()
	}
	// later is an exec into the container after its start.
	later := func(parent *task, via Via, change func(*task)) func(w *treeWorld) Change {
		return func(w *treeWorld) Change {
			w.started(c, 100)
			p := w.in(c, 200, 20, parent)
			if change != nil {
				change(p)
			}
			return w.execVia(p, "sh\x00", via)
		}
	}
	first := func(parent *task) func(w *treeWorld) Change {
		return func(w *treeWorld) Change { return w.exec(w.in(c, 100, 1, parent), "sh\x00") }
	}
	outside := func(p *task) { p.cgroup, p.flags = 1, bpf.FlagScopeMntNS|bpf.FlagRuntime }

	f("containerd starts", EntryStart, "containerd-shim", first(host(50, "containerd-shim").reaping()))
	f("runc create and start by hand", EntryStart, "systemd", first(systemd))
	f("runc run", EntryStart, "runc", first(host(50, "runc").reaping()))
	f("podman starts", EntryStart, "conmon", first(host(50, "conmon").reaping()))
	f("kubectl exec", EntryExec, "runc", later(host(60, "runc"), ViaCgroup, nil))
	f("kubectl exec after runc ended", EntryExec, "containerd-shim", later(host(60, "containerd-shim").reaping(), ViaCgroup, nil))
	f("podman exec", EntryExec, "crun", later(host(60, "crun"), ViaCgroup, nil))
	f("podman exec after crun ended", EntryExec, "conmon", later(host(60, "conmon"), ViaCgroup, nil))
	f("runtime of a vendor", EntryExec, "sysbox-runc", later(host(60, "sysbox-runc"), ViaCgroup, nil))
	f("runc on its way", EntryExec, "runc:[1:CHILD]", later(host(60, "runc:[1:CHILD]"), ViaCgroup, nil))
	f("runc exec by hand, ended", EntryExec, "systemd", func(w *treeWorld) Change {
		w.started(c, 100)
		p := w.in(c, 200, 20, systemd)
		w.forked(p)
		return w.exec(p, "sh\x00")
	})
	f("the same, its fork lost", EntryExec, "systemd", later(systemd, ViaCgroup, nil))
	f("nsenter --join-cgroup, its parent ended", EntryNsenter, "systemd", func(w *treeWorld) Change {
		w.started(c, 100)
		p := w.in(c, 200, 20, systemd)
		p.comm = "nsenter"
		w.Seen(w.head(p), c)
		return w.exec(p, "sh\x00")
	})
	f("nsenter", EntryNsenter, "bash", later(host(60, "bash"), ViaMntNS, outside))
	f("nsenter forks", EntryNsenter, "nsenter", later(host(60, "nsenter"), ViaPIDNS, outside))
	f("nsenter from a script named runc", EntryNsenter, "runc", later(host(60, "runc"), ViaMntNS, outside))
	f("nsenter --join-cgroup", EntryNsenter, "bash", later(host(60, "bash"), ViaCgroup, nil))
	f("a name that holds runc", EntryNsenter, "truncate", later(host(60, "truncate"), ViaCgroup, nil))
	f("a new pid namespace that is not the container's", EntryNsenter, "bash", later(host(60, "bash"), ViaCgroup, func(p *task) { p.vpid, p.pidns = 1, 999 }))
}

// A container that was created and not started can be exec'd into.
func TestExecBeforeStart(t *testing.T) {
	w := newTreeWorld(t, TableConfig{})
	c := box("c1", 7)
	init := w.in(c, 100, 1, host(50, "containerd-shim").reaping())
	w.forked(init)
	if s := w.exec(w.in(c, 200, 2, host(60, "runc")), "sh\x00").Process.Session; s.Entry != EntryExec {
		t.Errorf("%+v", s)
	}
	if s := w.exec(init, "app\x00").Process.Session; s.Entry != EntryStart {
		t.Errorf("%+v", s)
	}
}

// In a pod that shares its pid namespace, or the node's, numbers and parents tell nothing.
func TestSharedPIDNamespace(t *testing.T) {
	f := func(name string, level, pidns uint32) {
		t.Helper()
		w := newTreeWorld(t, TableConfig{})
		shim := host(50, "containerd-shim").reaping()
		pause := box("pause", 6)
		w.started(pause, 90)
		c := box("c1", 7)
		enter := func(pid uint32, parent *task) Entry {
			p := w.in(c, pid, pid, parent)
			p.level, p.pidns = level, pidns
			return w.exec(p, "sh\x00").Process.Session.Entry
		}
		if got := enter(100, shim); got != EntryStart {
			t.Errorf("%s: first %s", name, got)
		}
		if got := enter(101, host(60, "runc")); got != EntryExec {
			t.Errorf("%s: exec %s", name, got)
		}
		if got := enter(102, shim); got != EntryExec {
			t.Errorf("%s: exec by the shim %s", name, got)
		}
		if got := enter(103, host(61, "bash")); got != EntryNsenter {
			t.Errorf("%s: by hand %s", name, got)
		}
	}
	f("shareProcessNamespace", 1, box("pause", 6).PIDNS)
	f("hostPID", 0, hostNS)
}

// Where the start of a container with a pid namespace of its own was lost, an exec into it is not taken for it.
func TestStartLost(t *testing.T) {
	w := newTreeWorld(t, TableConfig{})
	if s := w.exec(w.in(box("c1", 7), 200, 20, host(60, "runc")), "sh\x00").Process.Session; s.Entry != EntryExec {
		t.Errorf("%+v", s)
	}
}

// Without room for marks the kernel tells no entries.
func TestMarksLost(t *testing.T) {
	w := newTreeWorld(t, TableConfig{})
	c := box("c1", 7)
	init := w.started(c, 100)
	unmarked := func(pid uint32) *task {
		p := w.in(c, pid, pid, host(60, "runc"))
		p.flags &^= bpf.FlagRuntime
		w.forked(p)
		return p
	}
	if c := w.exec(unmarked(200), "sh\x00"); c.Leader || c.Process.Session.Entry != EntryUnseen {
		t.Errorf("with marks: %+v", c.Process.Session)
	}
	w.MarksLost()
	p := unmarked(201)
	if c := w.exec(p, "sh\x00"); !c.Leader || c.Process.Session.Entry != EntryExec {
		t.Errorf("without: %+v", c.Process.Session)
	}
	if c := w.exec(p, "sh\x00"); c.Leader {
		t.Error("the same entry again")
	}
	if c := w.exec(w.fork(init, 202), "ls\x00"); c.Leader || c.Process.Session.Entry != EntryStart {
		t.Errorf("a child: %+v", c.Process.Session)
	}
	w.check()
}

// A process with nothing but a pid namespace of its own can enter a container; one whose container became known late did not.
func TestStraying(t *testing.T) {
	w := newTreeWorld(t, TableConfig{})
	c := box("c1", 7)
	w.started(c, 100)
	p := w.in(&Container{PIDNS: 900}, 300, 1, host(60, "unshare"))
	p.c, p.cgroup, p.mntns = nil, 1, hostNS+1
	if change := w.execVia(p, "nsenter\x00", ""); !change.Leader || change.Process.Session.ContainerID != "" {
		t.Errorf("%+v", change.Process.Session)
	}
	p.mntns = c.MntNS
	p.c = c
	if change := w.execVia(p, "sh\x00", ViaMntNS); !change.Leader || change.Process.Session.Entry != EntryNsenter || change.Process.Session.ContainerID != "c1" {
		t.Errorf("%+v", change.Process.Session)
	}
	late := w.in(box("late", 9), 400, 1, host(60, "runc"))
	d := late.c
	late.c = nil
	w.execVia(late, "app\x00", "")
	late.c = d
	if change := w.exec(late, "app\x00"); change.Leader || change.Process.Session.ContainerID != "late" || change.Process.Session.Entry != EntryStart {
		t.Errorf("%+v", change.Process.Session)
	}
	w.check()
}

// A mount namespace of the node can have the number that a container's had. What runs there enters nothing, but it can be a runtime.
func TestNumberOfAMountNamespaceUsedAgain(t *testing.T) {
	w := newTreeWorld(t, TableConfig{})
	c := box("c1", 7)
	crun := host(300, "unshare")
	crun.parent, crun.flags = host(60, "bash"), bpf.FlagScopeMntNS|bpf.FlagRuntime
	if change := w.execVia(crun, "crun\x00", ""); change.Leader || change.Process.Session != nil {
		t.Errorf("%+v", change.Process.Session)
	}
	if p := w.process(w.fork(crun, 301)); p.Session != nil {
		t.Errorf("%+v", p.Session)
	}
	init := w.in(c, 302, 1, crun)
	init.flags = init.flags&^bpf.FlagRuntime | bpf.FlagScopeMark
	w.forked(init)
	if s := w.session(init); s.Entry != EntryUnseen {
		t.Errorf("before its first program: %+v", s)
	}
	if change := w.exec(init, "app\x00"); !change.Leader || change.Process.Session.Entry != EntryStart || change.Process.Session.ContainerID != "c1" {
		t.Errorf("%+v", change.Process.Session)
	}
	if change := w.exec(w.fork(init, 303), "ls\x00"); change.Leader || change.Process.Session != w.session(init) {
		t.Errorf("%+v", change.Process.Session)
	}
	w.check()
}

// What the node does is no session.
func TestNodeHasNoSession(t *testing.T) {
	w := newTreeWorld(t, TableConfig{})
	p := w.fork(host(300, "bash"), 301)
	if c := w.exec(p, "ls\x00"); c.Leader || c.Process.Session != nil || c.Process.Container != nil {
		t.Errorf("%+v", c.Process)
	}
}
