package kernel

import "github.com/parallax-sec/parallax/event"

func evtFields() []event.Field {
	return []event.Field{
		row("evt.num", event.Number, "Number of the event since the sensor started, from 1."),
		row("evt.time", event.Text, "Time of day of the event, with nanoseconds."),
		row("evt.time.s", event.Text, "Time of day of the event, to the second."),
		row("evt.time.iso8601", event.Text, "Time of the event in ISO 8601, UTC, with nanoseconds."),
		row("evt.datetime", event.Text, "Date and time of the event, with nanoseconds."),
		row("evt.datetime.s", event.Text, "Date and time of the event, to the second."),
		row("evt.rawtime", event.Number, "Time of the event in nanoseconds since 1970."),
		row("evt.rawtime.s", event.Number, "Seconds since 1970."),
		row("evt.rawtime.ns", event.Number, "Nanoseconds within the second."),
		row("evt.reltime", event.Number, "Nanoseconds since the first event."),
		row("evt.reltime.s", event.Number, "Seconds since the first event."),
		row("evt.reltime.ns", event.Number, "Nanoseconds within the second since the first event."),
		row("evt.source", event.Text, "The source of the event: syscall."),
		row("evt.hostname", event.Text, "Name of the node."),
		row("evt.is_async", event.Bool, "The event was made by the sensor itself and not by a system call."),
		row("evt.asynctype", event.Text, "Kind of an event that the sensor made itself."),
		row("evt.type", event.Text, "Name of the system call, such as openat."),
		rowArg("evt.type.is", event.Number, event.ArgKey, "1 where the system call is the one named in the brackets, else 0."),
		row("evt.dir", event.Text, "> where a system call is entered, < where it returns."),
		row("evt.category", event.Text, "Group of the system call: file, net, process, memory and so on."),
		row("evt.cpu", event.Number, "Processor on which it happened."),
		row("evt.args", event.Text, "All arguments of the system call as name=value."),
		rowArg("evt.arg", event.Text, event.ArgKey, "An argument of the system call, by name or position, as people write it."),
		rowArg("evt.rawarg", event.Text, event.ArgKey, "An argument of the system call, by name, as the kernel holds it."),
		row("evt.info", event.Text, "All arguments of the system call as name=value."),
		row("evt.buffer", event.Bytes, "What was read or written, as far as it was recorded."),
		row("evt.buflen", event.Number, "How many bytes were read or written."),
		row("evt.res", event.Text, "SUCCESS, or the name of the error that the system call returned."),
		row("evt.rawres", event.Int, "What the system call returned."),
		row("evt.failed", event.Bool, "The system call returned an error."),
		row("evt.count", event.Number, "1 for every event."),
		row("evt.deltatime", event.Number, "Nanoseconds since the event before."),
		row("evt.latency", event.Number, "Nanoseconds between entry and return."),
		row("evt.is_io", event.Bool, "The system call reads or writes."),
		row("evt.is_io_read", event.Bool, "The system call reads."),
		row("evt.is_io_write", event.Bool, "The system call writes."),
		row("evt.io_dir", event.Text, "read or write."),
		row("evt.is_wait", event.Bool, "The system call waits."),
		row("evt.is_syslog", event.Bool, "Something was written to the system's log."),
		row("evt.is_open_read", event.Bool, "A file was opened to be read."),
		row("evt.is_open_write", event.Bool, "A file was opened to be written."),
		row("evt.is_open_exec", event.Bool, "A file was made or opened that may be executed."),
		row("evt.is_open_create", event.Bool, "A file was made by opening it."),
		row("evt.abspath", event.Text, "Path that a system call on a path names, made absolute."),
		row("evt.abspath.src", event.Text, "First of two paths, made absolute."),
		row("evt.abspath.dst", event.Text, "Second of two paths, made absolute."),
	}
}

// argNames are the names that arguments of system calls have in Falco's event table (driver/event_table.c).
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

// evtArgFields lets rules write evt.arg.flags for evt.arg[flags].
func evtArgFields() []event.Field {
	var out []event.Field
	for _, name := range argNames {
		out = append(out,
			row("evt.arg."+name, event.Text, "The argument "+name+" of the system call, as people write it."),
			row("evt.rawarg."+name, event.Text, "The argument "+name+" of the system call, as the kernel holds it."))
	}
	return out
}
