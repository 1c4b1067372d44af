package kerneltest

import (
	"cmp"
	"fmt"

	"github.com/parallax-sec/parallax/bpf"
)

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
