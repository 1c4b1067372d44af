package kernel

import "strconv"

// flagName is the name of a bit, or of bits that stand for one thing: falco as Falco prints it, own as our fields do.
type flagName struct {
	bits       uint64
	falco, own string
}

// The names of flags, by bit: include/uapi/linux/mount.h, fcntl.h, sched.h of Linux 6.12, spelled as Falco does (its tables in
// driver/ppm_events_public.h) where it prints them.
var (
	mountFlags = []flagName{
		{1 << 0, "RDONLY", "ro"},
		{1 << 1, "NOSUID", "nosuid"},
		{1 << 2, "NODEV", "nodev"},
		{1 << 3, "NOEXEC", "noexec"},
		{1 << 4, "SYNCHRONOUS", "sync"},
		{1 << 5, "REMOUNT", "remount"},
		{1 << 6, "MANDLOCK", "mandlock"},
		{1 << 7, "DIRSYNC", "dirsync"},
		{1 << 8, "NOSYMFOLLOW", "nosymfollow"},
		{1 << 10, "NOATIME", "noatime"},
		{1 << 11, "NODIRATIME", "nodiratime"},
		{1 << 12, "BIND", "bind"},
		{1 << 13, "MOVE", "move"},
		{1 << 14, "REC", "rec"},
		{1 << 15, "SILENT", "silent"},
		{1 << 16, "POSIXACL", "posixacl"},
		{1 << 17, "UNBINDABLE", "unbindable"},
		{1 << 18, "PRIVATE", "private"},
		{1 << 19, "SLAVE", "slave"},
		{1 << 20, "SHARED", "shared"},
		{1 << 21, "RELATIME", "relatime"},
		{1 << 23, "I_VERSION", "iversion"},
		{1 << 24, "STRICTATIME", "strictatime"},
		{1 << 25, "LAZYTIME", "lazytime"},
	}
	umountFlags = []flagName{{1, "FORCE", "force"}, {2, "DETACH", "detach"}, {4, "EXPIRE", "expire"}, {8, "NOFOLLOW", "nofollow"}}
	fsopenFlags = []flagName{{1, "CLOEXEC", "cloexec"}}
	fspickFlags = []flagName{
		{1, "CLOEXEC", "cloexec"},
		{2, "SYMLINK_NOFOLLOW", "nofollow"},
		{4, "NO_AUTOMOUNT", "noautomount"},
		{8, "EMPTY_PATH", "emptypath"},
	}
	moveMountFlags = []flagName{
		{0x1, "F_SYMLINKS", "fromsymlinks"},
		{0x2, "F_AUTOMOUNTS", "fromautomounts"},
		{0x4, "F_EMPTY_PATH", "fromemptypath"},
		{0x10, "T_SYMLINKS", "tosymlinks"},
		{0x20, "T_AUTOMOUNTS", "toautomounts"},
		{0x40, "T_EMPTY_PATH", "toemptypath"},
		{0x100, "SET_GROUP", "setgroup"},
		{0x200, "BENEATH", "beneath"},
	}
	openTreeFlags = []flagName{
		{1, "CLONE", "clone"},
		{0x100, "SYMLINK_NOFOLLOW", "nofollow"},
		{0x800, "NO_AUTOMOUNT", "noautomount"},
		{0x1000, "EMPTY_PATH", "emptypath"},
		{0x8000, "RECURSIVE", "rec"},
		{0x80000, "CLOEXEC", "cloexec"},
	}
	setattrFlags = openTreeFlags[1:5]

	// Attributes of mounts, as fsmount and mount_setattr set them, and what clearing them is called.
	mountAttributes = []flagName{
		{0x1, "RDONLY", "ro"},
		{0x2, "NOSUID", "nosuid"},
		{0x4, "NODEV", "nodev"},
		{0x8, "NOEXEC", "noexec"},
		{0x10, "NOATIME", "noatime"},
		{0x20, "STRICTATIME", "strictatime"},
		{0x80, "NODIRATIME", "nodiratime"},
		{0x100000, "IDMAP", "idmap"},
		{0x200000, "NOSYMFOLLOW", "nosymfollow"},
	}
	clearedAttributes = []flagName{
		{0x1, "-RDONLY", "rw"},
		{0x2, "-NOSUID", "suid"},
		{0x4, "-NODEV", "dev"},
		{0x8, "-NOEXEC", "exec"},
		{0x70, "-ATIME", "relatime"},
		{0x80, "-NODIRATIME", "diratime"},
		{0x200000, "-NOSYMFOLLOW", "symfollow"},
	}

	cloneFlags = []flagName{
		{0x80, "CLONE_NEWTIME", "newtime"},
		{0x20000, "CLONE_NEWNS", "newns"},
		{0x2000000, "CLONE_NEWCGROUP", "newcgroup"},
		{0x4000000, "CLONE_NEWUTS", "newuts"},
		{0x8000000, "CLONE_NEWIPC", "newipc"},
		{0x10000000, "CLONE_NEWUSER", "newuser"},
		{0x20000000, "CLONE_NEWPID", "newpid"},
		{0x40000000, "CLONE_NEWNET", "newnet"},
		{0x100, "CLONE_VM", "vm"},
		{0x200, "CLONE_FS", "fs"},
		{0x400, "CLONE_FILES", "files"},
		{0x800, "CLONE_SIGHAND", "sighand"},
		{0x10000, "CLONE_THREAD", "thread"},
		{0x40000, "CLONE_SYSVSEM", "sysvsem"},
	}
	exeFlags = []flagName{ // of evt.arg.flags of an exec
		{1, "EXE_WRITABLE", ""},
		{2, "EXE_UPPER_LAYER", ""},
		{4, "EXE_FROM_MEMFD", ""},
		{8, "EXE_LOWER_LAYER", ""},
	}
)

// fsconfigCommands are the commands of fsconfig (enum fsconfig_command), by number.
var fsconfigCommands = [...]string{
	"set_flag", "set_string", "set_binary", "set_path", "set_path_empty", "set_fd", "create", "reconfigure", "create_excl",
}

// ptraceRequests are the requests that are recorded (include/uapi/linux/ptrace.h).
var ptraceRequests = []flagName{{16, "PTRACE_ATTACH", "attach"}, {0x4206, "PTRACE_SEIZE", "seize"}}

// capabilities are the names of capabilities by bit (include/uapi/linux/capability.h of Linux 6.12).
var capabilities = [...]string{
	"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID",
	"CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK",
	"CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN",
	"CAP_SYS_BOOT", "CAP_SYS_NICE", "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE", "CAP_AUDIT_WRITE",
	"CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND",
	"CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
}

// eachName calls f with the names of the bits of flags: for what has no name, its number.
func eachName(flags uint64, names []flagName, f func(n flagName)) {
	for _, n := range names {
		if flags&n.bits != 0 {
			f(n)
			flags &^= n.bits
		}
	}
	if flags != 0 {
		s := "0x" + strconv.FormatUint(flags, 16)
		f(flagName{flags, s, s})
	}
}

// appendFlags appends Falco's names of flags with | between them; nothing where none is set.
func appendFlags(dst []byte, flags uint64, names []flagName) []byte {
	first := len(dst)
	eachName(flags, names, func(n flagName) {
		if len(dst) > first {
			dst = append(dst, '|')
		}
		dst = append(dst, n.falco...)
	})
	return dst
}

// appendCapabilities appends the names of capabilities with a byte between them: CAP_CHOWN CAP_KILL.
func appendCapabilities(dst []byte, caps uint64, between byte) []byte {
	first := len(dst)
	for i, n := range capabilities {
		if caps>>i&1 == 0 {
			continue
		}
		if len(dst) > first {
			dst = append(dst, between)
		}
		dst = append(dst, n...)
	}
	return dst
}
