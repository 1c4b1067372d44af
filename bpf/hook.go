package bpf

// The mechanisms that hooks use, best first.
const (
	MechanismTracepointBTF = "tp_btf"     // a tracepoint with typed arguments: costs nothing elsewhere
	MechanismTrampoline    = "fexit"      // at the return of the system call's function: costs nothing elsewhere
	MechanismTracepoint    = "tracepoint" // of the system call: as long as one is attached, every system call of the machine pays
)

// Hook is one place in the kernel that the programs look at.
type Hook struct {
	Name      string // of the system call or the tracepoint: mount, exec
	Mechanism string // how it is attached; empty: not at all
	Err       error  // why it is not attached, or not by the better mechanism
	Lost      string // what is not seen without it
}

// Active tells whether h is attached.
func (h Hook) Active() bool { return h.Mechanism != "" }

// tracepoint is a hook of the kernel's own tracepoints, seen with their types.
type tracepoint struct {
	program  string // in the object
	again    string // the program that tells what the first did not, being skipped by the kernel; empty: there is none
	required bool   // without it there is no sensor
	lost     string
}

func tracepoints() []tracepoint {
	return []tracepoint{
		{"exec", "exec_again", true, "programs started"},
		{"fork", "fork_again", true, "who started which process"},
		{"exit", "exit_again", true, "ends of processes and sessions"},
		{"cgroup_mkdir", "", false, "containers that start: their processes are known by pid namespace only until the cgroups are scanned"},
		{"cgroup_rmdir", "", false, "containers that end"},
		{"cgroup_attach_task", "", false, "processes that are moved into or out of a container's cgroup"},
	}
}

// The families of system calls: each has programs of its own in the object.
const (
	familyMount  = "mount"
	familyCred   = "cred"
	familyNS     = "ns"
	familyPtrace = "ptrace"
)

// call is a system call that is traced.
type call struct {
	name   string
	symbol string // where the kernel's function is not named as the call
	family string
	since  version // of the kernel, where the call is younger than the oldest that we ask for
	lost   string
	inner  *inner // nil: there is none
}

// inner is a function within a system call that sees most of it. It stands in where the kernel's types have two functions by the name
// of the call's own, so that none can be chosen (capset in Debian's 6.1): better than a tracepoint, which all calls pay for.
type inner struct {
	function string
	program  string // in the object
}

// function returns the name by which the kernel knows the call, without the architecture's prefix.
func (c call) function() string {
	if c.symbol != "" {
		return c.symbol
	}
	return c.name
}

func calls() []call {
	return []call{
		{name: "mount", family: familyMount, lost: "file systems mounted by mount(2)"},
		{name: "umount2", symbol: "umount", family: familyMount, lost: "file systems unmounted"},
		{name: "fsopen", family: familyMount, lost: "file system contexts opened"},
		{name: "fsconfig", family: familyMount, lost: "source and options of file systems mounted by the new API"},
		{name: "fsmount", family: familyMount, lost: "mounts made by the new API"},
		{name: "fspick", family: familyMount, lost: "mounted file systems picked for reconfiguration"},
		{name: "move_mount", family: familyMount, lost: "mounts put into place by the new API"},
		{name: "open_tree", family: familyMount, lost: "mounts cloned by the new API"},
		{name: "mount_setattr", family: familyMount, since: version{5, 12}, lost: "changes of mounts' attributes"},
		{name: "pivot_root", family: familyMount, lost: "changes of the root"},
		{name: "setuid", family: familyCred, lost: "changes of the user id by setuid"},
		{name: "setreuid", family: familyCred, lost: "changes of the user id by setreuid"},
		{name: "setresuid", family: familyCred, lost: "changes of the user id by setresuid"},
		{name: "setfsuid", family: familyCred, lost: "changes of the user id for files"},
		{name: "setgid", family: familyCred, lost: "changes of the group id by setgid"},
		{name: "setregid", family: familyCred, lost: "changes of the group id by setregid"},
		{name: "setresgid", family: familyCred, lost: "changes of the group id by setresgid"},
		{name: "setfsgid", family: familyCred, lost: "changes of the group id for files"},
		{name: "setgroups", family: familyCred, lost: "changes of supplementary groups"},
		{name: "capset", family: familyCred, lost: "changes of capabilities", inner: &inner{"security_capset", "capset_fexit"}},
		{name: "setns", family: familyNS, lost: "processes that enter a namespace"},
		{name: "unshare", family: familyNS, lost: "processes that make namespaces"},
		{name: "ptrace", family: familyPtrace, lost: "processes that take control of another"},
	}
}

// execCalls are traced only where programs that could not be started are asked for.
func execCalls() []string { return []string{"execve", "execveat"} }

// allMissing returns every hook, none attached, because of err.
func allMissing(err error) []Hook {
	var out []Hook
	for _, t := range tracepoints() {
		out = append(out, Hook{Name: t.program, Err: err, Lost: t.lost})
	}
	for _, c := range calls() {
		out = append(out, Hook{Name: c.name, Err: err, Lost: c.lost})
	}
	for _, name := range execCalls() {
		h := execHook(name)
		h.Err = err
		out = append(out, h)
	}
	return out
}

// execHook is the hook for programs that this system call could not start.
func execHook(call string) Hook {
	return Hook{Name: "failed " + call, Lost: "programs that " + call + " could not start"}
}
