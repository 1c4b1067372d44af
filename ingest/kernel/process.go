package kernel

import "github.com/parallax-sec/parallax/bpf"

// Key identifies a process on its node until the node starts anew: process ids are used again, starts are not.
type Key struct {
	PID     uint32 `json:"pid"`
	StartNs uint64 `json:"start"` // boot time
}

// Process is what is known of a process. The table owns it; who keeps one beyond an event copies it.
type Process struct {
	Key
	Parent   Key // the real parent when it was last seen: a process whose parent ends gets another
	VPID     uint32
	VPPID    uint32
	SID      uint32 // session id of the terminal kind (setsid), not Session
	PGID     uint32
	VSID     uint32
	VPGID    uint32
	TTY      uint32 // major << 20 | minor; 0: none
	LoginUID uint32 // 0xffffffff: nobody logged in

	Name    string   // comm
	ExePath string   // path of the executable as the container sees it; empty where it is not known
	Args    []string // argv, Args[0] being what Falco calls proc.exe; the last may be cut
	ArgsCut bool
	Cwd     string

	ExecNs     uint64 // boot time of the last exec; 0: none was seen, it runs what its parent ran
	ExeOrigin  uint32 // enum exe_origin of the record
	ExeDeleted bool
	ExeIno     uint64
	ExeDev     uint32
	ExeCtimeNs uint64 // wall clock
	ExeMtimeNs uint64
	ExeMode    uint32

	Cred       bpf.Cred
	NS         bpf.NS
	PIDNSLevel uint32
	Cgroup     uint64
	NoNewPrivs bool
	Runtime    bool // a container runtime or nsenter at work inside, before its first exec there

	Container *Container // nil: of the node itself
	Session   *Session   // nil: not in a container
}

// Entry is how a session came into its container.
type Entry string

// The ways into a container.
const (
	EntryStart   Entry = "start"   // the container's own entry point
	EntryExec    Entry = "exec"    // through the runtime: kubectl exec, a probe, crictl exec
	EntryNsenter Entry = "nsenter" // setns by a process of the node, with no runtime between
	EntryUnseen  Entry = "unseen"  // it ran before the sensor did, and its origin is not known
)

// Session is the processes that descend from one entry into a container; its leader is the first that ran a program there.
// Processes inherit it at fork and never lose it.
type Session struct {
	Leader  Key
	Entry   Entry
	StartNs uint64 // boot time of the leader's exec
	Args    []string
	ExePath string
	Name    string
	TTY     uint32
	// Who brought the leader in: the parent outside of the container at that exec.
	ByName string
	ByPID  uint32
}
