package kernel

import "github.com/parallax-sec/parallax/bpf"

// Names of events, as evt.type gives them: those of Falco, which are the system calls' own but for these.
const (
	typeExecve   = "execve"
	typeExecveat = "execveat"
	typeClone    = "clone" // fork, vfork, clone and clone3 alike
	typeExit     = "procexit"
	typePtrace   = "ptrace"
	typeDrop     = "drop" // records were lost
)

// mountNames are the names of enum mount_op, credNames and nsNames those of the others.
var (
	mountNames = [...]string{
		1: "mount", "umount2", "fsopen", "fsconfig", "fsmount", "move_mount", "open_tree", "mount_setattr", "pivot_root", "fspick",
	}
	credNames = [...]string{
		1: "setuid", "setreuid", "setresuid", "setfsuid", "setgid", "setregid", "setresgid", "setfsgid", "setgroups", "capset",
	}
	nsNames = [...]string{1: "setns", "unshare"}
)

// knownCall says whether n is a name's number, so that records with another are refused.
func knownCall(names []string, n uint32) bool { return n > 0 && n < uint32(len(names)) }

// Type is the name of the event as Falco has it: execve, clone, procexit, mount, setuid and so on, or drop.
func (e *Event) Type() string {
	switch {
	case e.lost != nil:
		return typeDrop
	case e.exec != nil && e.exec.Execveat != 0:
		return typeExecveat
	case e.exec != nil:
		return typeExecve
	case e.exit != nil:
		return typeExit
	case e.mount != nil:
		return mountNames[e.mount.Op]
	case e.creds != nil:
		return credNames[e.creds.Op]
	case e.ns != nil:
		return nsNames[e.ns.Op]
	case e.ptrace != nil:
		return typePtrace
	}
	return typeClone
}

// action is event.action: exec for execve and execveat, fork and exit for the life of a process, else the system call's name.
func (e *Event) action() string {
	switch {
	case e.exec != nil:
		return "exec"
	case e.exit != nil:
		return "exit"
	case e.head != nil && bpf.Kind(e.head.Kind) == bpf.KindFork:
		return "fork"
	}
	return e.Type()
}
