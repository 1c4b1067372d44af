package kernel

// Fact is what a stream of records needs besides the records, to be read later or elsewhere: exactly one member is set.
type Fact struct {
	Start     *Start     `json:"start,omitempty"`
	Process   *Found     `json:"process,omitempty"`
	Container *Container `json:"container,omitempty"` // now known, or known better; before the first record that needs it
	Lost      *Lost      `json:"lost,omitempty"`
	Beat      *Beat      `json:"beat,omitempty"`
	Users     *Users     `json:"users,omitempty"`
}

// Start begins the stream of one sensor: everything behind it, up to the next Start, is its.
type Start struct {
	Node     string `json:"node"`
	BootID   string `json:"bootID"`
	Epoch    uint64 `json:"epoch"`    // a random number for each start of a sensor
	OffsetNs int64  `json:"offset"`   // wall clock UTC minus boot time, once for the whole stream
	BootNs   uint64 `json:"boot"`     // boot time of the sensor's start
	HostNS   Found  `json:"host"`     // namespaces of the node's first process, credentials aside
	Kernel   string `json:"kernel"`   // release
	Sensor   string `json:"sensor"`   // version of the program
	Hooks    []Hook `json:"hooks"`    // what is watched, and how
	LostSeen bool   `json:"lostSeen"` // Lost facts will tell of what was lost
}

// Hook is one thing that is watched.
type Hook struct {
	Name      string `json:"name"`      // execve, mount, fork ...
	Mechanism string `json:"mechanism"` // tp_btf, fexit, tracepoint; empty: it is not watched
	Missing   string `json:"missing,omitempty"`
}

// Found is a process that ran when the sensor started, as /proc tells of it.
type Found struct {
	Process
	ContainerID string   `json:"containerID,omitempty"`
	CgroupPath  string   `json:"path,omitempty"`    // from the root of its hierarchy
	Session     *Session `json:"session,omitempty"` // that a sensor before this one knew it to be of; nil: not known
}

// Lost tells how many records were lost since the Lost before; of scope_full, how many cgroups and mount namespaces of containers the
// kernel could not be told of, so that what happens there may be missing.
type Lost struct {
	BootNs uint64 `json:"boot"`
	CPU    int    `json:"cpu"`    // -1: not known
	Reason string `json:"reason"` // rare_full, bulk_full, marks_full, calls_full, cgroups_full, skipped, scope_full, containers_full
	N      uint64 `json:"n"`
}

// Beat says that the sensor was alive and had read everything up to then.
type Beat struct {
	BootNs uint64   `json:"boot"`
	WallNs int64    `json:"wall"` // UTC, by the node's own clock
	Seqs   []uint64 `json:"seqs"` // last sequence number read of each CPU
}

// Users are names of users and groups, of a container or, with an empty id, of the node.
type Users struct {
	ContainerID string            `json:"containerID,omitempty"`
	Users       map[uint32]string `json:"users,omitempty"`
	Groups      map[uint32]string `json:"groups,omitempty"`
}
