/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Programs that were started: tp_btf/sched_process_exec, which exec_binprm (fs/exec.c) calls when the new program is in place. The
 * arguments are then on the new stack, where nobody can have changed them since the kernel copied them, and credentials are the new ones.
 */
#ifndef PARALLAX_EXEC_H
#define PARALLAX_EXEC_H

#define EXEC_PATHS (3 * PATH_LEN_MAX) /* filename, exe, cwd */

struct exec_buf {
	struct walk walk;
	struct rec_exec rec;
	char text[EXEC_PATHS + ARGV_MAX];
};

enum exec_buf_slot {
	EXEC_BUF_FIRST,
	EXEC_BUF_SECOND,
	EXEC_BUF_FAILED,
	EXEC_BUFS,
};

/* One buffer for each program: one that is preempted is not run again on its CPU, but another may run there. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, EXEC_BUFS); /* 22 KB for each CPU */
	__type(key, __u32);
	__type(value, struct exec_buf);
} exec_scratch SEC(".maps");

static __always_inline __u64 to_ns(__s64 sec, __u32 nsec)
{
	return sec * 1000000000LL + nsec;
}

#define I_CTIME_QUERIED (1U << 31) /* a bit of i_ctime_nsec since 6.13: somebody has asked for this time (include/linux/fs.h) */

static __always_inline __u64 ctime_of(struct inode *inode)
{
	struct inode___before_6_11 *mid = (void *)inode;
	struct inode___before_6_6 *old = (void *)inode;

	if (bpf_core_field_exists(inode->i_ctime_sec))
		return to_ns(inode->i_ctime_sec, inode->i_ctime_nsec & ~I_CTIME_QUERIED);
	if (bpf_core_field_exists(mid->__i_ctime))
		return to_ns(mid->__i_ctime.tv_sec, mid->__i_ctime.tv_nsec);
	return to_ns(old->i_ctime.tv_sec, old->i_ctime.tv_nsec);
}

static __always_inline __u64 mtime_of(struct inode *inode)
{
	struct inode___before_6_11 *mid = (void *)inode;
	struct inode___before_6_7 *old = (void *)inode;

	if (bpf_core_field_exists(inode->i_mtime_sec))
		return to_ns(inode->i_mtime_sec, inode->i_mtime_nsec);
	if (bpf_core_field_exists(mid->__i_mtime))
		return to_ns(mid->__i_mtime.tv_sec, mid->__i_mtime.tv_nsec);
	return to_ns(old->i_mtime.tv_sec, old->i_mtime.tv_nsec);
}

/*
 * The dentry of an overlay's inode in the writable layer, 0 where the file is in a lower one only. It stands right behind the inode
 * in struct ovl_inode (fs/overlayfs/ovl_entry.h, 5.8 to 7.2), whose type the kernel's BTF lacks where overlay is a module.
 */
static __always_inline void *upper_dentry(struct inode *inode)
{
	void *upper = 0;

	bpf_probe_read_kernel(&upper, sizeof(upper), (void *)inode + bpf_core_type_size(struct inode));
	return upper;
}

/* Only the root's own overlay tells what came with the image: the layers of another are whatever made it chose. */
static __always_inline __u32 origin_of(struct inode *inode, struct vfsmount *mnt, struct vfsmount *root_mnt)
{
	struct super_block *sb = inode->i_sb;
	unsigned long magic = sb->s_magic;

	if (!sb)
		return EXE_UNKNOWN;
	if ((magic == TMPFS_MAGIC || magic == HUGETLBFS_MAGIC) && sb->s_flags & SB_KERNMOUNT)
		return EXE_MEMFD;
	if (magic == OVERLAYFS_SUPER_MAGIC && sb == BPF_CORE_READ(root_mnt, mnt_sb))
		return upper_dentry(inode) ? EXE_UPPER : EXE_LOWER;
	return mnt == root_mnt ? EXE_ROOT : EXE_VOLUME;
}

/* Says whether the file's set-id bits count, as bprm_fill_uid (fs/exec.c) holds, but for user namespaces that do not map the owner. */
static __always_inline bool setid_counts(__u32 mode, struct vfsmount *mnt, __u32 flags)
{
	bool setgid = (mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP);

	if (!(mode & S_ISUID) && !setgid)
		return false;
	return !(flags & F_NO_NEW_PRIVS) && !(mnt->mnt_flags & MNT_NOSUID);
}

static __always_inline void put_exe(struct rec_exec *rec, struct file *file, struct vfsmount *root_mnt)
{
	struct inode *inode = file->f_inode;
	struct vfsmount *mnt = file->f_path.mnt;

	rec->exe_ino = inode->i_ino;
	rec->exe_ctime_ns = ctime_of(inode);
	rec->exe_mtime_ns = mtime_of(inode);
	rec->exe_dev = BPF_CORE_READ(inode, i_sb, s_dev);
	rec->exe_mode = inode->i_mode;
	rec->exe_uid = inode->i_uid.val;
	rec->exe_gid = inode->i_gid.val;
	rec->exe_origin = origin_of(inode, mnt, root_mnt);
	if (inode->i_nlink == 0)
		rec->head.flags |= F_EXE_DELETED;
	if (setid_counts(rec->exe_mode, mnt, rec->head.flags))
		rec->head.flags |= F_SETUID_FILE;
}

/* Reads the block of arguments, start to end, to buf->text behind off. Returns the length of all texts. */
static __always_inline __u32 put_argv(struct exec_buf *buf, __u32 off, __u64 start, __u64 end)
{
	__u32 len = end > start ? end - start : 0;

	buf->rec.argv_total = len;
	if (len > ARGV_MAX)
		buf->rec.head.flags |= F_ARGV_CUT;
	CLAMP(len, ARGV_MAX);
	CLAMP(off, EXEC_PATHS);
	if (bpf_probe_read_user(buf->text + off, len, (void *)start)) {
		buf->rec.head.flags |= F_ARGV_FAULT;
		len = 0;
	}
	buf->rec.argv_len = len;
	return off + len;
}

static __always_inline __u32 put_exec(struct exec_buf *buf, struct task_struct *task, struct linux_binprm *bprm)
{
	struct file *file = bprm->file;
	struct fs_struct *fs = task->fs;
	struct rec_exec *rec = &buf->rec;
	__u32 off;

	rec->ret = 0;
	rec->execveat = 0;
	rec->argc = bprm->argc;
	if (BPF_CORE_READ_BITFIELD_PROBED(bprm, secureexec))
		rec->head.flags |= F_SECURE_EXEC;
	walk_below(&buf->walk, task);
	put_exe(rec, file, buf->walk.root_mnt);
	rec->filename_len = put_kernel_text(buf->text, bprm->filename, &rec->head.flags);
	off = AGAIN(rec->filename_len);
	rec->exe_len = put_path(&buf->walk, buf->text, off, &file->f_path, &rec->head.flags);
	off += AGAIN(rec->exe_len);
	rec->cwd_len = put_path(&buf->walk, buf->text, off, &fs->pwd, &rec->head.flags);
	off += AGAIN(rec->cwd_len);
	return put_argv(buf, off, task->mm->arg_start, task->mm->arg_end);
}

/*
 * Says whether a task that has started no program in scope is not yet inside: it is in a container's cgroup, but in the namespaces of a
 * parent outside. So runc is that executes itself anew, from a memfd, and was moved into the cgroup, or made there (CLONE_INTO_CGROUP),
 * before. A container's program has a mount namespace of its own.
 */
static __always_inline bool on_its_way(struct task_struct *task, const struct who *who)
{
	__u64 cgroup;

	if (!(who->flags & F_RUNTIME) || (who->flags & (F_SCOPE_PIDNS | F_SCOPE_MNTNS)))
		return false;
	if (who->mntns != GET(PLAIN, task, real_parent, nsproxy, mnt_ns, ns.inum))
		return false;
	cgroup = cgroup_of(task->real_parent, PLAIN);
	return !bpf_map_lookup_elem(&cgroups, &cgroup);
}

/* Finds out whether the exec is an entry, and marks the task as one that has started a program. Returns whether it is to be told of. */
static __always_inline bool start_in_scope(struct task_struct *task, struct who *who)
{
	if (on_its_way(task, who))
		return !runtime_setup(who) || cfg_host;
	if (who->flags & F_RUNTIME)
		who->flags = (who->flags & ~F_RUNTIME) | F_ENTRY;
	if (who->flags & F_ENTRY || (who->flags && !(who->flags & F_SCOPE_MARK)))
		set_mark(who->tgid, who->start_ns, MARK_STARTED);
	return true;
}

static __always_inline void program_begins(struct task_struct *task, int old_pid, struct linux_binprm *bprm, const enum turn turn)
{
	__u32 slot = turn == FIRST ? EXEC_BUF_FIRST : EXEC_BUF_SECOND, size;
	struct exec_buf *buf = bpf_map_lookup_elem(&exec_scratch, &slot);
	struct who who;

	if (!buf || !watched(task, &who, PLAIN) || already_told(REC_EXEC, turn))
		return;
	if (cfg_failed_execs)
		forget(who.tgid, old_pid);
	if (!start_in_scope(task, &who))
		return;
	fill_head(&buf->rec.head, REC_EXEC, task, &who, PLAIN);
	size = sizeof(buf->rec) + put_exec(buf, task, bprm);
	CLAMP(size, sizeof(buf->rec) + sizeof(buf->text));
	if (who.flags & F_ENTRY)
		send(RARE, &buf->rec.head, size, WAKE_NOW);
	else
		send(BULK, &buf->rec.head, size, WAKE_FIRST);
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(exec, struct task_struct *task, int old_pid, struct linux_binprm *bprm)
{
	program_begins(task, old_pid, bprm, FIRST);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(exec_again, struct task_struct *task, int old_pid, struct linux_binprm *bprm)
{
	program_begins(task, old_pid, bprm, SECOND);
	return 0;
}

#endif
