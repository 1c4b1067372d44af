/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * What the programs know of the kernel's own types: only the members that they read. preserve_access_index makes each access a CO-RE
 * relocation, so that offsets are those of the running kernel. A type whose name ends in three underscores and a word is how other
 * kernels have the type of that name; the part from the underscores on is ignored when it is looked up.
 */
#ifndef PARALLAX_KERNEL_H
#define PARALLAX_KERNEL_H

typedef unsigned char __u8;
typedef signed char __s8;
typedef unsigned short __u16;
typedef short __s16;
typedef unsigned int __u32;
typedef int __s32;
typedef unsigned long long __u64;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
typedef _Bool bool;
enum {
	false,
	true,
};

enum bpf_map_type {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_LRU_HASH = 9,
	BPF_MAP_TYPE_RINGBUF = 27,
};

enum {
	BPF_ANY = 0,
	BPF_NOEXIST = 1,
};

enum {
	BPF_RB_FORCE_WAKEUP = 2,
};

/* include/linux/sched.h, include/linux/fs.h, include/linux/mount.h, include/uapi/linux/magic.h and their kin */
#define PF_KTHREAD 0x00200000
#define PFA_NO_NEW_PRIVS 0 /* bit number in task_struct.atomic_flags */
#define SIGNAL_GROUP_EXIT 0x00000004
#define MNT_NOSUID 0x01
#define SB_KERNMOUNT (1 << 22)
#define OVERLAYFS_SUPER_MAGIC 0x794c7630
#define TMPFS_MAGIC 0x01021994
#define HUGETLBFS_MAGIC 0x958458f6
#define S_IXGRP 0010
#define S_ISGID 02000
#define S_ISUID 04000

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
	int counter;
} atomic_t;
typedef struct {
	unsigned int val;
} kuid_t;
typedef struct {
	unsigned int val;
} kgid_t;

struct list_head {
	struct list_head *next, *prev;
};

/* Namespaces. */
struct ns_common {
	unsigned int inum;
};
struct user_namespace {
	struct ns_common ns;
	int level;
};
struct pid_namespace {
	struct ns_common ns;
	unsigned int level;
};
struct mnt_namespace {
	struct ns_common ns;
};
struct net {
	struct ns_common ns;
};
struct ipc_namespace {
	struct ns_common ns;
};
struct uts_namespace {
	struct ns_common ns;
};
struct cgroup_namespace {
	struct ns_common ns;
};
struct nsproxy {
	struct uts_namespace *uts_ns;
	struct ipc_namespace *ipc_ns;
	struct mnt_namespace *mnt_ns;
	struct pid_namespace *pid_ns_for_children;
	struct net *net_ns;
	struct cgroup_namespace *cgroup_ns;
};

/* Process ids. */
enum pid_type {
	PIDTYPE_PID,
	PIDTYPE_TGID,
	PIDTYPE_PGID,
	PIDTYPE_SID,
	PIDTYPE_MAX,
};
struct upid {
	int nr;
	struct pid_namespace *ns;
};
struct pid {
	unsigned int level;
	struct upid numbers[]; /* level + 1 of them */
};

/* Credentials. A set of capabilities is 8 bytes, but its type differs between kernels: it is read as bytes. */
typedef struct {
	__u64 val;
} kernel_cap_t;
struct group_info {
	int ngroups;
};
struct cred {
	kuid_t uid, suid, euid, fsuid;
	kgid_t gid, sgid, egid, fsgid;
	unsigned int securebits;
	kernel_cap_t cap_inheritable, cap_permitted, cap_effective, cap_bset, cap_ambient;
	struct user_namespace *user_ns;
	struct group_info *group_info;
};

/* Control groups. */
struct kernfs_node {
	__u64 id;
};
struct cgroup_subsys_state {
	struct cgroup *cgroup;
	struct cgroup_subsys_state *parent;
};
struct cgroup_root {
	int hierarchy_id; /* 0: the one of version 2 */
};
struct cgroup {
	struct cgroup_subsys_state self;
	int level; /* 0: the root of its hierarchy */
	struct kernfs_node *kn;
	struct cgroup_subsys_state *subsys[1];
	struct cgroup_root *root;
};
struct css_set {
	struct cgroup_subsys_state *subsys[1];
	struct cgroup *dfl_cgrp;
};
enum cgroup_subsys_id {
	memory_cgrp_id = 1, /* the running kernel's value is asked for */
};

/* Files. */
struct qstr {
	const unsigned char *name;
};
struct file_system_type {
	const char *name;
};
struct super_block {
	__u32 s_dev;
	unsigned long s_flags;
	unsigned long s_magic;
	struct file_system_type *s_type;
};
struct timespec64 {
	__s64 tv_sec;
	long tv_nsec;
};
struct inode {
	__u16 i_mode;
	kuid_t i_uid;
	kgid_t i_gid;
	struct super_block *i_sb;
	unsigned long i_ino;
	unsigned int i_nlink;
	__s64 i_mtime_sec, i_ctime_sec; /* since 6.11 */
	__u32 i_mtime_nsec, i_ctime_nsec;
};
struct inode___before_6_6 {
	struct timespec64 i_ctime;
};
struct inode___before_6_7 {
	struct timespec64 i_mtime;
};
struct inode___before_6_11 {
	struct timespec64 __i_mtime, __i_ctime;
};
struct dentry {
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
};
struct vfsmount {
	struct dentry *mnt_root;
	struct super_block *mnt_sb;
	int mnt_flags;
};
struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
	const char *mnt_devname;
};
struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};
struct file {
	struct inode *f_inode;
	struct path f_path;
};
struct fs_struct {
	struct path root, pwd;
};
struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};
struct files_struct {
	struct fdtable *fdt;
};

/* Tasks. */
struct tty_driver {
	int major;
	int minor_start;
};
struct tty_struct {
	struct tty_driver *driver;
	int index;
};
struct signal_struct {
	atomic_t live; /* threads that have not ended */
	int nr_threads; /* those, and the ended that were not yet released */
	unsigned int flags;
	int group_exit_code;
	unsigned int is_child_subreaper : 1;
	struct pid *pids[PIDTYPE_MAX];
	struct tty_struct *tty;
};
struct mm_struct {
	unsigned long arg_start, arg_end;
};
struct task_struct {
	unsigned int flags;
	unsigned long atomic_flags;
	int exit_code;
	int pid, tgid;
	__u64 start_boottime;
	struct task_struct *group_leader;
	struct task_struct *real_parent;
	struct list_head ptraced, ptrace_entry;
	struct pid *thread_pid;
	const struct cred *cred;
	char comm[16];
	struct fs_struct *fs;
	struct files_struct *files;
	struct nsproxy *nsproxy;
	struct signal_struct *signal;
	struct mm_struct *mm;
	struct css_set *cgroups;
	kuid_t loginuid; /* only where the kernel can audit */
};
struct linux_binprm {
	unsigned int secureexec : 1;
	struct file *file;
	int argc;
	const char *filename;
};

/* Registers of the task that made a system call, as its wrapper gets them. */
#if defined(__TARGET_ARCH_x86)
struct pt_regs {
	unsigned long r10, r9, r8, dx, si, di, orig_ax;
};
#elif defined(__TARGET_ARCH_arm64)
struct pt_regs {
	__u64 regs[31];
	__u64 orig_x0;
	__s32 syscallno;
};
#endif

/* What the tracepoints of system calls hand over (kernel/trace/trace_syscalls.c, perf_call_bpf_enter and perf_call_bpf_exit). */
struct trace_entry {
	int pid;
};
struct trace_event_raw_sys_enter {
	struct trace_entry ent;
	long id;
	unsigned long args[6];
};
struct trace_event_raw_sys_exit {
	struct trace_entry ent;
	long id;
	long ret;
};

#pragma clang attribute pop

#endif
