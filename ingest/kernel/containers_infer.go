package kernel

import "github.com/parallax-sec/parallax/bpf"

// Infer makes a container of what no path tells: the record says that a program was started in a pid namespace of its own which no
// container is known to have, by a parent outside of that namespace and in another cgroup, and the cgroup is not the node's own. That is
// how every runtime starts a container, and it is not how browsers and unshare(1) work, whose sandboxes stay in the cgroup of their
// parent. The identity is cgroup.Infer's. It returns the new container, whose fact belongs into the stream before the record; else nil.
// The cgroup must be known (Unknown, Found). Without a Parser nothing is inferred.
func (t *Containers) Infer(h *bpf.Head) *Container {
	if h.Kind != uint8(bpf.KindExec) || h.Cgroup == h.ParentCgroup || h.Ns.Pid == h.ParentPidns {
		return nil
	}
	return t.infer(h.Cgroup, h.Ns, h.PidnsLevel)
}

// InferFound is Infer for a process that ran when the sensor started, and its parent, nil where it has none that is known. Processes
// come in the order of the levels of their pid namespaces, so that an outer container is known before one inside.
func (t *Containers) InferFound(p, parent *Process) *Container {
	if p.VPID != 1 || parent != nil && (parent.Cgroup == p.Cgroup || parent.NS.Pid == p.NS.Pid) {
		return nil
	}
	return t.infer(p.Cgroup, p.NS, p.PIDNSLevel)
}

func (t *Containers) infer(id uint64, ns bpf.NS, pidnsLevel uint32) *Container {
	if t.parser == nil || pidnsLevel == 0 || ns.Pid == t.host.Pid {
		return nil
	}
	if k, _ := t.resolve(id, ns, t.nowNs); k != nil {
		return nil
	}
	path := t.cgroups[id].path
	who, ok := t.parser.Infer(path)
	if !ok {
		return nil
	}
	if at := t.folder(id, who.Path); at != 0 {
		return t.enter(at, who.Path, who)
	}
	return t.enter(id, path, who)
}

// folder is the cgroup that has a path: id, or one above; 0 where it is not known.
func (t *Containers) folder(id uint64, path string) uint64 {
	for range maxWalk {
		e, ok := t.cgroups[id]
		switch {
		case !ok:
			return 0
		case e.path == path:
			return id
		}
		id = e.parent
	}
	return 0
}
