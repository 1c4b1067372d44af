package procscan

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strconv"

	"github.com/parallax-sec/parallax/ingest/kernel"
)

// Config says what to read.
type Config struct {
	Proc string // where proc is mounted, of the node's own pid namespace; empty: /proc
	// Cgroup is where version 2 of the cgroups is mounted, and Memory the memory hierarchy of version 1; empty: it is not there.
	Cgroup, Memory string
	// CgroupRoot is the root of the reader's cgroup namespace, from the root of version 2, which paths in Proc are relative to; empty:
	// it is not known, and paths that lead out of it are of no use.
	CgroupRoot string
	Host       bool // also processes that have nothing to do with a container
	// IsContainer says whether a cgroup, by its path from the root of its hierarchy, is a container's or lies below one.
	IsContainer func(path string) bool
}

func (c Config) withDefaults() Config {
	c.Proc = cmp.Or(c.Proc, "/proc")
	if c.IsContainer == nil {
		c.IsContainer = func(string) bool { return false }
	}
	return c
}

// Scan reads the processes that run: without Host those in containers (by their cgroup, their pid namespace or a mount namespace that a
// container has) and their ancestors. The order is that of their starts.
func Scan(cfg Config) ([]kernel.Found, error) {
	s := newScanner(cfg)
	defer s.close()
	dir, err := os.Open(s.cfg.Proc)
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	var found []process
	for _, name := range names {
		if pid, err := strconv.ParseUint(name, 10, 32); err == nil {
			if p, ok := s.read(uint32(pid)); ok {
				found = append(found, p)
			}
		}
	}
	slices.SortFunc(found, func(a, b process) int { return cmp.Or(cmp.Compare(a.StartNs, b.StartNs), cmp.Compare(a.PID, b.PID)) })
	link(found)
	if !s.cfg.Host {
		found = s.ofContainers(found)
	}
	out := make([]kernel.Found, len(found))
	for i := range found {
		out[i] = found[i].Found
	}
	return out, nil
}

// Host reads the process whose namespaces are the node's: the first, or where its namespaces may not be looked at, the kernel's own
// second.
func Host(cfg Config) (kernel.Found, error) {
	s := newScanner(cfg)
	defer s.close()
	for _, pid := range []uint32{1, 2} {
		if p, ok := s.read(pid); ok && p.NS.Mnt != 0 && p.NS.Pid != 0 {
			return p.Found, nil
		}
	}
	return kernel.Found{}, fmt.Errorf("read namespaces of the node: those of processes 1 and 2 cannot be read")
}

// process is one process with what is needed until all are read.
type process struct {
	kernel.Found
	inContainer bool
}

// link tells each process its parent's start, and the number that the parent has in the process's pid namespace.
func link(found []process) {
	byPID := make(map[uint32]*process, len(found))
	for i := range found {
		byPID[found[i].PID] = &found[i]
	}
	for i := range found {
		p := &found[i]
		parent := byPID[p.Parent.PID]
		if parent == nil {
			continue
		}
		p.Parent.StartNs = parent.StartNs
		if parent.NS.Pid == p.NS.Pid {
			p.VPPID = parent.VPID
		}
	}
}

// ofContainers leaves those in containers and their ancestors.
func (s *scanner) ofContainers(found []process) []process {
	mounts := s.containerMounts(found)
	wanted := map[uint32]bool{}
	byPID := make(map[uint32]*process, len(found))
	for i := range found {
		byPID[found[i].PID] = &found[i]
	}
	for i := range found {
		p := &found[i]
		if !p.inContainer && !mounts[p.NS.Mnt] {
			continue
		}
		for p != nil && !wanted[p.PID] {
			wanted[p.PID] = true
			p = byPID[p.Parent.PID]
		}
	}
	return slices.DeleteFunc(found, func(p process) bool { return !wanted[p.PID] })
}

// containerMounts are the mount namespaces that containers have and the node has not.
func (s *scanner) containerMounts(found []process) map[uint32]bool {
	mounts := map[uint32]bool{}
	for i := range found {
		if found[i].inContainer && found[i].NS.Mnt != 0 {
			mounts[found[i].NS.Mnt] = true
		}
	}
	for _, pid := range []string{"1", "2", "self"} {
		if mnt, ok := s.namespace(pid, "mnt"); ok {
			delete(mounts, mnt)
		}
	}
	return mounts
}
