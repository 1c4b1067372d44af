package kerneltest

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/parallax-sec/parallax/bpf"
)

// process is a process as its next record would show it.
type process struct {
	head      bpf.Head // all but what each record has of its own
	parent    *process // nil of the node's first
	container *container
	started   bool // it, or an ancestor since its entry, has started a program there
	marked    bool // an ancestor was in scope when it forked, or it has started a program in scope
	subreaper bool
	kthread   bool
}

const scopeFlags = bpf.FlagScopePidNS | bpf.FlagScopeCgroup | bpf.FlagScopeMntNS | bpf.FlagScopeMark

// scope is why the sensor watches p: the bits of its head's flags.
func (w *world) scope(p *process) (flags uint32) {
	if p.head.PidnsLevel > 0 {
		flags |= bpf.FlagScopePidNS
	}
	for _, c := range w.containers {
		if p.head.Cgroup == c.CgroupID {
			flags |= bpf.FlagScopeCgroup
		}
		if p.head.Ns.Mnt == c.ns.Mnt && c.ns.Mnt != hostNS.Mnt {
			flags |= bpf.FlagScopeMntNS
		}
	}
	if p.marked {
		flags |= bpf.FlagScopeMark
	}
	return flags
}

// process returns the process that a line is about, made where it is new, with what the line says of it.
func (w *world) process(k *who) (*process, error) {
	if k.PID == 0 || k.PID == k.Parent {
		return nil, fmt.Errorf("no pid, or its own parent")
	}
	if err := w.at(k.Time); err != nil {
		return nil, err
	}
	p, known := w.processes[k.PID]
	if !known {
		var err error
		if p, err = w.born(k); err != nil {
			return nil, err
		}
	} else if err := w.agree(p, k); err != nil {
		return nil, err
	}
	return p, w.describe(p, k)
}

// agree refuses what a line says of a known process that only holds for new ones.
func (w *world) agree(p *process, k *who) error {
	if k.Entry != "" || k.Parent != 0 && (p.parent == nil || k.Parent != p.parent.head.Pid) {
		return fmt.Errorf("process %d is known: entry and another parent are for a new one", k.PID)
	}
	if k.Container == nil {
		return nil
	}
	if c, err := w.containerNamed(*k.Container); err != nil || c != p.container {
		return fmt.Errorf("process %d is known, and not in container %s", k.PID, *k.Container)
	}
	return nil
}

// born makes a process: a child of its parent, or one that comes into a container.
func (w *world) born(k *who) (*process, error) {
	var c *container
	if k.Container != nil && *k.Container != "" {
		var err error
		if c, err = w.containerNamed(*k.Container); err != nil {
			return nil, err
		}
	}
	how, err := entryOf(k.Entry, c)
	if err != nil {
		return nil, err
	}
	parent, known := w.processes[k.Parent]
	if !known {
		parent = w.outside(k, c, how)
	}
	p := w.child(parent, k.PID)
	if parent.container != c && c != nil {
		w.enter(p, c, how)
		return p, nil
	}
	if k.Entry != "" {
		return nil, fmt.Errorf("entry: the process does not come into a container: it is its parent's already, or none is named")
	}
	if w.scope(parent) != 0 && !k.unforked {
		w.forked(p, parent, k.CPU)
	}
	return p, nil
}

func entryOf(entry string, c *container) (string, error) {
	switch {
	case entry == "" && c != nil && c.started:
		return "exec", nil
	case entry == "":
		return "start", nil
	case !slices.Contains([]string{"start", "exec", "nsenter"}, entry):
		return "", fmt.Errorf("entry %q: want start, exec or nsenter", entry)
	}
	return entry, nil
}

// outside makes a parent that no line has told of: a process of the node, of the kind that brings others into containers where
// one is named.
func (w *world) outside(k *who, c *container, how string) *process {
	first := w.processes[1]
	if first == nil {
		first = &process{head: bpf.Head{
			Pid: 1, Tid: 1, Vpid: 1, Vtid: 1, Sid: 1, Pgid: 1, Vsid: 1, Vpgid: 1, StartNs: 1e6, Cgroup: rootCgroup, Ns: hostNS, Loginuid: noUser,
			Comm: comm("systemd"), Cred: bpf.Cred{CapPermitted: allCaps, CapEffective: allCaps, CapBounding: allCaps, Userns: hostUserNS},
		}}
		w.processes[1] = first
	}
	if k.Parent == 1 || k.Parent == 0 && c == nil {
		return first
	}
	name := map[string]string{"start": "containerd-shim-runc-v2", "exec": "runc", "nsenter": "nsenter"}[how]
	if c == nil {
		name = "bash"
	}
	p := w.child(first, cmp.Or(k.Parent, w.freePID()))
	p.head.StartNs = 2e9
	p.head.Comm = comm(cmp.Or(k.ParentComm, name))
	p.subreaper = c != nil && how == "start"
	return p
}

// noUser is the id of nobody.
const noUser = 0xffffffff

// freePID is a process id that no line is likely to name.
func (w *world) freePID() uint32 {
	pid := uint32(4_000_000)
	for w.processes[pid] != nil {
		pid++
	}
	return pid
}

// child makes a process that is as its parent but for its numbers.
func (w *world) child(parent *process, pid uint32) *process {
	p := &process{
		head: parent.head, parent: parent, container: parent.container, started: parent.started,
		marked: w.scope(parent) != 0,
	}
	h := &p.head
	h.Pid, h.Tid = pid, pid
	h.StartNs = w.nowNs - 1e6
	h.Vpid = pid
	if h.PidnsLevel > 0 {
		h.Vpid = w.nextVPID(h.Ns.Pid)
	}
	h.Vtid = h.Vpid
	w.processes[pid] = p
	return p
}

// nextVPID is the next process id in a pid namespace, where number 1 is the entry point's.
func (w *world) nextVPID(pidns uint32) uint32 {
	w.vpids[pidns] = max(w.vpids[pidns], 1) + 1
	return w.vpids[pidns]
}

// enter puts a process into a container, as the runtime does, or as nsenter does: that leaves the cgroup as it was.
func (w *world) enter(p *process, c *container, how string) {
	p.container, p.started, p.marked = c, false, false
	h := &p.head
	h.Ns, h.PidnsLevel = c.ns, c.pidLevel
	if how != "nsenter" {
		h.Cgroup = c.CgroupID
	}
	switch {
	case how == "start" && h.PidnsLevel > 0 && !c.sharesPID:
		h.Vpid = 1
	case h.PidnsLevel > 0:
		h.Vpid = w.nextVPID(c.ns.Pid)
	}
	h.Vtid = h.Vpid
	h.Sid, h.Pgid, h.Vsid, h.Vpgid = h.Pid, h.Pid, h.Vpid, h.Vpid
	h.Tty = 0
	h.Cred = bpf.Cred{
		CapPermitted: c.caps, CapEffective: c.caps, CapBounding: c.caps, Userns: c.userns, UsernsLevel: c.usernsLevel,
	}
	if how == "nsenter" {
		h.Cred = p.parent.head.Cred
	}
	c.started = c.started || how == "start"
}

// describe takes over what a line says of a process.
func (w *world) describe(p *process, k *who) error {
	h := &p.head
	h.Tid = cmp.Or(k.TID, h.Pid)
	if k.VPID != 0 {
		h.Vpid = k.VPID
	}
	h.Vtid = h.Vpid
	h.Sid, h.Pgid = cmp.Or(k.SID, h.Sid), cmp.Or(k.PGID, h.Pgid)
	if k.Comm != "" {
		h.Comm = comm(k.Comm)
	}
	if k.ParentComm != "" && p.parent != nil {
		p.parent.head.Comm = comm(k.ParentComm)
	}
	if k.TTY != nil {
		h.Tty = uint32(*k.TTY)
	}
	if k.LoginUID != nil {
		h.Loginuid = *k.LoginUID
	}
	if k.NoNewPrivs != nil {
		h.Flags &^= bpf.FlagNoNewPrivs
		if *k.NoNewPrivs {
			h.Flags |= bpf.FlagNoNewPrivs
		}
	}
	for name, to := range k.NS {
		if err := w.put(p, name, to); err != nil {
			return err
		}
	}
	k.apply(&h.Cred, h.Cred, p.rootCaps())
	return nil
}

// put puts a process into one namespace.
func (w *world) put(p *process, name string, to place) error {
	ns, user, level := hostNS, uint32(hostUserNS), uint32(0)
	if to.name != "" && to.name != "host" {
		c, err := w.containerNamed(to.name)
		if err != nil {
			return err
		}
		ns, user, level = c.ns, c.userns, c.usernsLevel
	}
	if name == "user" {
		p.head.Cred.Userns, p.head.Cred.UsernsLevel = cmp.Or(to.number, user), level
		return nil
	}
	dst, err := member(&p.head.Ns, name)
	if err != nil {
		return err
	}
	src, _ := member(&ns, name)
	*dst = cmp.Or(to.number, *src)
	return nil
}

// rootCaps is what capabilities root has where p is.
func (p *process) rootCaps() uint64 {
	if p.container != nil {
		return p.container.caps
	}
	return allCaps
}

func comm(name string) (out [16]uint8) {
	copy(out[:15], name)
	return out
}
