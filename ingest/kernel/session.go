package kernel

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
	StartNs uint64 // boot time of the leader's exec; of an unseen one, of what was first seen of it
	Args    []string
	ArgsCut bool
	// Argc and ArgvBytes count the arguments in truth, as Program's do.
	Argc, ArgvBytes uint32
	ExePath         string
	Name            string // comm
	TTY             uint32
	ContainerID     string // that it came into; empty where it is not known
	// Who brought the leader in: the parent outside of the container at that exec. Empty and 0 of an unseen one.
	ByName string
	ByPID  uint32

	// Kept by the table.
	members    int
	program    *Program // whose texts the session shares
	mntNS      uint32   // of the leader when it entered; 0: not known
	restoredAs Key      // the leader as the sensor before knew it; zero of a session that this one saw begin
}

// known says that the session's origin was seen.
func (s *Session) known() bool { return s != nil && s.Entry != EntryUnseen }
