package kernel

import (
	"cmp"
	"maps"
	"slices"
)

// track makes c a container of the table and gives whether there was room.
func (t *Containers) track(c *Container) bool {
	if len(t.all) >= maxContainers && !t.dropOldestGone() {
		t.refused++
		t.unknown++
		return false
	}
	t.serial++
	k := &tracked{c: c, serial: t.serial}
	t.all[k] = struct{}{}
	t.index(k)
	return true
}

// index makes k findable by what its container says.
func (t *Containers) index(k *tracked) {
	c := k.c
	t.weigh(k)
	t.byID[c.ID] = k
	if c.CgroupPath != "" {
		t.byPath[c.CgroupPath] = k
	}
	if c.CgroupID != 0 {
		t.own(k, c.CgroupID)
	}
	for _, id := range c.Cgroups {
		t.own(k, id)
	}
	t.learn(k, c.MntNS, c.PIDNS)
	if c.Gone {
		t.ended(k)
	}
}

// weigh counts what the texts of a container take. Where there is no room it goes without labels.
func (t *Containers) weigh(k *tracked) {
	t.bytes -= k.bytes
	k.bytes = k.c.textBytes()
	if t.bytes+k.bytes > maxLabelBytes && len(k.c.Labels) > 0 {
		t.refused++
		k.c.Labels = nil
		k.bytes = k.c.textBytes()
	}
	t.bytes += k.bytes
}

// labelBytes is what a label takes beside its texts, in the memory of a 64-bit processor.
const labelBytes = 64

func (c *Container) textBytes() int {
	n := len(c.ID) + len(c.PodUID) + len(c.Runtime) + len(c.CgroupPath) + len(c.Name) + len(c.Image) + len(c.ImageID) + len(c.Pod) +
		len(c.Namespace) + len(c.SandboxID)
	for k, v := range c.Labels {
		n += labelBytes + len(k) + len(v)
	}
	return n
}

// own makes a cgroup k's. The first owner keeps it.
func (t *Containers) own(k *tracked, id uint64) bool {
	e, known := t.cgroups[id]
	switch {
	case e.owner != nil:
		return e.owner == k
	case len(k.cgroups) >= maxNested, id != k.c.CgroupID && len(t.cgroups)-t.plain >= maxOwned:
		t.refused++
		return false
	case known:
		t.plain--
	}
	e.owner, e.path = k, ""
	t.cgroups[id] = e
	k.cgroups = append(k.cgroups, id)
	return true
}

// learn makes k findable by its namespaces. A mount namespace is its alone; of those that share a pid namespace the first one keeps it
// until its end.
func (t *Containers) learn(k *tracked, mnt, pid uint32) {
	if old := t.byMntNS[mnt]; mnt != 0 && mnt != t.host.Mnt && (old == nil || old.endNs != 0) {
		t.byMntNS[mnt] = k
	}
	if old := t.byPIDNS[pid]; pid != 0 && pid != t.host.Pid && (old == nil || old.endNs != 0) {
		t.byPIDNS[pid] = k
	}
}

// forget removes a container and all that led to it.
func (t *Containers) forget(k *tracked) {
	for _, id := range k.cgroups {
		if t.cgroups[id].owner == k {
			delete(t.cgroups, id)
		}
	}
	t.unname(k)
	delete(t.all, k)
	t.bytes -= k.bytes
	if t.forgotten != nil && k.c.ID != "" && t.byID[k.c.ID] == nil {
		t.forgotten(k.c.ID)
	}
}

// unname removes what index found k by.
func (t *Containers) unname(k *tracked) {
	if t.byID[k.c.ID] == k {
		delete(t.byID, k.c.ID)
	}
	if t.byPath[k.c.CgroupPath] == k {
		delete(t.byPath, k.c.CgroupPath)
	}
	if t.byMntNS[k.c.MntNS] == k {
		delete(t.byMntNS, k.c.MntNS)
	}
	if t.byPIDNS[k.c.PIDNS] == k {
		delete(t.byPIDNS, k.c.PIDNS)
	}
}

// disown removes one cgroup of a container.
func (t *Containers) disown(k *tracked, id uint64) {
	if i := slices.Index(k.cgroups, id); i >= 0 {
		k.cgroups = slices.Delete(k.cgroups, i, i+1)
	}
	delete(t.cgroups, id)
	if len(k.cgroups) == 0 && k.c.CgroupID == 0 {
		t.forget(k) // its own cgroup was never seen, and nothing is left of those below
	}
}

// dropOldestGone makes room for a container.
func (t *Containers) dropOldestGone() bool {
	for _, k := range t.sorted() {
		if k.c.Gone {
			t.forget(k)
			return true
		}
	}
	return false
}

func (t *Containers) sorted() []*tracked {
	return slices.SortedFunc(maps.Keys(t.all), func(a, b *tracked) int { return cmp.Compare(a.serial, b.serial) })
}
