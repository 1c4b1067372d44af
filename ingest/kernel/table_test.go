package kernel

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parallax-sec/parallax/bpf"
)

func TestExecAndFork(t *testing.T) {
	w := newTreeWorld(t, TableConfig{})
	c := box("c1", 7)
	init := w.in(c, 100, 1, host(50, "containerd-shim").reaping())
	w.forked(init)
	change := w.exec(init, "sh\x00-c\x00sleep 9\x00")
	p := change.Process
	if !change.Leader || change.Known || p.ExePath != "/bin/sh" || p.Cwd != "/" || p.Name != "sh" || p.Container != c {
		t.Errorf("%+v", change)
	}
	if diff := cmp.Diff([]string{"sh", "-c", "sleep 9"}, p.Args); diff != "" {
		t.Error(diff)
	}
	child := w.process(w.fork(init, 101))
	if child.Session != p.Session || child.Program != p.Program || w.Parent(child) != p {
		t.Errorf("child %+v", child)
	}
	w.check()
}

func TestCredentialsBefore(t *testing.T) {
	w := newTreeWorld(t, TableConfig{})
	init := w.started(box("c1", 7), 100)
	p := w.fork(init, 101)
	p.uid = 1000
	w.Seen(w.head(p), p.c)
	p.uid = 0
	if c := w.exec(p, "su\x00"); !c.Known || c.Before.Uid != 1000 || c.Process.Cred.Uid != 0 || c.Leader {
		t.Errorf("%+v", c)
	}
	if c := w.exec(w.child(init, 102), "su\x00"); c.Known {
		t.Errorf("credentials of a process that was not known: %+v", c.Before)
	}
	h := w.head(p)
	h.Tid, h.Cred.Uid = p.PID+1, 7
	copy(h.Comm[:], "thread\x00")
	if q := w.Seen(h, p.c); q.Cred.Uid != 0 || q.Name != "su" {
		t.Errorf("a thread's credentials and name are the process's: %+v", q)
	}
}

func TestFailedExec(t *testing.T) {
	w := newTreeWorld(t, TableConfig{})
	init := w.started(box("c1", 7), 100)
	before := w.process(init).Program
	r := &bpf.Exec{Head: *w.head(init), Ret: -2}
	if c := w.Exec(r, bpf.ExecTexts{Argv: []byte("nothing\x00")}, init.c, ViaCgroup); c.Process.Program != before || c.Leader {
		t.Errorf("%+v", c)
	}
}

func TestNumbersAreUsedAgain(t *testing.T) {
	w := newTreeWorld(t, TableConfig{})
	a, b := w.started(box("c1", 7), 100), w.started(box("c2", 8), 200)
	first := w.fork(a, 101)
	child := w.fork(first, 102)
	// The exit of first was lost; its number comes up in the other container.
	second := w.fork(b, 101)
	if w.session(first) == w.session(second) || w.process(first).ExitNs == 0 || w.process(second).ExitNs != 0 {
		t.Error("one process is taken for the other")
	}
	if p := w.Parent(w.process(child)); p != w.process(first) {
		t.Errorf("parent %+v", p)
	}
	late := w.fork(child, 103)
	late.parent = second // as the kernel would never tell: second is no ancestor
	if w.At(101, first.StartNs+1) != w.process(first) || w.At(101, w.nowNs) != w.process(second) || w.At(101, 5) != nil {
		t.Error("the wrong one had the number")
	}
	w.check()
}

func TestReparenting(t *testing.T) {
	w := newTreeWorld(t, TableConfig{})
	init := w.started(box("c1", 7), 100)
	shell := w.in(init.c, 110, 20, host(60, "runc"))
	w.exec(shell, "sh\x00")
	middle := w.fork(shell, 111)
	daemon := w.fork(middle, 112)
	w.exit(middle)
	daemon.parent = init
	w.Seen(w.head(daemon), daemon.c)
	if p := w.process(daemon); w.Parent(p) != w.process(init) || p.Session.Leader != shell.Key || p.Session.Entry != EntryExec {
		t.Errorf("daemon %+v of %+v", p, p.Session)
	}
	w.exit(shell)
	if p := w.exec(daemon, "evil\x00").Process; p.Session.Leader != shell.Key {
		t.Error("the session ended with its leader")
	}
	w.check()
}

// Whoever makes a child hands the session down, also where clone is told to give it another parent.
func TestChildOfAnotherParent(t *testing.T) {
	w := newTreeWorld(t, TableConfig{})
	runc := host(60, "runc")
	w.started(box("c1", 7), 100)
	c := box("c2", 8)
	w.started(c, 200)
	shell := w.in(c, 110, 20, runc)
	w.exec(shell, "sh\x00")
	sibling := w.child(shell, 111)
	sibling.parent, sibling.forker = runc, shell.Key
	w.forked(sibling)
	if w.session(sibling) != w.session(shell) || w.process(sibling).Program != w.process(shell).Program {
		t.Errorf("session %+v", w.session(sibling))
	}
}

func TestLeavingTheContainer(t *testing.T) {
	w := newTreeWorld(t, TableConfig{})
	c := box("c1", 7)
	init := w.started(c, 100)
	p := w.fork(init, 101)
	p.flags, p.c, p.cgroup, p.mntns = bpf.FlagScopeMark, nil, 1, hostNS
	if q := w.Seen(w.head(p), nil); q.Container != c || q.Session != w.session(init) {
		t.Errorf("%+v", q)
	}
	child := w.fork(p, 102)
	if q := w.process(child); q.Container != c || q.Session != w.session(init) {
		t.Errorf("child %+v", q)
	}
	other := box("c2", 8)
	p.c = other
	if q := w.Seen(w.head(p), other); q.Container != c || q.Session != w.session(init) {
		t.Errorf("in the cgroup of another container %+v", q)
	}
	if q := w.process(w.fork(p, 103)); q.Container != c {
		t.Errorf("child in the cgroup of another container %+v", q)
	}
	w.check()
}

func TestExitAndAfter(t *testing.T) {
	w := newTreeWorld(t, TableConfig{KeepNs: 1e9})
	init := w.started(box("c1", 7), 100)
	p := w.fork(init, 101)
	child := w.fork(p, 102)
	w.exit(p)
	if q := w.exec(p, "late\x00").Process; q.ExitNs == 0 || q.ExePath != "/bin/late" || w.Stats().Ended != 1 {
		t.Errorf("late record: %+v", q)
	}
	if w.Parent(w.process(child)) != w.process(p) {
		t.Error("who has ended is no parent")
	}
	unknown := w.child(init, 103)
	if q := w.exit(unknown); q.ExitNs == 0 || q.Session != w.session(init) && q.Session.Entry != EntryUnseen {
		t.Errorf("end of an unknown process: %+v", q)
	}
	w.nowNs += 2e9
	w.Seen(w.head(init), init.c)
	if w.Find(p.Key) != nil || w.Find(unknown.Key) != nil || w.Stats().Ended != 0 {
		t.Error("they are not forgotten")
	}
	if w.Parent(w.process(child)) != nil {
		t.Error("a parent that is forgotten")
	}
	w.check()
}

// Rings are merged by time, but not perfectly: what comes late does not undo what came before.
func TestRecordsOutOfOrder(t *testing.T) {
	w := newTreeWorld(t, TableConfig{})
	init := w.started(box("c1", 7), 100)
	p := w.child(init, 101)
	fork := w.head(p)
	p.uid = 5
	w.exec(p, "ls\x00")
	if s := w.session(p); s.Entry != EntryUnseen {
		t.Errorf("%+v: init may have taken the process over from a session that ended", s)
	}
	w.Fork(fork, p.c)
	if q := w.process(p); q.ExePath != "/bin/ls" || q.Cred.Uid != 5 || q.Session != w.session(init) {
		t.Errorf("%+v", q)
	}
	w.check()
}

func TestDroppedRecords(t *testing.T) {
	w := newTreeWorld(t, TableConfig{})
	init := w.started(box("c1", 7), 100)
	shell := w.in(init.c, 110, 20, host(60, "runc"))
	w.exec(shell, "sh\x00")
	f := func(what string, p *task, want Entry, leader Key) {
		t.Helper()
		if s := w.session(p); s.Entry != want || s.Leader != leader {
			t.Errorf("%s: %s of %v, want %s of %v", what, s.Entry, s.Leader, want, leader)
		}
	}
	lost := w.child(shell, 111)
	w.exec(lost, "ls\x00")
	f("fork lost", lost, EntryExec, shell.Key)
	gone := w.child(shell, 112)
	grandchild := w.fork(gone, 113)
	f("parent not known", grandchild, EntryUnseen, grandchild.Key)
	f("its child", w.fork(grandchild, 114), EntryUnseen, grandchild.Key)
	entered := w.in(init.c, 120, 30, host(61, "runc"))
	w.forked(entered)
	entered.flags &^= bpf.FlagRuntime // the exec was lost
	w.Seen(w.head(entered), entered.c)
	f("entry lost", entered, EntryUnseen, entered.Key)
	w.check()
}

func TestAncestors(t *testing.T) {
	w := newTreeWorld(t, TableConfig{})
	p := w.started(box("c1", 7), 1000)
	for pid := uint32(1001); pid <= 2000; pid++ {
		p = w.fork(p, pid)
	}
	count := func(p *Process, max int) (n int) {
		w.Ancestors(p, max, func(*Process) bool { n++; return true })
		return n
	}
	if n := count(w.process(p), 5000); n != 1000 {
		t.Errorf("%d ancestors", n)
	}
	if n := count(w.process(p), 7); n != 7 {
		t.Errorf("%d ancestors, want 7", n)
	}
	n := 0
	w.Ancestors(w.process(p), 100, func(q *Process) bool { n++; return q.PID != 1990 })
	if n != 10 {
		t.Errorf("%d ancestors until one is found", n)
	}
	// A forged recording can have a circle.
	a, b := w.child(p, 3001), w.child(p, 3002)
	a.parent, b.parent = b, a
	w.Seen(w.head(a), a.c)
	w.Seen(w.head(b), b.c)
	if n := count(w.process(a), 50); n != 50 {
		t.Errorf("%d ancestors in a circle", n)
	}
	w.check()
}

func TestPath(t *testing.T) {
	table := NewTable(TableConfig{})
	f := func(components string, cut bool, want string) {
		t.Helper()
		if got := table.path([]byte(strings.ReplaceAll(components, "|", "\x00")), cut); got != want {
			t.Errorf("%q: %q, want %q", components, got, want)
		}
	}
	f("", false, "")
	f("ls|bin|usr|", false, "/usr/bin/ls")
	f("ls|bin|usr", false, "/usr/bin/ls")
	f("ls|", true, "/ls")
	f("memfd:x|", false, "memfd:x")
	f("memfd:x|tmp|", false, "/tmp/memfd:x")
	f("\xff\n|tmp|", false, "/tmp/\xff\n")
	f("||", false, "//")
	f(strings.Repeat("d|", 40), true, "d"+strings.Repeat("/d", 39))
	long := strings.Repeat("x", 250)
	f(long+"|"+long+"|"+long+"|"+long+"|", true, long+"/"+long+"/"+long+"/"+long)
}

func TestArgv(t *testing.T) {
	texts := NewTable(TableConfig{}).texts
	f := func(block string, cut bool, want ...string) {
		t.Helper()
		for range 2 {
			got, gotCut := texts.argv([]byte(block))
			if diff := cmp.Diff(want, got); diff != "" || gotCut != cut {
				t.Errorf("%q: cut %v, %s", block, gotCut, diff)
			}
		}
	}
	f("", false)
	f("\x00", false, "")
	f("a\x00", false, "a")
	f("a\x00b", false, "a", "b")
	f("\x00\x00a\x00\x00", false, "", "", "a", "")
	f("\xff\xfe\x00", false, "\xff\xfe")
	f(strings.Repeat("x", 4096), false, strings.Repeat("x", 4096))
	f(strings.Repeat("\x00", 4096), true, make([]string, maxArgs)...)
}
