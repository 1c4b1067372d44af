package kernel

import "github.com/parallax-sec/parallax/bpf"

// Key identifies a process on its node until the node starts anew: process ids are used again, starts are not.
type Key struct {
	PID     uint32 `json:"pid"`
	StartNs uint64 `json:"start"` // boot time
}

// TickNs is the unit in which /proc tells when a process began (proc(5), field 22 of stat: clock ticks, 100 a second on all that Linux
// runs on here), while records tell nanoseconds.
const TickNs = 10_000_000

// Same says whether two keys are of one process. A start that is a whole number of ticks is taken for one that /proc told, rounded
// down: it is the same as any start within that tick. A start that is a whole tick by chance is one in ten million, and then a
// mistake needs the same process id used twice within 10 ms.
func (k Key) Same(o Key) bool {
	if k.PID != o.PID {
		return false
	}
	return k.StartNs == o.StartNs || (k.StartNs%TickNs == 0 || o.StartNs%TickNs == 0) && k.StartNs/TickNs == o.StartNs/TickNs
}

// Program is what a process runs. All processes that fork from the one that started it share it; it is never changed.
type Program struct {
	ExePath   string   // path of the executable as the container sees it; empty where it is not known
	Args      []string // argv, Args[0] being what Falco calls proc.exe; the last may be cut
	ArgsCut   bool
	Argc      uint32 // how many arguments there are in truth
	ArgvBytes uint32 // how many bytes they take in truth, each with its NUL
	Cwd       string // when it was started

	ExecNs     uint64 // boot time of the exec; 0: it was not seen
	ExeOrigin  uint32 // enum exe_origin of the record
	ExeDeleted bool
	ExeIno     uint64
	ExeDev     uint32
	ExeCtimeNs uint64 // wall clock
	ExeMtimeNs uint64
	ExeMode    uint32

	// Kept by the table.
	refs  int    // processes and sessions that hold it
	bytes int    // what its texts take
	group *group // where bytes count
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

	Name     string // comm
	*Program        // never nil in the table

	Cred       bpf.Cred
	NS         bpf.NS
	PIDNSLevel uint32
	Cgroup     uint64
	NoNewPrivs bool
	Runtime    bool   // a container runtime or nsenter at work inside, before its first exec there
	ExitNs     uint64 // boot time of its end; 0: it runs, as far as is known

	Container *Container `json:"-"` // nil: of the node itself
	Session   *Session   `json:"-"` // nil: not in scope, or Runtime
}
