package kernel

import (
	"cmp"

	"github.com/parallax-sec/parallax/bpf"
)

// Of tells which container the task of a record is in, and by what: its cgroup, else its mount namespace, else its pid namespace. Nil is the
// node itself, or an ancestor's container, which the table of processes knows. The first program that a container runs tells the
// container's namespaces and start.
func (t *Containers) Of(h *bpf.Head) (*Container, Via) {
	t.nowNs = max(t.nowNs, h.TimeNs)
	if len(t.tombs) > 0 {
		t.tick(h.TimeNs)
	}
	k, via := t.resolve(h.Cgroup, h.Ns, h.TimeNs)
	if via != ViaCgroup {
		return k.container(), via
	}
	switch bpf.Kind(h.Kind) {
	case bpf.KindExec:
		if k.c.MntNS == 0 && h.Flags&bpf.FlagRuntime == 0 {
			t.begun(k, h.Ns, h.PidnsLevel, h.TimeNs)
		}
	case bpf.KindExit:
		if h.Vpid == 1 && h.Ns.Pid == k.c.PIDNS && k.endNs == 0 {
			k.endNs = h.TimeNs // the kernel kills the others of the pid namespace
		}
	}
	return k.c, via
}

// OfFound is Of for a process that ran when the sensor started.
func (t *Containers) OfFound(p *Process) (*Container, Via) {
	k, via := t.resolve(p.Cgroup, p.NS, t.nowNs)
	if via == ViaCgroup && k.c.MntNS == 0 {
		t.begun(k, p.NS, p.PIDNSLevel, p.StartNs)
	}
	return k.container(), via
}

func (t *Containers) resolve(cgroup uint64, ns bpf.NS, nowNs uint64) (*tracked, Via) {
	if k := t.ownerOf(cgroup); k != nil {
		return k, ViaCgroup
	}
	if k := t.byMntNS[ns.Mnt]; k != nil && k.runs(nowNs) {
		return k, ViaMntNS
	}
	if k := t.byPIDNS[ns.Pid]; k != nil && k.runs(nowNs) {
		return k, ViaPIDNS
	}
	return nil, ""
}

// runs says whether the namespaces were the container's at a boot time.
func (k *tracked) runs(bootNs uint64) bool { return k.endNs == 0 || bootNs <= k.endNs }

// begun remembers the namespaces of a container's first program. One that it shares with the node is not its own.
func (t *Containers) begun(k *tracked, ns bpf.NS, pidnsLevel uint32, bootNs uint64) {
	if ns.Mnt == 0 || ns.Mnt == t.host.Mnt {
		return // the runtime's, not yet the container's
	}
	k.c.MntNS = ns.Mnt
	if pidnsLevel > 0 {
		k.c.PIDNS = ns.Pid
	}
	k.c.StartNs = cmp.Or(k.c.StartNs, bootNs)
	t.learn(k, k.c.MntNS, k.c.PIDNS)
}

// Unknown says whether the table has never heard of the cgroup of a record, and which it is: the live source looks its path up (Found)
// before it asks Of.
func (t *Containers) Unknown(h *bpf.Head) (cgroup uint64, unknown bool) {
	if h.Cgroup == 0 {
		return 0, false
	}
	if _, ok := t.cgroups[h.Cgroup]; ok {
		return 0, false
	}
	if k, _ := t.resolve(0, h.Ns, h.TimeNs); k != nil && len(k.cgroups) >= maxNested {
		return 0, false // it would not be taken
	}
	return h.Cgroup, true
}
