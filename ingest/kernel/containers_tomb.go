package kernel

import "cmp"

// tomb is a cgroup that was removed and is to be forgotten.
type tomb struct {
	id   uint64
	atNs uint64 // boot time
}

// tick tells the time of a record, and forgets what was removed long before.
func (t *Containers) tick(nowNs uint64) {
	t.nowNs = max(t.nowNs, nowNs)
	n := 0
	for n < len(t.tombs) && t.tombs[n].atNs+tombstoneNs <= t.nowNs {
		t.open(t.tombs[n])
		n++
	}
	if t.tombs = t.tombs[n:]; len(t.tombs) == 0 {
		t.tombs = nil
	}
}

// removed takes the removal of a cgroup. That of a container's own is the container's end.
func (t *Containers) removed(id uint64) {
	e, ok := t.cgroups[id]
	switch {
	case !ok || e.gone:
	case e.owner != nil && e.owner.c.CgroupID == id:
		t.ended(e.owner)
	case e.owner != nil && len(e.owner.cgroups) > maxNested/2:
		t.disown(e.owner, id) // whoever makes and removes many may not fill the table with tombs
	default:
		t.bury(id)
	}
}

// ended takes the end of a container.
func (t *Containers) ended(k *tracked) {
	if t.stopped != nil && !k.told {
		k.told = true
		t.stopped(k.c)
	}
	k.c.Gone = true
	k.endNs = cmp.Or(k.endNs, t.nowNs, 1)
	t.bury(k.c.CgroupID)
}

// bury lets a cgroup be forgotten after a while.
func (t *Containers) bury(id uint64) {
	e, ok := t.cgroups[id]
	if !ok || e.gone {
		return
	}
	e.gone = true
	t.cgroups[id] = e
	if len(t.tombs) >= maxTombs {
		t.open(t.tombs[0])
		t.tombs = t.tombs[1:]
	}
	t.tombs = append(t.tombs, tomb{id, t.nowNs})
}

// open forgets the cgroup of a tomb, and the container whose own it was.
func (t *Containers) open(b tomb) {
	if e, ok := t.cgroups[b.id]; ok && e.gone {
		t.exhume(b.id)
	}
}

// exhume forgets a cgroup that was removed at once.
func (t *Containers) exhume(id uint64) {
	switch e := t.cgroups[id]; {
	case e.owner == nil:
		t.plain--
		delete(t.cgroups, id)
	case e.owner.c.CgroupID == id:
		t.forget(e.owner)
	default:
		t.disown(e.owner, id)
	}
}
