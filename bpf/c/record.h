/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The records that the programs write to the rings. User space reads the same layout, as Go types made from this object's BTF.
 *
 * A record is a struct rec_*, which begins with a struct rec_head, and behind it the texts whose lengths the struct tells, one after
 * the other in the order of their length fields. Integers are little-endian. Texts are what the kernel or the process had: any byte may
 * occur in them, they do not end in NUL unless the comment says so, and a flag of the head says which were cut.
 *
 * Times are nanoseconds of CLOCK_BOOTTIME. Process ids are those of the initial namespace unless the name begins with v.
 * Whoever changes a layout raises REC_VERSION: recordings hold these bytes.
 */
#ifndef PARALLAX_RECORD_H
#define PARALLAX_RECORD_H

#define REC_VERSION 1

/* Upper bounds, in bytes, of the texts of one record. */
#define ARGV_MAX 4096 /* the block of arguments; argv_total tells how long it is in truth */
#define PATH_LEN_MAX 1024 /* a path, or any other text */

enum rec_kind {
	REC_EXEC = 1, /* a program was started, or could not be */
	REC_FORK = 2, /* a process was made; the head tells of the child */
	REC_EXIT = 3, /* the last thread of a process ended */
	REC_MOUNT = 4,
	REC_CRED = 5, /* setuid, capset and their kin */
	REC_NS = 6, /* setns, unshare */
	REC_PTRACE = 7,
	REC_CGROUP = 8,
};

/* Bits of rec_head.flags. */
enum rec_flags {
	/* Why the task is in scope: each that holds. */
	F_SCOPE_PIDNS = 1 << 0, /* its pid namespace is below the initial one */
	F_SCOPE_CGROUP = 1 << 1, /* its cgroup is a container's, or below one */
	F_SCOPE_MNTNS = 1 << 2, /* its mount namespace is a container's */
	F_SCOPE_MARK = 1 << 3, /* an ancestor was in scope when it forked */
	/*
	 * The task has not yet started a program in scope: it is the container runtime or nsenter, at work inside. On REC_EXEC: the
	 * runtime executes itself, in the container's cgroup but not yet in its namespaces.
	 */
	F_RUNTIME = 1 << 4,
	/* REC_EXEC: the first program that the task, or any ancestor back to its entry, starts in scope. */
	F_ENTRY = 1 << 5,
	F_NO_NEW_PRIVS = 1 << 6,
	F_KTHREAD_PARENT = 1 << 7, /* the real parent is a kernel thread */
	F_ARGV_CUT = 1 << 8,
	F_PATH_CUT = 1 << 9, /* at least one path or other text is cut */
	F_ARGV_FAULT = 1 << 10, /* the arguments could not be read: the page is not there */
	F_EXE_DELETED = 1 << 11, /* the executable has no name any more */
	F_SECURE_EXEC = 1 << 12, /* the kernel holds that the exec gained rights (AT_SECURE) */
	F_SETUID_FILE = 1 << 13, /* the executable has the set-user-id or set-group-id bit, and mount and no_new_privs let it count */
	F_SUBREAPER_PARENT = 1 << 14, /* the real parent is a child subreaper, as containerd's and CRI-O's shims are */
};

/* Where an executable comes from. */
enum exe_origin {
	EXE_UNKNOWN = 0,
	EXE_LOWER = 1, /* a lower layer of the overlay that is the root: it came with the image */
	EXE_UPPER = 2, /* the writable layer of that overlay */
	EXE_VOLUME = 3, /* another mount than the root: a volume, /dev/shm, a bind mount, another overlay */
	EXE_MEMFD = 4, /* a file in memory, made by memfd_create */
	EXE_ROOT = 5, /* the root mount, which is no overlay: layers cannot be told apart */
};

enum mount_op {
	OP_MOUNT = 1,
	OP_UMOUNT = 2,
	OP_FSOPEN = 3,
	OP_FSCONFIG = 4,
	OP_FSMOUNT = 5,
	OP_MOVE_MOUNT = 6,
	OP_OPEN_TREE = 7,
	OP_MOUNT_SETATTR = 8,
	OP_PIVOT_ROOT = 9,
	OP_FSPICK = 10,
};

enum cred_op {
	OP_SETUID = 1,
	OP_SETREUID = 2,
	OP_SETRESUID = 3,
	OP_SETFSUID = 4,
	OP_SETGID = 5,
	OP_SETREGID = 6,
	OP_SETRESGID = 7,
	OP_SETFSGID = 8,
	OP_SETGROUPS = 9,
	OP_CAPSET = 10,
};

enum ns_op {
	OP_SETNS = 1,
	OP_UNSHARE = 2,
};

enum cgroup_op {
	OP_CGROUP_MKDIR = 1,
	OP_CGROUP_RMDIR = 2,
	OP_CGROUP_ATTACH = 3,
};

/* Credentials of a task (struct cred). Ids are those of the initial user namespace (kuid), 0xffffffff where none maps. */
struct rec_cred {
	__u32 uid, gid, euid, egid, suid, sgid, fsuid, fsgid;
	__u64 cap_inheritable, cap_permitted, cap_effective, cap_bounding, cap_ambient;
	__u32 userns; /* inode number of the user namespace */
	__u32 userns_level; /* 0: the initial one */
	__u32 securebits;
	__u32 pad;
};

/* Inode numbers of the namespaces of a task. */
struct rec_ns {
	__u32 mnt, pid, net, ipc, uts, cgroup;
};

struct rec_head {
	__u64 time_ns; /* boot time */
	__u64 seq; /* counts the records of this CPU over both rings, lost ones included, from 1 */
	__u32 size; /* of struct and texts, in bytes */
	__u16 cpu;
	__u8 kind; /* enum rec_kind */
	__u8 version; /* REC_VERSION */
	__u32 flags; /* enum rec_flags */
	__u32 lost; /* records that this CPU has lost so far, for whatever reason */

	__u64 start_ns; /* boot time at which the process (its first thread) began */
	__u64 parent_start_ns; /* the same of the real parent */
	__u64 cgroup; /* id of the task's cgroup: inode number of its folder; bit 63 set: a folder of the v1 memory hierarchy */
	__u64 parent_cgroup;
	__u64 forker_start_ns; /* of forker */
	__u32 pid, tid, vpid, vtid; /* process and thread; as the innermost pid namespace numbers them */
	__u32 ppid, vppid; /* real parent; vppid is 0 where it is outside of the namespace */
	__u32 sid, pgid, vsid, vpgid; /* session and process group */
	__u32 pidns_level; /* 0: the initial pid namespace */
	__u32 parent_pidns, parent_mntns;
	__u32 tty; /* major << 20 | minor of the controlling terminal; 0: none */
	__u32 loginuid; /* 0xffffffff: nobody logged in */
	struct rec_ns ns;
	__u32 forker; /* REC_FORK: the process that made the child; it is not the parent where it called clone with CLONE_PARENT. Else 0 */
	__u8 comm[16]; /* ends in NUL, or not where it is 16 long */
	__u8 parent_comm[16];
	struct rec_cred cred; /* after the call, where the record is about one */
};

/* Texts: filename, exe, cwd, argv. Paths exe and cwd come as components from the leaf to the root, each ending in NUL, without slashes. */
struct rec_exec {
	struct rec_head head;
	__u64 exe_ino;
	__u64 exe_ctime_ns, exe_mtime_ns; /* wall clock UTC, since 1970 */
	__u32 exe_dev; /* s_dev of the file system */
	__u32 exe_mode; /* st_mode */
	__u32 exe_uid, exe_gid; /* owner, as the initial user namespace numbers it */
	__u32 exe_origin; /* enum exe_origin */
	__s32 ret; /* 0, or the negative error of a failed exec */
	__u32 argc; /* how many arguments there are in truth */
	__u32 argv_total; /* how many bytes they take in truth, each with its NUL */
	__u16 filename_len; /* as the caller gave it, without NUL; of a script, the script */
	__u16 exe_len;
	__u16 cwd_len;
	__u16 argv_len; /* the arguments, each ending in NUL, the last perhaps cut; behind the kernel's insertion of #! interpreters */
	__u64 execveat; /* 1: execveat, 0: execve; of failed execs only */
};

struct rec_exit {
	struct rec_head head;
	__u32 code; /* as wait(2) has it: status << 8 | signal */
	__u32 pad;
};

/*
 * Texts: source, target, fstype, data.
 * mount: all four, as the caller gave them. umount2: target. fsopen: fstype. fsconfig: source holds the key, data the value.
 * fsmount: source and fstype of the mount that was made, by the kernel's own account, where the call succeeded. move_mount: the same of the
 * mount that was moved, target the caller's.
 * open_tree, mount_setattr, fspick: source is the path. pivot_root: source is new_root, target is put_old.
 */
struct rec_mount {
	struct rec_head head;
	__u32 op; /* enum mount_op */
	__s32 fd; /* fsconfig, fsmount: the file system context; move_mount: from_dfd; open_tree, mount_setattr, fspick: dfd */
	__s64 ret; /* what the call returned */
	__u64 flags; /* flags of the call; fsconfig: the command */
	__u64 attr; /* fsmount: mount attributes; mount_setattr: attr_set; move_mount: to_dfd */
	__u64 attr_clear; /* mount_setattr; 0 elsewhere */
	__u64 propagation; /* mount_setattr; 0 elsewhere */
	__u32 mount_dev; /* move_mount, fsmount: s_dev of the file system, where it is known; else 0 */
	__u32 pad;
	__u16 source_len, target_len, fstype_len, data_len;
};

/* head.cred is what the call left behind. */
struct rec_creds {
	struct rec_head head;
	__u32 op; /* enum cred_op */
	__s32 ret;
	__u64 arg[3]; /* of the call; ids are those of the caller's user namespace; capset: effective, permitted, inheritable */
	struct rec_cred before;
	__u32 ngroups_before, ngroups; /* supplementary groups */
};

/* head.ns and head.cred are what the call left behind. */
struct rec_nsop {
	struct rec_head head;
	__u32 op; /* enum ns_op */
	__s32 ret;
	__u64 flags; /* unshare: CLONE_NEW*; setns: the type asked for */
	__s32 fd; /* setns */
	__u32 userns_before;
	struct rec_ns before;
	__u32 children_pidns_before, children_pidns; /* pid namespace that children are born into */
	__u64 pad;
};

/* The target is known where the call succeeded; else only its number as the caller gave it. */
struct rec_ptrace {
	struct rec_head head;
	__u32 request; /* PTRACE_ATTACH, PTRACE_SEIZE */
	__u32 target_vpid;
	__s64 ret;
	__u64 target_start_ns;
	__u64 target_cgroup;
	__u32 target_pid;
	__u32 target_pidns, target_mntns, target_uid;
	__u8 target_comm[16];
};

/* Texts: path, from the root of the hierarchy. The head tells of who made or removed the cgroup, or of the process that was moved. */
struct rec_cgroup {
	struct rec_head head;
	__u64 id; /* as rec_head.cgroup */
	__u64 parent_id; /* of the folder above */
	__u32 op; /* enum cgroup_op */
	__u16 path_len;
	__u16 pad;
};

/* Why a record, or a part of what the programs know, was lost; indices of the map lost. */
enum lost_reason {
	LOST_RARE_FULL = 0, /* the ring of rare records was full */
	LOST_BULK_FULL = 1, /* the ring of execs, forks and exits was full */
	LOST_MARKS_FULL = 2, /* no room to mark a process; who is in scope by then counts as having started a program there */
	LOST_CALLS_FULL = 3, /* no room to remember the arguments of a call until it returns */
	LOST_CGROUPS_FULL = 4, /* no room for a folder below a container's cgroup: who is in it may not be known to be in the container */
	LOST_REASONS = 5,
};

#endif
