package kernel

import (
	"strings"

	"github.com/parallax-sec/parallax/event"
)

func procFields() []event.Field {
	text := func(name string, f func(*Process) string, doc string) event.Field {
		return row(name, event.Text, procText((*Event).Process, f), doc)
	}
	made := func(name string, f func(*Process, []byte) []byte, doc string) event.Field {
		return row(name, event.Text, procMade((*Event).Process, f), doc)
	}
	number := func(name string, f func(*Process) uint64, doc string) event.Field {
		return row(name, event.Number, procNumber((*Event).Process, f), doc)
	}
	integer := func(name string, f func(*Process) int64, doc string) event.Field {
		return row(name, event.Int, procInt((*Event).Process, f), doc)
	}
	is := func(name string, f func(*Process) bool, doc string) event.Field {
		return row(name, event.Bool, procBool((*Event).Process, f), doc)
	}
	return []event.Field{
		text("proc.name", nameOf, "Name of the process, as the kernel keeps it (comm): at most 15 bytes."),
		text("proc.exe", argv0, "First argument of the process (argv[0]), which it can choose."),
		text("proc.exepath", exePathOf, "Path of the executable, symbolic links resolved."),
		made("proc.args", func(p *Process, dst []byte) []byte { return appendArgs(dst, p.Args) }, "Arguments of the process without the first, joined by blanks."),
		made("proc.cmdline", appendCmdline, "Name and arguments of the process."),
		made("proc.exeline", func(p *Process, dst []byte) []byte { return appendLine(dst, argv0(p), p.Args) },
			"First argument and the other arguments of the process."),
		number("proc.cmdnargs", func(p *Process) uint64 { return uint64(max(len(p.Args)-1, 0)) }, "Number of arguments."),
		number("proc.cmdlenargs", lengthOfArgs, "Length of all arguments together in bytes, without blanks between them."),
		blankArg("proc.env", event.Text, event.ArgAny, noEnv, "The environment of the process, or one variable of it."),
		made("proc.cwd", appendDirectory, "Working directory, with a slash at the end."),
		integer("proc.tty", func(p *Process) int64 { return terminal(p.TTY) }, "Controlling terminal as the kernel numbers it; 0 where there is none."),
		integer("proc.pid", func(p *Process) int64 { return int64(p.PID) }, "Process id as the node sees it."),
		integer("proc.vpid", func(p *Process) int64 { return int64(p.VPID) }, "Process id as its own namespace sees it."),
		integer("proc.pvpid", func(p *Process) int64 { return int64(p.VPPID) }, "Process id of the parent as its namespace sees it."),
		integer("proc.ppid", func(p *Process) int64 { return int64(p.Parent.PID) }, "Process id of the parent."),
		integer("proc.sid", func(p *Process) int64 { return int64(p.SID) }, "Session id as the node sees it."),
		integer("proc.vpgid", func(p *Process) int64 { return int64(p.VPGID) }, "Process group as its namespace sees it."),
		integer("proc.pgid", func(p *Process) int64 { return int64(p.PGID) }, "Process group as the node sees it."),
		is("proc.is_sid_leader", func(p *Process) bool { return p.SID == p.PID }, "The process leads its session."),
		is("proc.is_vpgid_leader", func(p *Process) bool { return p.VPGID == p.VPID }, "The process leads its process group as its namespace sees it."),
		is("proc.is_pgid_leader", func(p *Process) bool { return p.PGID == p.PID }, "The process leads its process group as the node sees it."),
		row("proc.duration", event.Number, procDuration((*Event).Process), "Nanoseconds since the process began."),
		row("proc.pid.ts", event.Number, procStart((*Event).Process), "When the process began, in nanoseconds since 1970."),
		row("proc.ppid.duration", event.Number, ofNumber((*Event).parentDuration), "Nanoseconds since the parent began."),
		row("proc.ppid.ts", event.Number, ofNumber((*Event).parentStart), "When the parent began, in nanoseconds since 1970."),
		row("proc.is_exe_writable", event.Bool, ofBool((*Event).exeWritable), "The executable may be written by who runs it; told of execs only."),
		is("proc.is_exe_upper_layer", func(p *Process) bool { return p.ExeOrigin == originUpper },
			"The executable lies in the container's writable layer: it did not come with the image."),
		is("proc.is_exe_lower_layer", func(p *Process) bool { return p.ExeOrigin == originLower }, "The executable came with the image."),
		is("proc.is_exe_from_memfd", func(p *Process) bool { return p.ExeOrigin == originMemfd }, "The executable is a file in memory, without a path."),
		row("proc.exe_ino", event.Int, ofExe(func(v *event.Value, _ *Event, p *Process) { v.SetInt(int64(p.ExeIno)) }), "Inode of the executable."),
		row("proc.exe_ino.ctime", event.Number, ofExe(func(v *event.Value, _ *Event, p *Process) { v.SetNumber(p.ExeCtimeNs) }),
			"When the executable's inode was changed, in nanoseconds since 1970."),
		row("proc.exe_ino.mtime", event.Number, ofExe(func(v *event.Value, _ *Event, p *Process) { v.SetNumber(p.ExeMtimeNs) }),
			"When the executable was written, in nanoseconds since 1970."),
		row("proc.exe_ino.ctime_duration_proc_start", event.Number, ofExe(func(v *event.Value, e *Event, p *Process) {
			v.SetNumber(positive(e.stream.wall(p.StartNs) - int64(p.ExeCtimeNs)))
		}), "Nanoseconds from the change of the executable's inode to the start of the process; 0 where it was changed later."),
		row("proc.exe_ino.ctime_duration_pidns_start", event.Number, ofExe(func(v *event.Value, e *Event, p *Process) {
			if start, ok := e.pidnsStart(); ok {
				v.SetNumber(positive(int64(start) - int64(p.ExeCtimeNs)))
			}
		}), "Nanoseconds from the change of the executable's inode to the start of the pid namespace; 0 where it was changed later."),
		row("proc.pidns_init_start_ts", event.Number, ofNumber((*Event).pidnsStart),
			"When the pid namespace began, in nanoseconds since 1970; of a container's own pid namespace only."),
		row("proc.loginshellid", event.Int, ofInt((*Event).loginShell), "Process id of the oldest shell among the process and its ancestors."),
		blank("proc.is_container_healthcheck", event.Bool, noAPI, "The process is a health check of its container."),
		blank("proc.is_container_liveness_probe", event.Bool, noAPI, "The process is a liveness probe of its container."),
		blank("proc.is_container_readiness_probe", event.Bool, noAPI, "The process is a readiness probe of its container."),
		blank("proc.fdopencount", event.Number, noUsage, "Number of open files."),
		blank("proc.fdlimit", event.Int, noUsage, "How many files may be open."),
		blank("proc.nchilds", event.Number, noUsage, "Number of threads besides the first."),
		blank("proc.nthreads", event.Number, noUsage, "Number of threads."),
		blank("proc.vmsize", event.Number, noUsage, "Virtual memory in KiB."),
		blank("proc.vmrss", event.Number, noUsage, "Resident memory in KiB."),
		blank("proc.vmswap", event.Number, noUsage, "Swapped memory in KiB."),
	}
}

// relatedFields are the fields of the parent and of the leaders of session and process group.
func relatedFields() []event.Field {
	vpgid := (*Event).groupLeader // one process has both numbers
	return []event.Field{
		row("proc.pname", event.Text, ofText((*Event).parentName), "Name of the parent."),
		row("proc.pexe", event.Text, procText((*Event).parent, argv0), "First argument of the parent."),
		row("proc.pexepath", event.Text, procText((*Event).parent, exePathOf), "Path of the parent's executable."),
		row("proc.pcmdline", event.Text, procMade((*Event).parent, appendCmdline), "Name and arguments of the parent."),
		row("proc.sname", event.Text, procText((*Event).sessionLeader, nameOf), "Name of the session's leader."),
		row("proc.sid.exe", event.Text, procText((*Event).sessionLeader, argv0), "First argument of the session's leader."),
		row("proc.sid.exepath", event.Text, procText((*Event).sessionLeader, exePathOf), "Path of the executable of the session's leader."),
		row("proc.vpgid.name", event.Text, procText(vpgid, nameOf), "Name of the leader of the process group."),
		row("proc.vpgid.exe", event.Text, procText(vpgid, argv0), "First argument of the leader of the process group."),
		row("proc.vpgid.exepath", event.Text, procText(vpgid, exePathOf), "Path of the executable of the leader of the process group."),
		row("proc.pgid.name", event.Text, procText((*Event).groupLeader, nameOf), "Name of the leader of the process group as the node sees it."),
		row("proc.pgid.exe", event.Text, procText((*Event).groupLeader, argv0), "First argument of that leader."),
		row("proc.pgid.exepath", event.Text, procText((*Event).groupLeader, exePathOf), "Path of the executable of that leader."),
	}
}

// stdFields are not traced.
func stdFields() []event.Field {
	return []event.Field{
		blank("proc.stdin", event.Text, noFiles, "What standard input is: its type and name."),
		blank("proc.stdout", event.Text, noFiles, "What standard output is: its type and name."),
		blank("proc.stderr", event.Text, noFiles, "What standard error is: its type and name."),
		blank("proc.stdin.type", event.Text, noFiles, "Type of the file that is standard input."),
		blank("proc.stdout.type", event.Text, noFiles, "Type of the file that is standard output."),
		blank("proc.stderr.type", event.Text, noFiles, "Type of the file that is standard error."),
		blank("proc.stdin.name", event.Text, noFiles, "Name of the file that is standard input."),
		blank("proc.stdout.name", event.Text, noFiles, "Name of the file that is standard output."),
		blank("proc.stderr.name", event.Text, noFiles, "Name of the file that is standard error."),
	}
}

func threadFields() []event.Field {
	caps := func(name string, of func(*Event) uint64, doc string) event.Field {
		return row(name, event.Text, ofMade(func(e *Event, dst []byte) ([]byte, bool) {
			if e.head == nil {
				return dst, false
			}
			return appendCapabilities(dst, of(e), ' '), true
		}), doc)
	}
	return []event.Field{
		row("thread.tid", event.Int, ofHead(func(e *Event) int64 { return int64(e.head.Tid) }), "Thread id as the node sees it."),
		row("thread.vtid", event.Int, ofHead(func(e *Event) int64 { return int64(e.head.Vtid) }), "Thread id as its namespace sees it."),
		row("thread.ismain", event.Bool, ofBool(func(e *Event) (bool, bool) {
			return e.head != nil && e.head.Tid == e.head.Pid, e.head != nil
		}), "It is the first thread of its process."),
		caps("thread.cap_permitted", func(e *Event) uint64 { return e.falcoCred().CapPermitted },
			"Capabilities that the thread may take up, joined by blanks; of unshare and setns those of before, where they are known."),
		caps("thread.cap_inheritable", func(e *Event) uint64 { return e.falcoCred().CapInheritable },
			"Capabilities that survive the start of another program."),
		caps("thread.cap_effective", func(e *Event) uint64 { return e.falcoCred().CapEffective },
			"Capabilities in force, joined by blanks; of unshare and setns those of before, where they are known."),
		blank("thread.cgroups", event.Text, noCgroup, "All control groups of the thread."),
		blankArg("thread.cgroup", event.Text, event.ArgKey, noCgroup, "The control group of one controller, such as cpuset."),
		blank("thread.exectime", event.Number, noUsage, "Nanoseconds that the thread ran since it was last scheduled."),
		blank("thread.totexectime", event.Number, noUsage, "Nanoseconds that the thread ran since the sensor started."),
		blank("thread.vmsize", event.Number, noUsage, "Virtual memory of the process in KiB."),
		blank("thread.vmrss", event.Number, noUsage, "Resident memory of the process in KiB."),
	}
}

func nameOf(p *Process) string    { return p.Name }
func exePathOf(p *Process) string { return p.ExePath }

// appendCmdline appends what Falco calls the command line: the name and the arguments without the first.
func appendCmdline(p *Process, dst []byte) []byte { return appendLine(dst, p.Name, p.Args) }

func lengthOfArgs(p *Process) (n uint64) {
	for i := 1; i < len(p.Args); i++ {
		n += uint64(len(p.Args[i]))
	}
	return n
}

func appendDirectory(p *Process, dst []byte) []byte {
	dst = append(dst, p.Cwd...)
	if p.Cwd != "" && !strings.HasSuffix(p.Cwd, "/") {
		dst = append(dst, '/')
	}
	return dst
}

func procText(which func(*Event) *Process, f func(*Process) string) getter {
	return ofProcess(which, func(_ *Event, p *Process, v *event.Value) { setFilled(v, f(p)) })
}

func procMade(which func(*Event) *Process, f func(*Process, []byte) []byte) getter {
	return ofProcess(which, func(e *Event, p *Process, v *event.Value) {
		v.SetText(e.texts.end(f(p, e.texts.begin())))
	})
}

func procNumber(which func(*Event) *Process, f func(*Process) uint64) getter {
	return ofProcess(which, func(_ *Event, p *Process, v *event.Value) { v.SetNumber(f(p)) })
}

func procInt(which func(*Event) *Process, f func(*Process) int64) getter {
	return ofProcess(which, func(_ *Event, p *Process, v *event.Value) { v.SetInt(f(p)) })
}

func procBool(which func(*Event) *Process, f func(*Process) bool) getter {
	return ofProcess(which, func(_ *Event, p *Process, v *event.Value) { v.SetBool(f(p)) })
}

// procStart is when a process began, in nanoseconds since 1970.
func procStart(which func(*Event) *Process) getter {
	return ofProcess(which, func(e *Event, p *Process, v *event.Value) { v.SetNumber(positive(e.stream.wall(p.StartNs))) })
}

// procDuration is how long a process has been running.
func procDuration(which func(*Event) *Process) getter {
	return ofProcess(which, func(e *Event, p *Process, v *event.Value) {
		v.SetNumber(positive(e.timeNs - e.stream.wall(p.StartNs)))
	})
}

// ofExe is a field of the executable, missing where no exec of the process was seen.
func ofExe(set func(*event.Value, *Event, *Process)) getter {
	return ofProcess((*Event).Process, func(e *Event, p *Process, v *event.Value) {
		if p.ExeIno != 0 {
			set(v, e, p)
		}
	})
}

// ofHead is a number of the record's head.
func ofHead(f func(*Event) int64) getter {
	return ofInt(func(e *Event) (int64, bool) {
		if e.head == nil {
			return 0, false
		}
		return f(e), true
	})
}

// parentStart is when the parent began: the record tells it where the table does not know the parent.
func (e *Event) parentStart() (uint64, bool) {
	if e.process == nil || e.process.Parent.StartNs == 0 {
		return 0, false
	}
	return positive(e.stream.wall(e.process.Parent.StartNs)), true
}

func (e *Event) parentDuration() (uint64, bool) {
	start, ok := e.parentStart()
	return positive(e.timeNs - int64(start)), ok
}

// pidnsStart is when the pid namespace of the process began: that of a container begins with its first process.
func (e *Event) pidnsStart() (uint64, bool) {
	c := e.container
	if c == nil || e.process == nil || c.StartNs == 0 || c.PIDNS != e.process.NS.Pid {
		return 0, false
	}
	return positive(e.stream.wall(c.StartNs)), true
}

// loginShell is the oldest of the process and its ancestors whose name ends in sh.
func (e *Event) loginShell() (pid int64, ok bool) {
	look := func(p *Process) bool {
		if strings.HasSuffix(p.Name, "sh") {
			pid, ok = int64(p.PID), true
		}
		return true
	}
	if e.process != nil {
		look(e.process)
	}
	e.ancestors(look)
	return pid, ok
}
