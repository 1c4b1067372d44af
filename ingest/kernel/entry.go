package kernel

import (
	"strings"

	"github.com/parallax-sec/parallax/bpf"
)

// isEntry says whether the exec that h tells of brought its process into a container: the kernel says so, since it marks who descends
// from an entry; a process that has a session keeps it. The kernel cannot tell where it had no room for a mark, and where it took a process
// of the node for one that entered, whose descendants may do so yet (see stray): then a parent outside tells.
func (t *Table) isEntry(e *entry, h *bpf.Head) bool {
	switch {
	case h.Flags&inScope == 0:
		return false
	case e.Session.known():
		return e.Session.strays(e)
	case !e.inside():
		e.stray = e.stray || h.Flags&bpf.FlagEntry != 0
		return false
	case h.Flags&bpf.FlagEntry != 0:
		return true
	}
	return (e.stray || t.marksLost && !e.found) && t.parentOutside(h)
}

// inside says whether a process is in a container, or in a pid namespace as containers have. One in scope that is not has the number that a
// mount namespace of a container had, which the kernel has given to another one.
func (e *entry) inside() bool { return e.Container != nil || e.PIDNSLevel > 0 }

// strays says whether a process whose session began in no container, with nothing but a pid namespace of its own, is now in one. Where
// its mount namespace is the one it had then, it was in that container all along, which is only known by now.
func (s *Session) strays(e *entry) bool {
	if s.ContainerID != "" || e.Container == nil {
		return false
	}
	if s.mntNS == 0 || s.mntNS == e.NS.Mnt {
		s.ContainerID = e.Container.ID
		return false
	}
	return true
}

func (t *Table) parentOutside(h *bpf.Head) bool {
	if p := t.find(parentOf(h)); p != nil && p.Session != nil {
		return false
	}
	return h.ParentCgroup != h.Cgroup || h.ParentMntns != h.Ns.Mnt || h.ParentPidns != h.Ns.Pid
}

// enter begins a session with the process that an exec brought into its container. was is the name that it had before.
func (t *Table) enter(e *entry, h *bpf.Head, via Via, was string) {
	s := &Session{
		Leader: e.Key, Entry: t.entryOf(e, h, via, was), StartNs: h.TimeNs,
		ByName: t.texts.of(comm(&h.ParentComm)), ByPID: h.Ppid, mntNS: h.Ns.Mnt,
	}
	if s.Entry == EntryStart && h.Vpid == 1 {
		e.group.begin(e)
	}
	e.group.started, e.stray = true, false
	t.lead(e, s)
}

// entryOf tells the way in from what a process inside cannot forge: an entry's parent is outside, and cgroup, namespaces and parent are
// the kernel's own account.
//
// A runtime moves what it starts into the container's cgroup before the exec (runc: cgroup_attach_task of runc:[0:PARENT] or
// runc:[2:INIT]; crun the same), nsenter does not. The first process of a pid namespace of the container's own is the entry point. Where
// the container shares the pid namespace of its pod or its node (shareProcessNamespace, hostPID), numbers and parents tell nothing and
// the first program started in its cgroup is the entry point. All else in the cgroup came later: through the runtime or by a process that
// moved itself there.
func (t *Table) entryOf(e *entry, h *bpf.Head, via Via, was string) Entry {
	g := e.group
	switch {
	case e.Container != nil && via != ViaCgroup:
		return EntryNsenter
	case h.Vpid == 1 && h.Ns.Pid != h.ParentPidns && !t.hasOtherFirst(g, e):
		return EntryStart
	case e.Container != nil && !g.started && g.first.PID == 0 && t.sharesPIDNS(g, h):
		return EntryStart
	case throughRuntime(h, was):
		return EntryExec
	}
	return EntryNsenter
}

// throughRuntime says whether a runtime brought a process into its container's cgroup: the process was the runtime's before the exec (runc:[2:INIT]),
// or its parent is the runtime or the shim, which is a subreaper. A runtime that ended without a shim leaves its process to the node's
// first; who came by nsenter was seen to, and has another name.
func throughRuntime(h *bpf.Head, was string) bool {
	parent := string(comm(&h.ParentComm))
	return h.Flags&bpf.FlagSubreaperParent != 0 || isRuntime(parent) || isRuntime(was) || was == "" && h.Ppid == 1
}

// begin notes the process that leads the container's own pid namespace.
func (g *group) begin(e *entry) {
	if e.Container != nil {
		g.first, g.firstPIDNS = e.Key, e.NS.Pid
	}
}

// hasOtherFirst says whether another process than e leads the container's pid namespace and still runs.
func (t *Table) hasOtherFirst(g *group, e *entry) bool {
	if g.first.PID == 0 || g.first.Same(e.Key) {
		return false
	}
	first := t.find(g.first)
	return first != nil && first.ExitNs == 0
}

// sharesPIDNS says whether the pid namespace that a process of g lives in is the node's or that of another container.
func (t *Table) sharesPIDNS(g *group, h *bpf.Head) bool {
	if h.PidnsLevel == 0 {
		return true
	}
	for _, o := range t.groups {
		if o != g && o.firstPIDNS == h.Ns.Pid {
			return true
		}
	}
	return false
}

// isRuntime says whether a process of the node is a low-level runtime or the monitor that a runtime leaves beside a container, by its
// name: containerd-shim-runc-v2 (15 bytes of it), conmon, runc, crun, youki, with what distributions put before or behind. The name of
// a process outside is not for those inside to choose.
func isRuntime(name string) bool {
	if strings.HasPrefix(name, "containerd-shim") || strings.HasPrefix(name, "conmon") {
		return true
	}
	for word := range strings.FieldsFuncSeq(name, func(r rune) bool { return r < '0' || r > '9' && r < 'a' }) {
		switch word {
		case "runc", "crun", "youki":
			return true
		}
	}
	return false
}
