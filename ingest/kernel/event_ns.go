package kernel

import (
	"cmp"

	"github.com/parallax-sec/parallax/bpf"
)

// What a namespace or process belongs to, as seen from the event's process.
const (
	targetHost      = "host"
	targetContainer = "container"
	targetOther     = "other"
	targetSame      = "same"
)

// nsTarget says whose namespaces setns entered: host where one of them is the node's own, container where they are those of the container
// that the process is in by now, same where the process was in all of them before, other else. It is "" where the call failed, or is no setns.
func (e *Event) nsTarget() string {
	if e.ns == nil || e.ns.Op != opSetns || e.ns.Ret < 0 {
		return ""
	}
	entered := e.entered()
	host := &e.stream.start.HostNS.NS
	switch {
	case entered == bpf.NS{} && e.ns.Flags != 0 && e.ns.Flags&^nsFlags == 0:
		return targetSame
	case sameAny(entered, *host):
		return targetHost
	case e.container != nil && sameAny(entered, bpf.NS{Mnt: e.container.MntNS, Pid: e.container.PIDNS}):
		return targetContainer
	}
	return targetOther
}

const opSetns, opUnshare = 1, 2 // enum ns_op

// nsFlags are the CLONE_NEW* of the namespaces in a bpf.NS: mnt, cgroup, uts, ipc, pid and net.
const nsFlags = 0x20000 | 0x2000000 | 0x4000000 | 0x8000000 | 0x20000000 | 0x40000000

// entered are the namespaces that setns led to and that were other ones before. What was not entered is 0.
func (e *Event) entered() bpf.NS {
	after := e.head.Ns
	after.Pid = e.ns.ChildrenPidns // setns changes the pid namespace of children only
	before := e.ns.Before
	before.Pid = e.ns.ChildrenPidnsBefore
	return changed(after, before)
}

func changed(after, before bpf.NS) (out bpf.NS) {
	set := func(to *uint32, a, b uint32) {
		if a != b {
			*to = a
		}
	}
	set(&out.Mnt, after.Mnt, before.Mnt)
	set(&out.Pid, after.Pid, before.Pid)
	set(&out.Net, after.Net, before.Net)
	set(&out.Ipc, after.Ipc, before.Ipc)
	set(&out.Uts, after.Uts, before.Uts)
	set(&out.Cgroup, after.Cgroup, before.Cgroup)
	return out
}

// sameAny says whether one of the namespaces of a, where it is set, is that of b.
func sameAny(a, b bpf.NS) bool {
	same := func(x, y uint32) bool { return x != 0 && x == y }
	return same(a.Mnt, b.Mnt) || same(a.Pid, b.Pid) || same(a.Net, b.Net) || same(a.Ipc, b.Ipc) || same(a.Uts, b.Uts) || same(a.Cgroup, b.Cgroup)
}

// ptraceTarget says whose process was to be traced: one of the node, of another container, or of the same container (or both of the node).
// It is "" where the call failed, since the kernel then tells of no process, or is no ptrace.
func (e *Event) ptraceTarget() string {
	if e.ptrace == nil || e.ptrace.Ret < 0 || e.ptrace.TargetPid == 0 {
		return ""
	}
	target := e.traced()
	switch {
	case target == e.container || target != nil && e.container != nil && target.ID == e.container.ID:
		return targetSame
	case target == nil:
		return targetHost
	}
	return "container"
}

// traced is the container of the process that was to be traced; nil where it is of the node.
func (e *Event) traced() *Container {
	t, r := e.stream.containers, e.ptrace
	return cmp.Or(t.ByCgroup(r.TargetCgroup), t.ByMntNS(r.TargetMntns), t.ByPIDNS(r.TargetPidns))
}
