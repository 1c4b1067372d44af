package kernel

import (
	"strings"
	"testing"

	"github.com/parallax-sec/parallax/bpf"
)

// treeWorld makes records of tasks and hands them to a table, as the kernel would.
type treeWorld struct {
	*Table
	t     testing.TB
	nowNs uint64
}

func newTreeWorld(t testing.TB, cfg TableConfig) *treeWorld {
	return &treeWorld{NewTable(cfg), t, 1_000_000_001}
}

// task is what the kernel knows of a process.
type task struct {
	Key
	parent       *task
	comm         string
	vpid, level  uint32
	pidns, mntns uint32
	cgroup       uint64
	flags        uint32
	subreaper    bool
	forker       Key
	c            *Container
	uid          uint32
}

const hostNS = 4026531836

// host is a task of the node.
func host(pid uint32, comm string) *task {
	return &task{Key: Key{pid, uint64(pid)*1_000_000 + 7}, comm: comm, vpid: pid, pidns: hostNS, mntns: hostNS + 1, cgroup: 1}
}

func (p *task) reaping() *task {
	p.subreaper = true
	return p
}

// box is a container with namespaces of its own.
func box(id string, n uint32) *Container {
	return &Container{ID: id, CgroupID: uint64(n), MntNS: 100 + n, PIDNS: 200 + n}
}

// in is a task that a runtime has put into a container, before its first exec there.
func (w *treeWorld) in(c *Container, pid, vpid uint32, parent *task) *task {
	return &task{
		Key: Key{pid, w.tick()}, parent: parent, comm: "runc:[2:INIT]", vpid: vpid, level: 1, pidns: c.PIDNS, mntns: c.MntNS,
		cgroup: c.CgroupID, c: c, flags: bpf.FlagScopePidNS | bpf.FlagScopeCgroup | bpf.FlagRuntime,
	}
}

// started is the entry point of a container, with pid 1 there.
func (w *treeWorld) started(c *Container, pid uint32) *task {
	p := w.in(c, pid, 1, host(50, "containerd-shim").reaping())
	w.forked(p)
	w.exec(p, "init\x00")
	return p
}

// tick lets an odd time go by, so that no start is a whole tick of /proc.
func (w *treeWorld) tick() uint64 {
	w.nowNs += 1_000_003
	return w.nowNs
}

func (w *treeWorld) head(p *task) *bpf.Head {
	h := &bpf.Head{
		TimeNs: w.tick(), Flags: p.flags, StartNs: p.StartNs, Cgroup: p.cgroup, Pid: p.PID, Tid: p.PID, Vpid: p.vpid, Vtid: p.vpid,
		PidnsLevel: p.level, Ns: bpf.NS{Pid: p.pidns, Mnt: p.mntns}, Loginuid: noLogin, Cred: bpf.Cred{Uid: p.uid},
		Forker: p.forker.PID, ForkerStartNs: p.forker.StartNs,
	}
	copy(h.Comm[:], p.comm)
	if q := p.parent; q != nil {
		h.Ppid, h.ParentStartNs, h.ParentCgroup, h.ParentPidns, h.ParentMntns = q.PID, q.StartNs, q.cgroup, q.pidns, q.mntns
		if q.pidns == p.pidns {
			h.Vppid = q.vpid
		}
		if q.subreaper {
			h.Flags |= bpf.FlagSubreaperParent
		}
		copy(h.ParentComm[:], q.comm)
	}
	return h
}

func (w *treeWorld) forked(p *task) *Process { return w.Fork(w.head(p), p.c) }

// child is a child of p that no record has told of.
func (w *treeWorld) child(p *task, pid uint32) *task {
	c := *p
	c.Key, c.vpid, c.parent, c.subreaper = Key{pid, w.tick()}, pid, p, false
	if c.flags&inScope != 0 {
		c.flags |= bpf.FlagScopeMark
	}
	return &c
}

// fork makes a child of p.
func (w *treeWorld) fork(p *task, pid uint32) *task {
	c := w.child(p, pid)
	w.forked(c)
	return c
}

func (w *treeWorld) exec(p *task, argv string) Change { return w.execVia(p, argv, ViaCgroup) }

// execVia starts a program; the first in scope is an entry.
func (w *treeWorld) execVia(p *task, argv string, via Via) Change {
	entry := p.flags&bpf.FlagRuntime != 0
	p.flags &^= bpf.FlagRuntime
	p.comm, _, _ = strings.Cut(argv, "\x00")
	r := &bpf.Exec{Head: *w.head(p)}
	if entry {
		r.Head.Flags |= bpf.FlagEntry
		p.flags |= bpf.FlagScopeMark
	}
	return w.Exec(r, bpf.ExecTexts{Exe: []byte(p.comm + "\x00bin\x00"), Argv: []byte(argv)}, p.c, via)
}

func (w *treeWorld) exit(p *task) *Process {
	q, _ := w.Exit(&bpf.Exit{Head: *w.head(p)}, p.c)
	return q
}

func (w *treeWorld) process(p *task) *Process {
	w.t.Helper()
	q := w.Find(p.Key)
	if q == nil {
		w.t.Fatalf("process %d is not known", p.PID)
	}
	return q
}

func (w *treeWorld) session(p *task) *Session {
	w.t.Helper()
	s := w.process(p).Session
	if s == nil {
		w.t.Fatalf("process %d has no session", p.PID)
	}
	return s
}

// check says what in the table contradicts itself.
func (w *treeWorld) check() {
	w.t.Helper()
	running, ended, bytes := 0, 0, 0
	members := map[*Session]int{}
	sizes := map[*group]int{}
	programs := map[*Program]int{}
	for pid, e := range w.byPID {
		for first := e; e != nil; e = e.older {
			if e.PID != pid || e != first && e.ExitNs == 0 || e.older != nil && e.older.StartNs > e.StartNs {
				w.t.Errorf("process %v is out of place", e.Key)
			}
			if e.ExitNs == 0 {
				running++
			} else {
				ended++
			}
			sizes[e.group]++
			programs[e.Program]++
			if e.Session != nil {
				members[e.Session]++
			}
			if w.groups[e.Container] != e.group {
				w.t.Errorf("process %v is in the wrong group", e.Key)
			}
		}
	}
	for _, a := range w.adrift {
		members[a.session]++
	}
	for s, n := range members {
		if s.members != n {
			w.t.Errorf("session of %v has %d members and counts %d", s.Leader, n, s.members)
		}
		if s.program != nil {
			programs[s.program]++
		}
	}
	for p, n := range programs {
		if p != w.blank && p.refs != n {
			w.t.Errorf("program %q is held %d times and counts %d", p.ExePath, n, p.refs)
		}
		bytes += p.bytes
	}
	w.checkGroups(sizes)
	if s := w.Stats(); s.Running != running || s.Ended != ended || s.TextBytes != bytes || w.ended.n != ended {
		w.t.Errorf("%+v, and there are %d running, %d ended, %d bytes", s, running, ended, bytes)
	}
	if s := w.Stats(); s.Running+s.Ended > w.cfg.MaxProcesses || s.Adrift > w.cfg.MaxAdrift {
		w.t.Errorf("%+v is too much", s)
	}
}

func (w *treeWorld) checkGroups(sizes map[*group]int) {
	w.t.Helper()
	for i, g := range w.heap {
		if g.place != i || g.size() != sizes[g] || w.groups[g.container] != g {
			w.t.Errorf("group %+v at %d with %d processes", g, i, sizes[g])
		}
		if i > 0 && w.heap.Less(i, (i-1)/2) {
			w.t.Errorf("the heap has %d at %d", g.weight(), i)
		}
	}
	if len(w.heap) != len(w.groups) {
		w.t.Errorf("%d groups, %d in the heap", len(w.groups), len(w.heap))
	}
}
