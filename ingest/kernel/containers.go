package kernel

import (
	"cmp"
	"iter"

	"github.com/parallax-sec/parallax/bpf"
	"github.com/parallax-sec/parallax/ingest/kernel/cgroup"
)

// ContainersConfig says how a table of containers works. The zero value is a decoder's: its containers come as facts.
type ContainersConfig struct {
	// Parser tells containers by the paths of their cgroups, as the live source does. Nil: by Add only.
	Parser *cgroup.Parser
}

// Bounds of the table.
const (
	maxContainers = 8192    // with tombstones; a node's kubelet starts some hundred pods at most
	maxNested     = 1024    // cgroups of one container; what is above is found by its namespaces
	maxOwned      = 1 << 16 // cgroups of all containers, beside each one's own
	maxPlain      = 1 << 14 // cgroups of the node itself
	// maxLabelBytes bounds the texts of all containers, beyond which labels are left out. What is left takes at most 8 KB a container.
	maxLabelBytes = 16 << 20
	// tombstoneNs is how long a cgroup that was removed is still found, for records that come late. Boot time.
	tombstoneNs = 60e9
	maxTombs    = 1 << 16
)

// Containers is the table of the containers of one stream: which container a record is of. It is a pure function of what it is told,
// in its order; the time it knows is that of the records. One goroutine at a time uses it.
//
// Containers enter the table as facts (Add), or with a Parser by their cgroups (Cgroup, Found, Infer). A cgroup below a container's
// is that container's, however it is named, and never another's.
type Containers struct {
	parser *cgroup.Parser
	host   bpf.NS // of the node; 0 where they are not known

	cgroups map[uint64]cgroupEntry
	byID    map[string]*tracked // the newest of that id
	byPath  map[string]*tracked // the newest of that CgroupPath
	byMntNS map[uint32]*tracked
	byPIDNS map[uint32]*tracked
	all     map[*tracked]struct{}
	plain   int // entries without an owner

	tombs   []tomb // in the order of their time
	nowNs   uint64 // boot time of the newest record that was seen
	serial  uint64
	bytes   int // of the texts of all containers
	refused uint64
	unknown uint64 // those of refused that are containers
	// forgotten is called with the id of a container that is not in the table any more; nil: nobody wants to know.
	forgotten func(id string)
	// stopped is called with a container that has ended; nil: nobody wants to know.
	stopped func(*Container)
}

// tracked is a container in the table.
type tracked struct {
	c       *Container
	serial  uint64   // order of entering the table
	cgroups []uint64 // keys of Containers.cgroups that it owns; at most maxNested
	// endNs is the boot time at which its init process ended, or its cgroup was removed; 0: it runs. From then on the kernel may give
	// the numbers of its namespaces to others.
	endNs uint64
	bytes int  // of its texts
	told  bool // its end
}

// cgroupEntry is a cgroup that is known.
type cgroupEntry struct {
	owner  *tracked // nil: none was known when the cgroup was made; one above may have become a container's since
	parent uint64   // 0: not known
	path   string   // of cgroups without an owner
	gone   bool     // a tomb will remove it
}

// NewContainers returns an empty table.
func NewContainers(cfg ContainersConfig) *Containers {
	return &Containers{
		parser:  cfg.Parser,
		cgroups: map[uint64]cgroupEntry{},
		byID:    map[string]*tracked{},
		byPath:  map[string]*tracked{},
		byMntNS: map[uint32]*tracked{},
		byPIDNS: map[uint32]*tracked{},
		all:     map[*tracked]struct{}{},
	}
}

// Host tells the node's own namespaces: a container that shares one is not found by it.
func (t *Containers) Host(ns bpf.NS) { t.host = ns }

// Refused is how many containers, cgroups of containers, and labels of a container were not taken because the table was full.
func (t *Containers) Refused() uint64 { return t.refused }

// RefusedContainers is how many of these were containers, each as often as something told of it.
func (t *Containers) RefusedContainers() uint64 { return t.unknown }

// Len is how many containers are in the table, those that are gone included.
func (t *Containers) Len() int { return len(t.all) }

// All yields the containers that are not gone, in the order in which they entered the table.
func (t *Containers) All() iter.Seq[*Container] {
	return func(yield func(*Container) bool) {
		for _, k := range t.sorted() {
			if !k.c.Gone && !yield(k.c) {
				return
			}
		}
	}
}

// ByID is the container of an id, the newest where several have had it; nil where there is none.
func (t *Containers) ByID(id string) *Container { return t.byID[id].container() }

// ByCgroup is the container that a cgroup is of or lies below; nil where there is none.
func (t *Containers) ByCgroup(id uint64) *Container { return t.ownerOf(id).container() }

// ByMntNS is the container of a mount namespace; nil where there is none.
func (t *Containers) ByMntNS(inum uint32) *Container { return t.byMntNS[inum].container() }

// ByPIDNS is the container of a pid namespace: where several share one, the first of them. Nil where there is none.
func (t *Containers) ByPIDNS(inum uint32) *Container { return t.byPIDNS[inum].container() }

func (k *tracked) container() *Container {
	if k == nil {
		return nil
	}
	return k.c
}

// Add takes a container as a fact tells of it, and owns c from then on. It is known better where the table has a container of the same
// cgroup, or where c names no cgroup of the same id: what was learned of its namespaces and its start is kept.
func (t *Containers) Add(c *Container) {
	k := t.same(c)
	if k == nil {
		t.track(c)
		return
	}
	t.unname(k)
	if k.c != c {
		learned := *k.c
		*k.c = *c // in place: processes point to it
		k.c.MntNS = cmp.Or(c.MntNS, learned.MntNS)
		k.c.PIDNS = cmp.Or(c.PIDNS, learned.PIDNS)
		k.c.StartNs = cmp.Or(c.StartNs, learned.StartNs)
		k.c.Gone = c.Gone || learned.Gone
	}
	t.index(k)
}

// same is the entry that a fact is about; nil where it is a new one.
func (t *Containers) same(c *Container) *tracked {
	k := t.byID[c.ID]
	if c.CgroupID == 0 {
		return k
	}
	if o := t.cgroups[c.CgroupID].owner; o != nil && (o.c.CgroupID == c.CgroupID || o.c.ID == c.ID) {
		return o
	}
	if k != nil && k.c.CgroupID == 0 && !k.c.Gone {
		return k
	}
	return nil
}
