package kernel

import (
	"slices"

	"github.com/parallax-sec/parallax/event"
)

// argNames are the names of arguments that Falco's tables of system calls have; evt.arg.NAME and evt.rawarg.NAME are a field each.
var argNames = []string{
	"addr", "aiocbs", "arg", "arg2_int", "arg2_str", "args", "argument", "aux", "backlog", "cap_effective", "cap_inheritable", "cap_permitted",
	"cgroups", "cmd", "comm", "container_id", "count", "cq_entries", "cur", "cwd", "data", "data_dir", "dev", "dir", "dirfd", "domain", "dpid",
	"egid", "entries", "env", "error", "euid", "event_data", "events", "exe", "exe_ino", "exe_ino_ctime", "exe_ino_mtime", "fd", "fd1", "fd2",
	"fd_in", "fd_out", "fdin", "fdlimit", "fdout", "fds", "features", "fgid", "filename", "flags", "fuid", "gid", "how", "id", "image", "in_fd",
	"initval", "ino", "ino_flags", "instruction", "interval", "ip", "key", "len", "length", "level", "linkdirfd", "linkpath", "loginuid", "mask",
	"max", "maxevents", "min_complete", "minor", "mode", "mountfd", "msgcontrol", "name", "nargs", "newcur", "newdir", "newfd", "newmax",
	"newpath", "next", "nr_args", "nsops", "nstype", "offin", "offout", "offset", "oldcur", "olddir", "oldfd", "oldmax", "oldpath", "op",
	"opcode", "operation", "optlen", "option", "optname", "out_fd", "path", "pgft_maj", "pgft_min", "pgid", "pgoff", "pid", "pid_fd", "pid_namespace", "plugin_id",
	"pos", "prot", "proto", "ptid", "ptrace_addr", "ptrace_data", "queuelen", "queuemax", "queuepct", "quota_fmt", "quotafilepath", "ratio",
	"reaper_tid", "request", "res", "resource", "ret", "rgid", "ruid", "semid", "sgid", "sig", "sigmask", "size", "source", "special", "spid",
	"sq_entries", "sq_thread_cpu", "sq_thread_idle", "status", "suid", "target", "target_fd", "tid", "timeout", "to_submit", "trusted_exepath",
	"tty", "tuple", "type", "uargs", "uid", "val", "value", "value_bytebuf", "value_charbuf", "vm_rss", "vm_size", "vm_swap", "vpid", "vtid",
	"whence",
}

func evtArgFields() []event.Field {
	out := []event.Field{
		row("evt.args", event.Text, ofMade((*Event).allArguments), "All arguments of the system call as name=value."),
		row("evt.info", event.Text, ofMade((*Event).allArguments), "All arguments of the system call as name=value."),
		rowArg("evt.arg", event.Text, event.ArgKey, func(e *Event, a *event.Arg, v *event.Value) { e.setArgument(v, a.Text, a.Index, false) },
			"An argument of the system call, by name or position, as people write it."),
		rowArg("evt.rawarg", event.Text, event.ArgKey, func(e *Event, a *event.Arg, v *event.Value) { e.setArgument(v, a.Text, a.Index, true) },
			"An argument of the system call, by name, as the kernel holds it."),
	}
	traced := tracedArguments()
	for _, name := range argNames {
		text, raw := "The argument "+name+" of the system call, as people write it.", "The argument "+name+" of the system call, as the kernel holds it."
		if !slices.Contains(traced, name) {
			out = append(out, blank("evt.arg."+name, event.Text, noArgument, text), blank("evt.rawarg."+name, event.Text, noArgument, raw))
			continue
		}
		get := func(raw bool) getter {
			return func(e *Event, _ *event.Arg, v *event.Value) { e.setArgument(v, name, -1, raw) }
		}
		shown := row("evt.arg."+name, event.Text, get(false), text)
		if name == "request" {
			shown.Traced = []string{ptraceRequests[0].falco, ptraceRequests[1].falco}
		}
		out = append(out, shown, row("evt.rawarg."+name, event.Text, get(true), raw))
	}
	return out
}

// tracedArguments are the names of all arguments that some event has.
func tracedArguments() (names []string) {
	for _, table := range slices.Concat(
		[][]argument{execArguments, cloneArguments, exitArguments, ptraceArguments, dropArguments}, mountArguments[:], credArguments[:], nsArguments[:],
	) {
		for _, a := range table {
			names = append(names, a.name)
		}
	}
	return names
}

func (e *Event) allArguments(dst []byte) ([]byte, bool) { return e.appendArguments(dst), true }

// setArgument sets v to an argument by its name, or by its position where that is not negative.
func (e *Event) setArgument(v *event.Value, name string, index int, raw bool) {
	a := e.argument(name, index)
	if a == nil {
		return
	}
	dst := e.texts.begin()
	if raw {
		dst = a.appendRaw(e, dst)
	} else {
		dst = a.text(e, dst)
	}
	v.SetText(e.texts.end(dst))
}
