package kernel

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parallax-sec/parallax/bpf"
)

// treeWorld makes records of processes and hands them to a table, as the kernel would.
type treeWorld struct {
	*Table
	t     *testing.T
	nowNs uint64
}

func newTreeWorld(t *testing.T, cfg TableConfig) *treeWorld { return &treeWorld{NewTable(cfg), t, 1e9} }

// task is what the world knows of a task.
type task struct {
	pid          uint32
	startNs      uint64
	parent       *task
	comm         string
	vpid         uint32
	level        uint32
	pidns, mntns uint32
	cgroup       uint64
	flags        uint32
	subreaper    bool
	c            *Container
	cred         bpf.Cred
}

const hostNS = 4026531836

// host is a task of the node.
func host(pid uint32, comm string) *task {
	return &task{pid: pid, startNs: uint64(pid) * 1e6, comm: comm, vpid: pid, pidns: hostNS, mntns: hostNS + 1, cgroup: 1}
}

// box is a container with namespaces of its own.
func box(id string, n uint32) *Container {
	return &Container{ID: id, CgroupID: uint64(n), MntNS: 100 + n, PIDNS: 200 + n}
}

// in is a task that a runtime has put into a container, before its first exec there.
func (w *treeWorld) in(c *Container, pid, vpid uint32, parent *task) *task {
	return &task{
		pid: pid, startNs: w.tick(), parent: parent, comm: "runc:[2:INIT]", vpid: vpid, level: 1, pidns: c.PIDNS, mntns: c.MntNS,
		cgroup: c.CgroupID, c: c, flags: bpf.FlagScopePidNS | bpf.FlagScopeCgroup | bpf.FlagRuntime,
	}
}

// tick lets an odd time go by, so that no start is a whole tick of /proc.
func (w *treeWorld) tick() uint64 {
	w.nowNs += 1_000_003
	return w.nowNs
}

func (w *treeWorld) head(p *task) bpf.Head {
	h := bpf.Head{
		TimeNs: w.tick(), Flags: p.flags, StartNs: p.startNs, Cgroup: p.cgroup, Pid: p.pid, Tid: p.pid, Vpid: p.vpid, Vtid: p.vpid,
		PidnsLevel: p.level, Ns: bpf.NS{Pid: p.pidns, Mnt: p.mntns}, Loginuid: noLogin, Cred: p.cred,
	}
	copy(h.Comm[:], p.comm)
	if q := p.parent; q != nil {
		h.Ppid, h.ParentStartNs, h.ParentCgroup, h.ParentPidns, h.ParentMntns = q.pid, q.startNs, q.cgroup, q.pidns, q.mntns
		if q.subreaper {
			h.Flags |= bpf.FlagSubreaperParent
		}
		copy(h.ParentComm[:], q.comm)
	}
	return h
}

func (w *treeWorld) forkRecord(p *task) *Process {
	h := w.head(p)
	return w.Fork(&h, p.c)
}

// fork makes a child of p with the given number.
func (w *treeWorld) fork(p *task, pid uint32) *task {
	c := *p
	c.pid, c.vpid, c.startNs, c.parent = pid, pid, w.tick(), p
	if c.flags&inScope != 0 {
		c.flags |= bpf.FlagScopeMark
	}
	w.forkRecord(&c)
	return &c
}

func (w *treeWorld) exec(p *task, argv string) Change { return w.execVia(p, argv, ViaCgroup) }

func (w *treeWorld) execVia(p *task, argv string, via Via) Change {
	if p.flags&bpf.FlagRuntime != 0 {
		p.flags = p.flags&^bpf.FlagRuntime | bpf.FlagScopeMark
		defer func() { p.flags &^= bpf.FlagEntry }()
		p.flags |= bpf.FlagEntry
	}
	p.comm, _, _ = strings.Cut(argv, "\x00")
	r := bpf.Exec{Head: w.head(p)}
	return w.Exec(&r, bpf.ExecTexts{Exe: []byte(p.comm + "\x00bin\x00"), Argv: []byte(argv)}, p.c, via)
}

func (w *treeWorld) exit(p *task) *Process {
	return w.Exit(&bpf.Exit{Head: w.head(p)}, p.c)
}

func (w *treeWorld) process(p *task) *Process {
	w.t.Helper()
	q := w.Find(Key{p.pid, p.startNs})
	if q == nil {
		w.t.Fatalf("process %d is not known", p.pid)
	}
	return q
}

func TestExecAndFork(t *testing.T) {
	w := newTreeWorld(t, TableConfig{})
	c := box("c1", 7)
	shim := host(50, "containerd-shim")
	shim.subreaper = true
	init := w.in(c, 100, 1, shim)
	w.forkRecord(init)
	change := w.exec(init, "sh\x00-c\x00sleep 9\x00")
	p := change.Process
	if !change.Leader || !change.Known || p.ExePath != "/bin/sh" || p.Cwd != "/" || p.Name != "sh" || p.Container != c {
		t.Errorf("%+v", change)
	}
	if diff := cmp.Diff([]string{"sh", "-c", "sleep 9"}, p.Args); diff != "" {
		t.Error(diff)
	}
	if s := p.Session; s.Entry != EntryStart || s.ByName != "containerd-shim" || s.ByPID != 50 || s.ContainerID != "c1" {
		t.Errorf("session %+v", s)
	}
	child := w.process(w.fork(init, 101))
	if child.Session != p.Session || child.Program != p.Program || w.Parent(child) != p {
		t.Errorf("child %+v", child)
	}
}
