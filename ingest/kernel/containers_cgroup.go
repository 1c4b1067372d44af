package kernel

import (
	"strings"

	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/ingest/kernel/cgroup"
)

// Cgroup takes a record of a cgroup that was made, removed or entered, with its path. With a Parser it returns the container that is
// new or known better by it, whose fact belongs into the stream before later records; else nil.
func (t *Containers) Cgroup(r *bpf.Cgroup, path []byte) *Container {
	t.tick(r.Head.TimeNs)
	switch {
	case r.Id == 0:
		return nil
	case r.Op == opCgroupRmdir:
		t.removed(r.Id)
		return nil
	case r.Op != opCgroupMkdir:
		return nil
	}
	if e, ok := t.cgroups[r.Id]; ok && e.gone {
		t.exhume(r.Id) // the kernel does not use ids again, a forged recording may
	}
	if k := t.ownerOf(r.ParentId); k != nil {
		t.own(k, r.Id)
		return nil
	}
	if k := t.forger(&r.Head, path); k != nil {
		t.own(k, r.Id)
		return nil
	}
	return t.place(r.Id, r.ParentId, string(path))
}

// forger is the container whose own program made a cgroup with a container's path: no identity is made inside a container, whatever part of
// the hierarchy is mounted there. Where the node is a container itself (a configured root), its runtime is such a program, too.
func (t *Containers) forger(h *bpf.Head, path []byte) *tracked {
	if t.parser == nil || t.parser.Nested() || h.Flags&inScope == 0 || h.Flags&bpf.FlagRuntime != 0 {
		return nil
	}
	if _, ok := t.parser.Parse(string(path)); !ok {
		return nil
	}
	k, _ := t.resolve(h.Cgroup, h.Ns, h.TimeNs)
	return k
}

// The operations of a bpf.Cgroup (enum cgroup_op).
const (
	opCgroupMkdir = 1
	opCgroupRmdir = 2
)

// Found takes a cgroup by a look into the file system: at the start, or because Unknown asked. An empty path says that it is not there any
// more. It returns the container that is new or known better by it, as Cgroup does. Cgroups come before those below them.
func (t *Containers) Found(id uint64, path string) *Container {
	if id == 0 || t.ownerOf(id) != nil {
		return nil
	}
	return t.place(id, 0, path)
}

// place puts a cgroup that has no owner yet where its path says.
func (t *Containers) place(id, parent uint64, path string) *Container {
	if t.parser != nil {
		if who, ok := t.parser.Parse(path); ok {
			return t.identified(id, path, who)
		}
		if k := t.above(path); k != nil {
			return t.join(k, id)
		}
	}
	t.note(id, parent, path)
	return nil
}

// above is the container that a path lies below, or whose own it is in the other hierarchy: of containers that only Infer could name.
func (t *Containers) above(path string) *tracked {
	for path != "" {
		if k := t.byPath[path]; k != nil && !k.c.Gone {
			return k
		}
		path = path[:max(0, strings.LastIndexByte(path, '/'))]
	}
	return nil
}

// identified takes a cgroup that is of a container, or below one, by its path.
func (t *Containers) identified(id uint64, path string, who cgroup.Identity) *Container {
	k := t.byPath[who.Path]
	if k == nil || k.c.Gone {
		return t.enter(id, path, who)
	}
	other := (k.c.CgroupID^id)&bpf.CgroupV1 != 0
	switch {
	case path != who.Path || other && k.c.CgroupID != 0:
		return t.join(k, id)
	case k.c.CgroupID == 0:
		k.c.CgroupID = id
		t.own(k, id)
		return k.c
	default:
		t.removed(k.c.CgroupID) // it was not seen, or it would not be there again
		return t.enter(id, path, who)
	}
}

// join gives a container one more cgroup that no record will tell of.
func (t *Containers) join(k *tracked, id uint64) *Container {
	if !t.own(k, id) {
		return nil
	}
	k.c.Cgroups = append(k.c.Cgroups, id)
	return k.c
}

// enter makes a new container of an identity that a cgroup's path gave.
func (t *Containers) enter(id uint64, path string, who cgroup.Identity) *Container {
	c := &Container{ID: who.ContainerID, PodUID: who.PodUID, Runtime: who.Runtime, CgroupPath: who.Path}
	if path == who.Path {
		c.CgroupID = id
	} else {
		c.Cgroups = []uint64{id} // its own is not known
	}
	if !t.track(c) {
		return nil
	}
	return c
}

// note remembers a cgroup that is no container's so far. The table is bounded: when it is full of them all are forgotten, to be asked for
// again.
func (t *Containers) note(id, parent uint64, path string) {
	if _, ok := t.cgroups[id]; ok {
		return
	}
	if t.plain >= maxPlain {
		for id, e := range t.cgroups {
			if e.owner == nil {
				delete(t.cgroups, id)
			}
		}
		t.plain = 0
	}
	if t.parser == nil {
		path = "" // only Infer reads it
	}
	t.plain++
	t.cgroups[id] = cgroupEntry{parent: parent, path: path}
}

// ownerOf is the container that a cgroup is of or lies below.
func (t *Containers) ownerOf(id uint64) *tracked {
	for range maxWalk {
		e, ok := t.cgroups[id]
		if !ok || e.owner != nil {
			return e.owner
		}
		id = e.parent
	}
	return nil
}

// maxWalk bounds the way up from a cgroup.
const maxWalk = 64
