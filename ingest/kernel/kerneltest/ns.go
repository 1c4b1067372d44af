package kerneltest

import (
	"fmt"

	"github.com/parallax-sec/parallax/bpf"
	"golang.org/x/sys/unix"
)

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
