package kernel

import (
	"hash/maphash"

	"github.com/parallax-sec/parallax/bpf"
)

// TableConfig bounds a Table. A zero member takes its default.
type TableConfig struct {
	// MaxProcesses bounds the processes of the node, those that ended lately among them, and MaxPerContainer those of each container.
	// Where there is no room, the container that holds most gives up one, never the one seen longest ago on the node.
	MaxProcesses, MaxPerContainer int
	// MaxTextBytes bounds what paths and arguments take, in the same way.
	MaxTextBytes int
	// MaxAdrift bounds the processes of which no more is kept than their session, since they had to be given up.
	MaxAdrift int
	// KeepNs is how long, in time of records, a process can be found after its end.
	KeepNs uint64
}

// DefaultTableConfig returns the bounds of a node's sensor: at most about 12 MB, and 2 MB with 3,000 processes in 100 containers.
func DefaultTableConfig() TableConfig {
	return TableConfig{MaxProcesses: 16384, MaxPerContainer: 8192, MaxTextBytes: 4 << 20, MaxAdrift: 16384, KeepNs: 60e9}
}

func (c TableConfig) withDefaults() TableConfig {
	d := DefaultTableConfig()
	or := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	or(&c.MaxProcesses, d.MaxProcesses)
	or(&c.MaxPerContainer, d.MaxPerContainer)
	or(&c.MaxTextBytes, d.MaxTextBytes)
	or(&c.MaxAdrift, d.MaxAdrift)
	if c.KeepNs == 0 {
		c.KeepNs = d.KeepNs
	}
	return c
}

// TableStats counts what a Table holds and what it had to give up.
type TableStats struct {
	Running, Ended int // processes
	Containers     int // that have processes, the node itself among them
	TextBytes      int
	Adrift         int // processes of which only the session is kept
	// Evicted counts the processes given up for lack of room, those that ended lately among them, and EvictedRunning those that ran.
	// SessionsLost counts those of them whose session is forgotten as well, and processes whose session of before a restart found no room.
	Evicted, EvictedRunning, SessionsLost uint64
}

// Table knows the processes of a node: who descends from whom, what each runs, and the session that each belongs to. What it holds
// depends on the records and facts given to it and on nothing else. One goroutine at a time uses it.
type Table struct {
	cfg    TableConfig
	byPID  map[uint32]*entry // the youngest with that number; older ones hang on it
	adrift map[uint32]adrift
	groups map[*Container]*group // nil is the node itself
	heap   groupHeap             // the same, the one that holds most on top
	ended  queue                 // processes that ended, the first in front
	// restored are the sessions that a sensor before this one knew, by their leaders as it knew them.
	restored      map[Key]*Session
	restoredBytes int
	texts         *internedTexts
	blank         *Program // of processes of which no exec was seen

	nowNs      uint64 // the youngest time of any record
	serial     uint64 // of groups
	marksLost  bool
	stats      TableStats
	pathBuffer []byte
}

// entry is a process in the table.
type entry struct {
	Process
	older     *entry // that had the same number before
	group     *group
	links     [queues]link
	kids      int32 // processes in the table whose parent it was when they came in; near enough for the choice of whom to give up
	credKnown bool
	found     bool   // it ran before the sensor did
	told      bool   // a record told of its end, of which the next process with its number tells too
	stray     bool   // it, or who made it, was taken for an entry when it was in no container
	seenNs    uint64 // time of the youngest record that told of it
}

// NewTable returns an empty table.
func NewTable(cfg TableConfig) *Table {
	return &Table{
		cfg: cfg.withDefaults(), byPID: map[uint32]*entry{}, adrift: map[uint32]adrift{}, groups: map[*Container]*group{},
		restored: map[Key]*Session{}, texts: &internedTexts{seed: maphash.MakeSeed()}, blank: &Program{refs: 1},
	}
}

// Stats counts what the table holds.
func (t *Table) Stats() TableStats {
	s := t.stats
	s.Containers, s.Adrift = len(t.groups), len(t.adrift)
	return s
}

// MarksLost tells the table that the kernel had no room to mark a process (a loss of reason marks_full). From then on the kernel cannot
// tell which program is the first in a container, and the table judges by the process tree.
func (t *Table) MarksLost() { t.marksLost = true }

// Find returns the process with a key, which may have ended; nil where it is not known.
func (t *Table) Find(k Key) *Process { return t.find(k).process() }

// At returns the process that had a number at a boot time; nil where none is known.
func (t *Table) At(pid uint32, bootNs uint64) *Process { return t.at(pid, bootNs).process() }

// Parent returns p's parent, which may have ended; nil where it is not known.
func (t *Table) Parent(p *Process) *Process {
	if p.Parent.PID == 0 {
		return nil
	}
	return t.Find(p.Parent)
}

// Ancestors calls yield for p's parent, its parent and so on, until one is not known, yield returns false, or max were given.
func (t *Table) Ancestors(p *Process, max int, yield func(*Process) bool) {
	for range max {
		if p = t.Parent(p); p == nil || !yield(p) {
			return
		}
	}
}

func (e *entry) process() *Process {
	if e == nil {
		return nil
	}
	return &e.Process
}

func (t *Table) find(k Key) *entry {
	for e := t.byPID[k.PID]; e != nil; e = e.older {
		if e.Same(k) {
			return e
		}
	}
	return nil
}

func (t *Table) at(pid uint32, bootNs uint64) *entry {
	e := t.byPID[pid]
	for e != nil && e.StartNs > bootNs {
		e = e.older
	}
	return e
}

// keyOf and parentOf are the processes that a head tells of.
func keyOf(h *bpf.Head) Key    { return Key{PID: h.Pid, StartNs: h.StartNs} }
func parentOf(h *bpf.Head) Key { return Key{PID: h.Ppid, StartNs: h.ParentStartNs} }
