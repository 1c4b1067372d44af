package kernel

import "github.com/parallax-sec/parallax/bpf"

// inScope are the flags of a head that say why its task is watched as a container's.
const inScope = bpf.FlagScopePidNS | bpf.FlagScopeCgroup | bpf.FlagScopeMntNS | bpf.FlagScopeMark

// Change is what an exec did to a process.
type Change struct {
	Process *Process // after the exec; as before where it failed
	// Before are the credentials before the exec, where Known says that the table had them. Those of an entry are not known: the
	// runtime gave the process its user and capabilities, which no record tells of.
	Before bpf.Cred
	Known  bool
	// Leader says that the exec began a session: the process came into its container with it.
	Leader bool
}

// Exec takes in that a process started a program, or, where r.Ret says so, could not. c is the container that the record was found to
// be of and via how; nil leaves a process that was in a container in scope there.
func (t *Table) Exec(r *bpf.Exec, x bpf.ExecTexts, c *Container, via Via) Change {
	h := &r.Head
	e := t.take(h, c)
	change := Change{Process: &e.Process, Before: e.Cred, Known: e.credKnown && h.Flags&bpf.FlagEntry == 0}
	if r.Ret != 0 {
		t.update(e, h)
		t.settle(e, h)
		return change
	}
	was := e.Name
	if h.TimeNs >= e.ExecNs {
		t.run(e, t.program(r, x))
	}
	t.update(e, h)
	if t.isEntry(e, h) {
		t.enter(e, h, via, was)
		change.Leader = true
	} else {
		t.settle(e, h)
	}
	return change
}

// Fork takes in that a process was made, which h tells of.
func (t *Table) Fork(h *bpf.Head, c *Container) *Process {
	e := t.take(h, c)
	if m, ok := t.maker(h); ok && m.entry != e {
		if m.session != nil && !e.Session.known() {
			t.join(e, m.session)
		}
		if m.entry != nil {
			e.stray = m.entry.stray
			if e.Program == t.blank {
				t.run(e, m.entry.Program)
			}
		}
	}
	t.update(e, h)
	t.settle(e, h)
	return &e.Process
}

// Exit takes in that a process ended, and says whether that is news: kernels before 6.16 may tell it twice, when the last two threads end
// at the same time on two processors. The process can be found for a while yet.
func (t *Table) Exit(r *bpf.Exit, c *Container) (p *Process, news bool) {
	h := &r.Head
	e := t.find(keyOf(h))
	if e == nil {
		e = t.take(h, c)
		t.update(e, h)
		t.settle(e, h)
	}
	t.refine(e, h.StartNs)
	t.advance(h.TimeNs)
	t.bury(e, h.TimeNs)
	news, e.told = !e.told, true
	return &e.Process, news
}

// Seen takes in what the head of any other record tells.
func (t *Table) Seen(h *bpf.Head, c *Container) *Process {
	e := t.take(h, c)
	t.update(e, h)
	t.settle(e, h)
	return &e.Process
}

// take returns the process of a head, which is a new one where it was not known, in its container.
func (t *Table) take(h *bpf.Head, c *Container) *entry {
	t.advance(h.TimeNs)
	e := t.find(keyOf(h))
	if e == nil {
		return t.add(keyOf(h), t.containerOf(h, c))
	}
	t.refine(e, h.StartNs)
	if h.TimeNs < e.seenNs || e.ExitNs != 0 {
		return e
	}
	t.move(e, staysIn(h, c, origin{e, e.Session, e.Container}))
	return e
}

// staysIn is the container of a process that comes from another, or that was known: who came into a container is of it for good,
// whatever cgroup it moves itself to, and so are those it makes. Only an entry is the way into another.
func staysIn(h *bpf.Head, c *Container, from origin) *Container {
	switch {
	case h.Flags&bpf.FlagScopeMark == 0 || from.container == nil:
		return c
	case c == nil || from.session.known() && h.Flags&bpf.FlagEntry == 0:
		return from.container
	}
	return c
}

// containerOf is the container of a process that is new: the one of who made it, or where the record says.
func (t *Table) containerOf(h *bpf.Head, c *Container) *Container {
	m, _ := t.maker(h)
	return staysIn(h, c, m)
}

// origin is what a process hands down to those it makes.
type origin struct {
	entry     *entry // nil: it had to be given up
	session   *Session
	container *Container
}

// maker is the process that made the one that h tells of, as far as h knows: of a fork the one that called it, else the parent.
func (t *Table) maker(h *bpf.Head) (origin, bool) {
	k := parentOf(h)
	if h.Forker != 0 {
		k = Key{PID: h.Forker, StartNs: h.ForkerStartNs}
	}
	if e := t.find(k); e != nil {
		return origin{e, e.Session, e.Container}, true
	}
	if a, ok := t.adrift[k.PID]; ok && k.Same(Key{PID: k.PID, StartNs: a.startNs}) {
		return origin{nil, a.session, a.container}, true
	}
	return origin{}, false
}

// update takes over what a head tells of its process, unless younger records told already.
func (t *Table) update(e *entry, h *bpf.Head) {
	if h.TimeNs < e.seenNs || e.ExitNs != 0 {
		return
	}
	e.seenNs = h.TimeNs
	t.setParent(e, parentOf(h))
	e.VPID, e.VPPID = h.Vpid, h.Vppid
	e.SID, e.PGID, e.VSID, e.VPGID = h.Sid, h.Pgid, h.Vsid, h.Vpgid
	e.TTY, e.LoginUID = h.Tty, h.Loginuid
	e.NS, e.PIDNSLevel, e.Cgroup = h.Ns, h.PidnsLevel, h.Cgroup
	e.NoNewPrivs = h.Flags&bpf.FlagNoNewPrivs != 0
	e.Runtime = h.Flags&bpf.FlagRuntime != 0
	if h.Tid == h.Pid { // a thread's name and credentials are its own
		e.Name = t.texts.rename(e.Name, comm(&h.Comm))
		e.Cred, e.credKnown = h.Cred, true
	}
	if e.Runtime && h.Vpid == 1 && e.PIDNSLevel > 0 {
		e.group.begin(e)
	}
}

// setParent changes a process's parent.
func (t *Table) setParent(e *entry, parent Key) {
	if e.Parent == parent {
		return
	}
	if old := t.find(e.Parent); old != nil {
		old.kids--
	}
	e.Parent = parent
	if now := t.find(parent); now != nil && now != e {
		now.kids++
	}
}
