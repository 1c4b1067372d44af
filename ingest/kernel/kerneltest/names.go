package kerneltest

import "golang.org/x/sys/unix"

// The numbers of the calls in records (enums mount_op, cred_op and cgroup_op of bpf/c/record.h).
var (
	mountOps = map[string]uint32{
		"mount": 1, "umount2": 2, "fsopen": 3, "fsconfig": 4, "fsmount": 5, "move_mount": 6, "open_tree": 7, "mount_setattr": 8,
		"pivot_root": 9, "fspick": 10,
	}
	credOps = map[string]uint32{
		"setuid": 1, "setreuid": 2, "setresuid": 3, "setfsuid": 4, "setgid": 5, "setregid": 6, "setresgid": 7, "setfsgid": 8,
		"setgroups": 9, "capset": 10,
	}
	nsOps     = map[string]uint32{"setns": 1, "unshare": 2}
	cgroupOps = map[string]uint32{"cgroup_mkdir": 1, "cgroup_rmdir": 2, "cgroup_attach": 3}
)

// origins are the numbers of enum exe_origin.
var origins = map[string]uint32{"unknown": 0, "lower": 1, "upper": 2, "volume": 3, "memfd": 4, "root": 5}

// capNames are the bits of capabilities (include/uapi/linux/capability.h), by number.
var capNames = map[string]uint{
	"CAP_CHOWN": 0, "CAP_DAC_OVERRIDE": 1, "CAP_DAC_READ_SEARCH": 2, "CAP_FOWNER": 3, "CAP_FSETID": 4, "CAP_KILL": 5, "CAP_SETGID": 6,
	"CAP_SETUID": 7, "CAP_SETPCAP": 8, "CAP_LINUX_IMMUTABLE": 9, "CAP_NET_BIND_SERVICE": 10, "CAP_NET_BROADCAST": 11, "CAP_NET_ADMIN": 12,
	"CAP_NET_RAW": 13, "CAP_IPC_LOCK": 14, "CAP_IPC_OWNER": 15, "CAP_SYS_MODULE": 16, "CAP_SYS_RAWIO": 17, "CAP_SYS_CHROOT": 18,
	"CAP_SYS_PTRACE": 19, "CAP_SYS_PACCT": 20, "CAP_SYS_ADMIN": 21, "CAP_SYS_BOOT": 22, "CAP_SYS_NICE": 23, "CAP_SYS_RESOURCE": 24,
	"CAP_SYS_TIME": 25, "CAP_SYS_TTY_CONFIG": 26, "CAP_MKNOD": 27, "CAP_LEASE": 28, "CAP_AUDIT_WRITE": 29, "CAP_AUDIT_CONTROL": 30,
	"CAP_SETFCAP": 31, "CAP_MAC_OVERRIDE": 32, "CAP_MAC_ADMIN": 33, "CAP_SYSLOG": 34, "CAP_WAKE_ALARM": 35, "CAP_BLOCK_SUSPEND": 36,
	"CAP_AUDIT_READ": 37, "CAP_PERFMON": 38, "CAP_BPF": 39, "CAP_CHECKPOINT_RESTORE": 40,
}

// Sets of capabilities: all of Linux 6.12, and those that containerd, CRI-O and Docker give a container that asks for nothing (CHOWN,
// DAC_OVERRIDE, FOWNER, FSETID, KILL, SETGID, SETUID, SETPCAP, NET_BIND_SERVICE, NET_RAW, SYS_CHROOT, MKNOD, AUDIT_WRITE, SETFCAP).
const (
	allCaps       = 1<<41 - 1
	containerCaps = 0xa80425fb
)

var capSets = map[string]uint64{"all": allCaps, "default": containerCaps, "none": 0}

// flagNames are the names of flags, as C has them.
var flagNames = map[string]uint64{
	"MS_RDONLY": unix.MS_RDONLY, "MS_NOSUID": unix.MS_NOSUID, "MS_NODEV": unix.MS_NODEV, "MS_NOEXEC": unix.MS_NOEXEC,
	"MS_SYNCHRONOUS": unix.MS_SYNCHRONOUS, "MS_REMOUNT": unix.MS_REMOUNT, "MS_MANDLOCK": unix.MS_MANDLOCK, "MS_DIRSYNC": unix.MS_DIRSYNC,
	"MS_NOSYMFOLLOW": unix.MS_NOSYMFOLLOW, "MS_NOATIME": unix.MS_NOATIME, "MS_NODIRATIME": unix.MS_NODIRATIME, "MS_BIND": unix.MS_BIND,
	"MS_MOVE": unix.MS_MOVE, "MS_REC": unix.MS_REC, "MS_SILENT": unix.MS_SILENT, "MS_POSIXACL": unix.MS_POSIXACL,
	"MS_UNBINDABLE": unix.MS_UNBINDABLE, "MS_PRIVATE": unix.MS_PRIVATE, "MS_SLAVE": unix.MS_SLAVE, "MS_SHARED": unix.MS_SHARED,
	"MS_RELATIME": unix.MS_RELATIME, "MS_I_VERSION": unix.MS_I_VERSION, "MS_STRICTATIME": unix.MS_STRICTATIME, "MS_LAZYTIME": unix.MS_LAZYTIME,

	"MNT_FORCE": unix.MNT_FORCE, "MNT_DETACH": unix.MNT_DETACH, "MNT_EXPIRE": unix.MNT_EXPIRE, "UMOUNT_NOFOLLOW": unix.UMOUNT_NOFOLLOW,

	"FSOPEN_CLOEXEC": unix.FSOPEN_CLOEXEC, "FSPICK_CLOEXEC": unix.FSPICK_CLOEXEC, "FSPICK_SYMLINK_NOFOLLOW": unix.FSPICK_SYMLINK_NOFOLLOW,
	"FSPICK_NO_AUTOMOUNT": unix.FSPICK_NO_AUTOMOUNT, "FSPICK_EMPTY_PATH": unix.FSPICK_EMPTY_PATH, "FSMOUNT_CLOEXEC": unix.FSMOUNT_CLOEXEC,

	"FSCONFIG_SET_FLAG": unix.FSCONFIG_SET_FLAG, "FSCONFIG_SET_STRING": unix.FSCONFIG_SET_STRING, "FSCONFIG_SET_BINARY": unix.FSCONFIG_SET_BINARY,
	"FSCONFIG_SET_PATH": unix.FSCONFIG_SET_PATH, "FSCONFIG_SET_PATH_EMPTY": unix.FSCONFIG_SET_PATH_EMPTY, "FSCONFIG_SET_FD": unix.FSCONFIG_SET_FD,
	"FSCONFIG_CMD_CREATE": unix.FSCONFIG_CMD_CREATE, "FSCONFIG_CMD_RECONFIGURE": unix.FSCONFIG_CMD_RECONFIGURE,

	"MOVE_MOUNT_F_SYMLINKS": unix.MOVE_MOUNT_F_SYMLINKS, "MOVE_MOUNT_F_AUTOMOUNTS": unix.MOVE_MOUNT_F_AUTOMOUNTS,
	"MOVE_MOUNT_F_EMPTY_PATH": unix.MOVE_MOUNT_F_EMPTY_PATH, "MOVE_MOUNT_T_SYMLINKS": unix.MOVE_MOUNT_T_SYMLINKS,
	"MOVE_MOUNT_T_AUTOMOUNTS": unix.MOVE_MOUNT_T_AUTOMOUNTS, "MOVE_MOUNT_T_EMPTY_PATH": unix.MOVE_MOUNT_T_EMPTY_PATH,
	"MOVE_MOUNT_SET_GROUP": unix.MOVE_MOUNT_SET_GROUP,

	"OPEN_TREE_CLONE": unix.OPEN_TREE_CLONE, "OPEN_TREE_CLOEXEC": unix.O_CLOEXEC, "AT_RECURSIVE": unix.AT_RECURSIVE,
	"AT_EMPTY_PATH": unix.AT_EMPTY_PATH, "AT_SYMLINK_NOFOLLOW": unix.AT_SYMLINK_NOFOLLOW, "AT_NO_AUTOMOUNT": unix.AT_NO_AUTOMOUNT,

	"MOUNT_ATTR_RDONLY": unix.MOUNT_ATTR_RDONLY, "MOUNT_ATTR_NOSUID": unix.MOUNT_ATTR_NOSUID, "MOUNT_ATTR_NODEV": unix.MOUNT_ATTR_NODEV,
	"MOUNT_ATTR_NOEXEC": unix.MOUNT_ATTR_NOEXEC, "MOUNT_ATTR_NOATIME": unix.MOUNT_ATTR_NOATIME, "MOUNT_ATTR_STRICTATIME": unix.MOUNT_ATTR_STRICTATIME,
	"MOUNT_ATTR_NODIRATIME": unix.MOUNT_ATTR_NODIRATIME, "MOUNT_ATTR_IDMAP": unix.MOUNT_ATTR_IDMAP, "MOUNT_ATTR_NOSYMFOLLOW": unix.MOUNT_ATTR_NOSYMFOLLOW,

	"CLONE_NEWNS": unix.CLONE_NEWNS, "CLONE_NEWPID": unix.CLONE_NEWPID, "CLONE_NEWNET": unix.CLONE_NEWNET, "CLONE_NEWIPC": unix.CLONE_NEWIPC,
	"CLONE_NEWUTS": unix.CLONE_NEWUTS, "CLONE_NEWCGROUP": unix.CLONE_NEWCGROUP, "CLONE_NEWUSER": unix.CLONE_NEWUSER, "CLONE_NEWTIME": unix.CLONE_NEWTIME,
	"CLONE_FS": unix.CLONE_FS, "CLONE_FILES": unix.CLONE_FILES, "CLONE_SYSVSEM": unix.CLONE_SYSVSEM,

	"PTRACE_ATTACH": unix.PTRACE_ATTACH, "PTRACE_SEIZE": unix.PTRACE_SEIZE,
}
