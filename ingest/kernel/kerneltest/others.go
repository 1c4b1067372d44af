package kerneltest

import (
	"cmp"
	"fmt"

	"github.com/parallax-sec/parallax/bpf"
	"golang.org/x/sys/unix"
)

// fork takes that a process was made. One that another line tells of first is forked by that.
func (w *world) fork(k *forkLine) error {
	if w.processes[k.PID] != nil {
		return fmt.Errorf("process %d is known, so it was forked already", k.PID)
	}
	k.unforked = true
	p, err := w.process(&k.who)
	if err != nil {
		return err
	}
	forker := p.parent
	if k.Forker != 0 {
		var known bool
		if forker, known = w.processes[k.Forker]; !known {
			return fmt.Errorf("forker: no line before told of process %d", k.Forker)
		}
	}
	p.head.StartNs = w.nowNs
	w.forked(p, forker, k.CPU)
	return nil
}

// forked adds the record of p's fork to the stream.
func (w *world) forked(p, forker *process, cpu uint16) {
	h := w.head(p, bpf.KindFork, cpu)
	h.TimeNs, h.Comm = h.StartNs, forker.head.Comm
	if forker != p.parent {
		h.Forker, h.ForkerStartNs = forker.head.Pid, forker.head.StartNs
	}
	record(w, &h, &h)
}

// exit takes that a process ended. Its children go to the first process of their pid namespace, or of the node.
func (w *world) exit(k *exitLine) error {
	p, err := w.process(&k.who)
	if err != nil {
		return err
	}
	if k.PID == 1 {
		return fmt.Errorf("the node's first process does not end")
	}
	r := &bpf.Exit{Head: w.head(p, bpf.KindExit, k.CPU), Code: k.Status<<8 | k.Signal}
	record(w, r, &r.Head)
	delete(w.processes, k.PID)
	for _, child := range w.processes {
		if child.parent == p {
			child.parent = w.reaper(child)
		}
	}
	return nil
}

// reaper is who takes over a process whose parent ends.
func (w *world) reaper(p *process) *process {
	if p.head.PidnsLevel > 0 {
		for _, first := range w.processes {
			if first.head.Vpid == 1 && first.head.Ns.Pid == p.head.Ns.Pid {
				return first
			}
		}
	}
	for a := p.parent.parent; a != nil; a = a.parent {
		if a.subreaper {
			return a
		}
	}
	return w.processes[1]
}

// mount takes a call of the mount family.
func (w *world) mount(op uint32, k *mountLine) error {
	p, err := w.process(&k.who)
	if err != nil {
		return err
	}
	r := &bpf.Mount{
		Head: w.head(p, bpf.KindMount, k.CPU), Op: op, Fd: k.FD, Ret: int64(k.Ret), Flags: uint64(k.Flags), Attr: uint64(k.Attr),
		AttrClear: uint64(k.AttrClear), Propagation: uint64(k.Propagation), MountDev: k.Device,
	}
	flags := &r.Head.Flags
	texts := [][]byte{cutText(k.Source, flags), cutText(k.Target, flags), cutText(k.FSType, flags), cutText(k.Data, flags)}
	r.SourceLen, r.TargetLen, r.FstypeLen, r.DataLen = length(texts[0]), length(texts[1]), length(texts[2]), length(texts[3])
	record(w, r, &r.Head, texts...)
	return nil
}

// creds takes a call of the setuid family: what it leaves behind is what the call does, unless the line says otherwise.
func (w *world) creds(op uint32, name string, k *credLine) error {
	after := k.ids
	k.ids = ids{}
	p, err := w.process(&k.who)
	if err != nil {
		return err
	}
	r := &bpf.Creds{Op: op, Ret: int32(k.Ret), Before: p.head.Cred, NgroupsBefore: k.GroupsBefore, Ngroups: cmp.Or(k.Groups, k.GroupsBefore)}
	if len(k.Args) > len(r.Arg) {
		return fmt.Errorf("%d args, at most %d", len(k.Args), len(r.Arg))
	}
	var args [3]int64
	if name == "capset" {
		c := p.head.Cred
		after.applyCaps(&c)
		args = [3]int64{int64(c.CapEffective), int64(c.CapPermitted), int64(c.CapInheritable)}
	}
	copy(args[:], k.Args)
	for i, a := range args {
		r.Arg[i] = uint64(a)
		if name != "capset" && a == keep {
			r.Arg[i] = noUser
		}
	}
	if k.Ret >= 0 {
		call(&p.head.Cred, name, args)
		after.apply(&p.head.Cred, r.Before, p.rootCaps())
	}
	r.Head = w.head(p, bpf.KindCreds, k.CPU)
	record(w, r, &r.Head)
	return nil
}

// namespaces takes setns and unshare.
func (w *world) namespaces(name string, k *nsLine) error {
	p, err := w.process(&k.who)
	if err != nil {
		return err
	}
	h := &p.head
	r := &bpf.NSOp{
		Op: nsOps[name], Ret: int32(k.Ret), Flags: uint64(k.Flags), Fd: k.FD, UsernsBefore: h.Cred.Userns, Before: h.Ns,
		ChildrenPidnsBefore: h.Ns.Pid, ChildrenPidns: h.Ns.Pid,
	}
	if k.Ret >= 0 {
		if err := w.move(p, name, k, r); err != nil {
			return err
		}
	}
	r.Head = w.head(p, bpf.KindNS, k.CPU)
	record(w, r, &r.Head)
	return nil
}

// namespaceFlags are the flags that stand for namespaces that a task moves into at once.
var namespaceFlags = []struct {
	flag uint64
	name string
}{
	{unix.CLONE_NEWNS, "mnt"},
	{unix.CLONE_NEWNET, "net"},
	{unix.CLONE_NEWIPC, "ipc"},
	{unix.CLONE_NEWUTS, "uts"},
	{unix.CLONE_NEWCGROUP, "cgroup"},
	{unix.CLONE_NEWUSER, "user"},
}

// move moves p to the namespaces that the flags name: new ones, or those of where the line says.
func (w *world) move(p *process, name string, k *nsLine, r *bpf.NSOp) error {
	to := func() (place, error) {
		switch {
		case name == "unshare":
			return place{number: w.newNS()}, nil
		case k.To == nil:
			return place{}, fmt.Errorf("setns needs to: host, a container, or the number of a namespace")
		}
		return *k.To, nil
	}
	for _, f := range namespaceFlags {
		if uint64(k.Flags)&f.flag == 0 {
			continue
		}
		where, err := to()
		if err == nil {
			err = w.put(p, f.name, where)
		}
		if err != nil {
			return err
		}
		if f.name == "user" && name == "unshare" {
			p.head.Cred.UsernsLevel++
			p.head.Cred.CapEffective, p.head.Cred.CapPermitted = allCaps, allCaps
		}
	}
	if uint64(k.Flags)&unix.CLONE_NEWPID != 0 {
		where, err := to()
		if err != nil {
			return err
		}
		child := *p
		if err := w.put(&child, "pid", where); err != nil {
			return err
		}
		r.ChildrenPidns = child.head.Ns.Pid
	}
	return nil
}

// ptrace takes that a process attached to another.
func (w *world) ptrace(k *ptraceLine) error {
	p, err := w.process(&k.who)
	if err != nil {
		return err
	}
	target, known := w.processes[k.Target]
	if !known {
		return fmt.Errorf("target: no line before told of process %d", k.Target)
	}
	t := &target.head
	r := &bpf.Ptrace{
		Head: w.head(p, bpf.KindPtrace, k.CPU), Request: cmp.Or(uint32(k.Request), unix.PTRACE_ATTACH), Ret: int64(k.Ret), TargetVpid: t.Vpid,
	}
	if k.Ret >= 0 {
		r.TargetStartNs, r.TargetCgroup, r.TargetPid, r.TargetPidns, r.TargetMntns = t.StartNs, t.Cgroup, t.Pid, t.Ns.Pid, t.Ns.Mnt
		r.TargetUid, r.TargetComm = t.Cred.Uid, t.Comm
	}
	record(w, r, &r.Head)
	return nil
}

// cgroup takes that a cgroup was made or removed, or a process moved.
func (w *world) cgroup(op uint32, k *cgroupLine) error {
	p, err := w.process(&k.who)
	if err != nil {
		return err
	}
	r := &bpf.Cgroup{Id: k.ID, ParentId: cmp.Or(k.ParentID, rootCgroup), Op: op}
	path := k.Path
	if k.Of != "" {
		c, err := w.containerNamed(k.Of)
		if err != nil {
			return err
		}
		r.Id, path = c.CgroupID, c.CgroupPath
	}
	if r.Id == 0 || path == "" {
		return fmt.Errorf("say of which container the cgroup is, or its id and path")
	}
	if op == cgroupOps["cgroup_attach"] {
		p.head.Cgroup = r.Id
	}
	r.Head = w.head(p, bpf.KindCgroup, k.CPU)
	text := cutText(path, &r.Head.Flags)
	r.PathLen = length(text)
	record(w, r, &r.Head, text)
	return nil
}
