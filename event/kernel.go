package event

// Kernel is the part of Details that only kernel events have. Texts are as the kernel has them, what looks like a credential masked;
// numbers of users and groups are texts, as in ECS, empty where they are not known.
type Kernel struct {
	Node          string // name of the node
	BootID        string
	KernelRelease string
	Result        string // SUCCESS or the name of the error; empty where nothing was returned

	Process     Process // its arguments are Details.Command; no PID: the event is about no process
	Parent      Process // PID, StartNs and Name at least, where there is one
	EntryLeader Process // by which the process' session came into its container
	SessionLeader,
	GroupLeader Process

	ContainerID string // in full; empty on the node itself
	Runtime     string // of the container
	Privileged  string // "true", "false" or empty
	Via         string // how the container was found

	Entry   string // start, exec, nsenter, unseen; empty outside of containers
	EntryBy string // name of who brought the entry leader in
	SID     string // id of that session: the entry leader's entity id

	Exe    Exe
	Mount  Mount
	Before Cred // of what changes credentials; zero where they are not known
	After  Cred
	// Direction is gain, drop or none where the event may change credentials, else empty, and GainedCaps the new ones.
	Direction  string
	GainedCaps []string
	NSFlags    []string // of setns and unshare: newuser, newns
	NSTarget   string   // of setns: host, container, same, other
	Ptrace     Ptrace
	Drop       Drop
}

// Process is what a document tells of a process.
type Process struct {
	PID, VPID, TID   int    // VPID in its innermost pid namespace; 0: not known
	EntityID         string // id of the process, on all nodes and for all times
	StartNs, EndNs   int64  // wall clock UTC; 0: not known
	Name             string
	Executable       string
	Args             []string
	ArgsCount        int // in truth, where Args is cut; 0: not known
	WorkingDirectory string
	TTYMajor         int // 0: no terminal
	TTYMinor         int
	Exited           bool
	ExitCode         int
	Interactive      string // "true" where it has a terminal, "false" where not, or empty

	User, RealUser, SavedUser    Account
	Group, RealGroup, SavedGroup Account
	Permitted, Effective         []string // capabilities
}

// Account is a user or group.
type Account struct{ ID, Name string }

// Exe is where an executable comes from, beyond what ECS tells.
type Exe struct {
	Origin    string // lower, upper, volume, memfd, root, unknown
	Deleted   bool
	Requested string // path that an exec was asked for
	Mode      string // octal
	Truncated bool   // the arguments are cut
}

// Mount is a call of the mount family.
type Mount struct {
	Called                 bool // the event is one
	Source, Target, FSType string
	Flags                  []string
	Key, Data              string // an option and its value
	Command                string // of fsconfig
}

// Cred is credentials of a process.
type Cred struct {
	UID, EUID, SUID, FSUID, GID, EGID, SGID, FSGID string
	Caps                                           []string // permitted
	UserNSLevel                                    string   // 0: the node's user namespace
}

// Ptrace is whom ptrace attached to.
type Ptrace struct {
	Request string
	PID     int
	Name    string
	Target  string // host, container, same
}

// Drop is a loss of records.
type Drop struct {
	Reason string
	Count  uint64
	CPU    int
}
