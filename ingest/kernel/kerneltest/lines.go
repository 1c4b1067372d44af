package kerneltest

// who is what every line about a process may say of it. What is not said stays as it was, or is as the parent has it.
type who struct {
	Time string `json:"time"` // RFC 3339, or +100ms after the line before, which is also +10ms where nothing is said
	CPU  uint16 `json:"cpu"`

	PID       uint32  `json:"pid"`
	TID       uint32  `json:"tid"`
	Parent    uint32  `json:"parent"`
	Container *string `json:"container"` // name or id of one that a line before told of; of new processes only
	Entry     string  `json:"entry"`     // start, exec or nsenter: how a new process came into it

	Comm       string   `json:"comm"`
	ParentComm string   `json:"parent_comm"`
	VPID       uint32   `json:"vpid"`
	SID        uint32   `json:"sid"`
	PGID       uint32   `json:"pgid"`
	TTY        *ttyText `json:"tty"`
	LoginUID   *uint32  `json:"loginuid"`
	NoNewPrivs *bool    `json:"no_new_privs"`

	ids
	NS map[string]place `json:"ns"` // mnt, pid, net, ipc, uts, cgroup, user

	unforked bool // the line needs no record of its own of a new process: it is the fork itself, or that was before the stream
}

// ids are credentials.
type ids struct {
	UID             *uint32  `json:"uid"` // all four user ids, unless those beside it are given
	EUID            *uint32  `json:"euid"`
	SUID            *uint32  `json:"suid"`
	FSUID           *uint32  `json:"fsuid"`
	GID             *uint32  `json:"gid"`
	EGID            *uint32  `json:"egid"`
	SGID            *uint32  `json:"sgid"`
	FSGID           *uint32  `json:"fsgid"`
	Caps            *capsSet `json:"caps"` // effective and permitted
	CapsEffective   *capsSet `json:"caps_effective"`
	CapsPermitted   *capsSet `json:"caps_permitted"`
	CapsInheritable *capsSet `json:"caps_inheritable"`
	CapsBounding    *capsSet `json:"caps_bounding"`
	CapsAmbient     *capsSet `json:"caps_ambient"`
	UserNSLevel     *uint32  `json:"userns_level"`
}

type startLine struct {
	Time   string `json:"time"`
	Node   string `json:"node"`
	BootID string `json:"boot_id"`
	Epoch  uint64 `json:"epoch"`
	Kernel string `json:"kernel"`
}

type containerLine struct {
	Name          string            `json:"name"`
	ID            string            `json:"id"`
	Pod           string            `json:"pod"`
	Namespace     string            `json:"namespace"`
	PodUID        string            `json:"pod_uid"`
	Image         string            `json:"image"`
	ImageID       string            `json:"image_id"`
	Runtime       string            `json:"runtime"`
	Sandbox       bool              `json:"sandbox"`
	SandboxID     string            `json:"sandbox_id"`
	Labels        map[string]string `json:"labels"`
	Privileged    bool              `json:"privileged"`
	Path          string            `json:"cgroup_path"`
	HostNS        []string          `json:"host"` // namespaces that are the node's: pid, net, ipc, uts, cgroup, mnt
	SharePID      bool              `json:"share_pid"`
	UserNamespace bool              `json:"user_namespace"`
	Nameless      bool              `json:"nameless"` // the runtime's files tell nothing
}

type processLine struct {
	who
	Exe  string   `json:"exe"`
	Argv []string `json:"argv"`
	Cwd  string   `json:"cwd"`
}

type usersLine struct {
	Container string            `json:"container"`
	Users     map[uint32]string `json:"users"`
	Groups    map[uint32]string `json:"groups"`
}

type lostLine struct {
	Time   string `json:"time"`
	CPU    int    `json:"cpu"`
	Reason string `json:"reason"`
	N      uint64 `json:"n"`
}

type beatLine struct {
	Time string `json:"time"`
}

type execLine struct {
	who
	Exe       string   `json:"exe"`
	Argv      []string `json:"argv"`
	Filename  string   `json:"filename"`
	Cwd       string   `json:"cwd"`
	Origin    string   `json:"origin"` // lower, upper, volume, memfd, root or unknown
	Mode      *mode    `json:"mode"`
	Owner     uint32   `json:"owner"`
	Group     uint32   `json:"group"`
	FileCaps  *capsSet `json:"file_caps"`
	Deleted   bool     `json:"deleted"`
	Inode     uint64   `json:"inode"`
	Device    uint32   `json:"device"`
	Changed   string   `json:"changed"` // ctime of the executable; RFC 3339
	Written   string   `json:"written"` // mtime
	Ret       ret      `json:"ret"`
	Execveat  bool     `json:"execveat"`
	ArgvCut   bool     `json:"argv_cut"`
	ArgvFault bool     `json:"argv_fault"`
	Argc      uint32   `json:"argc"`
	ArgvTotal uint32   `json:"argv_total"`
	Kthread   bool     `json:"parent_is_kernel_thread"`
}

type forkLine struct {
	who
	Forker uint32 `json:"forker"` // the process that called, where it is not the parent
}

type exitLine struct {
	who
	Status uint32 `json:"status"`
	Signal uint32 `json:"signal"`
}

type mountLine struct {
	who
	Source      string  `json:"source"`
	Target      string  `json:"target"`
	FSType      string  `json:"fstype"`
	Data        string  `json:"data"`
	Flags       flagSet `json:"flags"`
	Attr        flagSet `json:"attr"`
	AttrClear   flagSet `json:"attr_clear"`
	Propagation flagSet `json:"propagation"`
	FD          int32   `json:"fd"`
	Device      uint32  `json:"device"`
	Ret         ret     `json:"ret"`
}

type credLine struct {
	who
	Args         []int64 `json:"args"`
	Ret          ret     `json:"ret"`
	Groups       uint32  `json:"groups"`
	GroupsBefore uint32  `json:"groups_before"`
}

type nsLine struct {
	who
	Flags flagSet `json:"flags"`
	To    *place  `json:"to"` // setns: whose namespaces
	FD    int32   `json:"fd"`
	Ret   ret     `json:"ret"`
}

type ptraceLine struct {
	who
	Request flagSet `json:"request"`
	Target  uint32  `json:"target"`
	Ret     ret     `json:"ret"`
}

type cgroupLine struct {
	who
	ID       uint64 `json:"id"`
	ParentID uint64 `json:"parent_id"`
	Path     string `json:"path"`
	Of       string `json:"of"` // the container whose cgroup it is
}
