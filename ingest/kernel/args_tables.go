package kernel

// The tables. What a name means is what Falco says it means, for the call that it is an argument of.
var (
	execArguments = []argument{
		argResult(),
		argText("exe", (*Event).firstArgument),
		{name: "args", text: (*Event).appendOtherArguments},
		argNumber("tid", func(e *Event) int64 { return int64(e.head.Tid) }),
		argNumber("pid", func(e *Event) int64 { return int64(e.head.Pid) }),
		argNumber("ptid", func(e *Event) int64 { return int64(e.head.Ppid) }),
		argText("cwd", func(e *Event) string { return e.process.Cwd }),
		argText("comm", func(e *Event) string { return e.process.Name }),
		argNumber("tty", func(e *Event) int64 { return terminal(e.head.Tty) }),
		argNumber("vpgid", func(e *Event) int64 { return int64(e.head.Vpgid) }),
		argNumber("loginuid", func(e *Event) int64 { return int64(int32(e.head.Loginuid)) }),
		argFlags("flags", exeFlags, (*Event).exeFlags),
		argCaps("cap_inheritable", func(e *Event) uint64 { return e.head.Cred.CapInheritable }),
		argCaps("cap_permitted", func(e *Event) uint64 { return e.head.Cred.CapPermitted }),
		argCaps("cap_effective", func(e *Event) uint64 { return e.head.Cred.CapEffective }),
		argNumber("exe_ino", func(e *Event) int64 { return int64(e.exec.ExeIno) }),
		argNumber("exe_ino_ctime", func(e *Event) int64 { return int64(e.exec.ExeCtimeNs) }),
		argNumber("exe_ino_mtime", func(e *Event) int64 { return int64(e.exec.ExeMtimeNs) }),
		argUser("uid", func(e *Event) uint64 { return uint64(e.head.Cred.Euid) }),
		argText("trusted_exepath", func(e *Event) string { return e.process.ExePath }),
		argNumber("pgid", func(e *Event) int64 { return int64(e.head.Pgid) }),
		argGroup("gid", func(e *Event) uint64 { return uint64(e.head.Cred.Egid) }),
		argBytes("filename", func(e *Event) []byte { return e.execTexts.Filename }),
	}
	cloneArguments = []argument{
		argNumber("res", func(*Event) int64 { return 0 }),
		argText("exe", (*Event).firstArgument),
		{name: "args", text: (*Event).appendOtherArguments},
		argNumber("tid", func(e *Event) int64 { return int64(e.head.Tid) }),
		argNumber("pid", func(e *Event) int64 { return int64(e.head.Pid) }),
		argNumber("ptid", func(e *Event) int64 { return int64(e.head.Ppid) }),
		argText("cwd", func(e *Event) string { return e.process.Cwd }),
		argText("comm", func(e *Event) string { return e.process.Name }),
		argUser("uid", func(e *Event) uint64 { return uint64(e.head.Cred.Euid) }),
		argGroup("gid", func(e *Event) uint64 { return uint64(e.head.Cred.Egid) }),
		argNumber("vtid", func(e *Event) int64 { return int64(e.head.Vtid) }),
		argNumber("vpid", func(e *Event) int64 { return int64(e.head.Vpid) }),
	}
	exitArguments = []argument{
		argNumber("status", func(e *Event) int64 { return int64(e.exit.Code) }),
		argNumber("ret", func(e *Event) int64 { return int64(e.exit.Code >> 8 & 0xff) }),
		argNumber("sig", func(e *Event) int64 { return int64(e.exit.Code & 0x7f) }),
		argNumber("core", func(e *Event) int64 { return int64(e.exit.Code >> 7 & 1) }),
	}
	ptraceArguments = []argument{
		argResult(),
		argFlags("request", ptraceRequests, func(e *Event) uint64 { return uint64(e.ptrace.Request) }),
		argNumber("pid", func(e *Event) int64 { return int64(e.ptrace.TargetVpid) }),
	}
	dropArguments = []argument{
		argNumber("count", func(e *Event) int64 { return int64(e.lost.N) }),
	}

	mountArguments = [...][]argument{
		1: { // mount
			argFlags("flags", mountFlags, func(e *Event) uint64 { return withoutMagic(e.mount.Flags) }),
			argResult(),
			argBytes("dev", func(e *Event) []byte { return e.mountTexts.Source }),
			argBytes("dir", func(e *Event) []byte { return e.mountTexts.Target }),
			argBytes("type", func(e *Event) []byte { return e.mountTexts.FSType }),
		},
		{ // umount2
			argResult(),
			argBytes("name", func(e *Event) []byte { return e.mountTexts.Target }),
			argFlags("flags", umountFlags, func(e *Event) uint64 { return e.mount.Flags }),
		},
		{ // fsopen
			argResult(),
			argBytes("type", func(e *Event) []byte { return e.mountTexts.FSType }),
			argFlags("flags", fsopenFlags, func(e *Event) uint64 { return e.mount.Flags }),
		},
		{ // fsconfig
			argResult(),
			argNumber("fd", func(e *Event) int64 { return int64(e.mount.Fd) }),
			argText("cmd", func(e *Event) string { return fsconfigCommand(e.mount.Flags) }),
			argBytes("key", func(e *Event) []byte { return e.mountTexts.Source }),
			argBytes("value", func(e *Event) []byte { return e.mountTexts.Data }),
		},
		{ // fsmount
			argResult(),
			argNumber("fd", func(e *Event) int64 { return int64(e.mount.Fd) }),
			argFlags("flags", mountAttributes, func(e *Event) uint64 { return e.mount.Attr }),
		},
		{ // move_mount
			argResult(),
			argBytes("dev", func(e *Event) []byte { return e.mountTexts.Source }),
			argBytes("dir", func(e *Event) []byte { return e.mountTexts.Target }),
			argBytes("type", func(e *Event) []byte { return e.mountTexts.FSType }),
			argFlags("flags", moveMountFlags, func(e *Event) uint64 { return e.mount.Flags }),
		},
		{ // open_tree
			argResult(),
			argNumber("dirfd", func(e *Event) int64 { return int64(e.mount.Fd) }),
			argBytes("path", func(e *Event) []byte { return e.mountTexts.Source }),
			argFlags("flags", openTreeFlags, func(e *Event) uint64 { return e.mount.Flags }),
		},
		{ // mount_setattr
			argResult(),
			argNumber("dirfd", func(e *Event) int64 { return int64(e.mount.Fd) }),
			argBytes("path", func(e *Event) []byte { return e.mountTexts.Source }),
			argFlags("flags", setattrFlags, func(e *Event) uint64 { return e.mount.Flags }),
		},
		{ // pivot_root
			argResult(),
			argBytes("newpath", func(e *Event) []byte { return e.mountTexts.Source }),
			argBytes("oldpath", func(e *Event) []byte { return e.mountTexts.Target }),
		},
		{ // fspick
			argResult(),
			argNumber("dirfd", func(e *Event) int64 { return int64(e.mount.Fd) }),
			argBytes("path", func(e *Event) []byte { return e.mountTexts.Source }),
			argFlags("flags", fspickFlags, func(e *Event) uint64 { return e.mount.Flags }),
		},
	}
	credArguments = [...][]argument{
		1: {argResult(), argUser("uid", callArg(0))},
		{argResult(), argUser("ruid", callArg(0)), argUser("euid", callArg(1))},
		{argResult(), argUser("ruid", callArg(0)), argUser("euid", callArg(1)), argUser("suid", callArg(2))},
		{argResult(), argUser("uid", callArg(0))},
		{argResult(), argGroup("gid", callArg(0))},
		{argResult(), argGroup("rgid", callArg(0)), argGroup("egid", callArg(1))},
		{argResult(), argGroup("rgid", callArg(0)), argGroup("egid", callArg(1)), argGroup("sgid", callArg(2))},
		{argResult(), argGroup("gid", callArg(0))},
		{argResult(), argNumber("size", func(e *Event) int64 { return int64(int32(e.creds.Arg[0])) })},
		{argResult(), argCaps("cap_inheritable", callArg(2)), argCaps("cap_permitted", callArg(1)), argCaps("cap_effective", callArg(0))},
	}
	nsArguments = [...][]argument{
		1: {
			argResult(),
			argNumber("fd", func(e *Event) int64 { return int64(e.ns.Fd) }),
			argFlags("nstype", cloneFlags, func(e *Event) uint64 { return e.ns.Flags }),
		},
		{argResult(), argFlags("flags", cloneFlags, func(e *Event) uint64 { return e.ns.Flags })},
	}
)
