/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The head of every record: who did it, as the task and its real parent are at this moment. */
#ifndef PARALLAX_HEAD_H
#define PARALLAX_HEAD_H

#define LOGINUID_UNSET 0xffffffff

/* A set of capabilities, which is two __u32 before 6.3 and one __u64 since. */
static __always_inline __u64 capabilities(const kernel_cap_t *from, const enum how how)
{
	__u64 set = 0;

	if (how == PLAIN)
		return *(__u64 *)from;
	bpf_probe_read_kernel(&set, sizeof(set), from);
	return set;
}

static __always_inline void read_cred(struct rec_cred *to, const struct cred *cred, const enum how how)
{
	struct user_namespace *ns;

	__builtin_memset(to, 0, sizeof(*to));
	if (!cred)
		return;
	ns = GET(how, cred, user_ns);
	to->uid = GET(how, cred, uid.val);
	to->gid = GET(how, cred, gid.val);
	to->euid = GET(how, cred, euid.val);
	to->egid = GET(how, cred, egid.val);
	to->suid = GET(how, cred, suid.val);
	to->sgid = GET(how, cred, sgid.val);
	to->fsuid = GET(how, cred, fsuid.val);
	to->fsgid = GET(how, cred, fsgid.val);
	to->cap_inheritable = capabilities(&cred->cap_inheritable, how);
	to->cap_permitted = capabilities(&cred->cap_permitted, how);
	to->cap_effective = capabilities(&cred->cap_effective, how);
	to->cap_bounding = capabilities(&cred->cap_bset, how);
	to->cap_ambient = capabilities(&cred->cap_ambient, how);
	to->userns = GET(how, ns, ns.inum);
	to->userns_level = GET(how, ns, level);
	to->securebits = GET(how, cred, securebits);
}

/* The number that a pid has at a level, and the namespace of that level. The array has no length since 6.5, and length 1 before, where the verifier allows its first element only. */
static __always_inline __u32 number_at(struct pid *pid, __u32 level, struct pid_namespace **ns, const enum how how)
{
	struct upid *upid;

	if (how == PLAIN && level == 0) {
		*ns = pid->numbers[0].ns;
		return pid->numbers[0].nr;
	}
	if (how == PLAIN && level == 1 && bpf_core_field_size(pid->numbers) == 0) {
		*ns = pid->numbers[1].ns;
		return pid->numbers[1].nr;
	}
	upid = (void *)&pid->numbers + level * bpf_core_type_size(struct upid);
	*ns = BPF_CORE_READ(upid, ns);
	return BPF_CORE_READ(upid, nr);
}

/* The number that a pid has in a namespace; 0 where it has none, being outside. */
static __always_inline __u32 number_in(struct pid *pid, struct pid_namespace *ns, __u32 level, const enum how how)
{
	struct pid_namespace *own;
	__u32 number;

	if (GET(how, pid, level) < level)
		return 0;
	number = number_at(pid, level, &own, how);
	return own == ns ? number : 0;
}

static __always_inline void read_ns(struct rec_ns *to, struct nsproxy *proxy, struct pid_namespace *pidns, const enum how how)
{
	to->mnt = GET(how, proxy, mnt_ns, ns.inum);
	to->pid = BPF_CORE_READ(pidns, ns.inum);
	to->net = GET(how, proxy, net_ns, ns.inum);
	to->ipc = GET(how, proxy, ipc_ns, ns.inum);
	to->uts = GET(how, proxy, uts_ns, ns.inum);
	to->cgroup = GET(how, proxy, cgroup_ns, ns.inum);
}

/* The pid namespace that a task lives in; its children may be born into another. */
static __always_inline struct pid_namespace *pidns_of(struct task_struct *task, const enum how how)
{
	struct pid *pid = GET(how, task, thread_pid);
	struct pid_namespace *ns;

	number_at(pid, GET(how, pid, level), &ns, how);
	return ns;
}

static __always_inline void read_ids(struct rec_head *head, struct task_struct *task, struct pid_namespace *ns, const enum how how)
{
	struct signal_struct *signal = GET(how, task, signal);
	struct pid *tid = GET(how, task, thread_pid);
	struct pid *tgid = GET(how, signal, pids[PIDTYPE_TGID]);
	struct pid *pgid = GET(how, signal, pids[PIDTYPE_PGID]);
	struct pid *sid = GET(how, signal, pids[PIDTYPE_SID]);
	__u32 level = head->pidns_level;

	head->tid = GET(how, task, pid);
	head->sid = GET(how, sid, numbers[0].nr);
	head->pgid = GET(how, pgid, numbers[0].nr);
	head->vpid = number_in(tgid, ns, level, how);
	head->vtid = head->tid == head->pid ? head->vpid : number_in(tid, ns, level, how);
	head->vsid = number_in(sid, ns, level, how);
	head->vpgid = pgid == sid ? head->vsid : number_in(pgid, ns, level, how);
}

static __always_inline void read_comm(__u8 *to, struct task_struct *task, const enum how how)
{
	const __u64 *comm = (void *)task->comm;

	if (how == PROBED) {
		bpf_core_read(to, sizeof(task->comm), &task->comm);
		return;
	}
	((__u64 *)to)[0] = comm[0];
	((__u64 *)to)[1] = comm[1];
}

static __always_inline void read_parent(struct rec_head *head, struct task_struct *parent, struct pid_namespace *ns, const enum how how)
{
	struct signal_struct *signal = GET(how, parent, signal);
	struct pid_namespace *pidns = pidns_of(parent, how);

	head->ppid = GET(how, parent, tgid);
	head->vppid = number_in(GET(how, signal, pids[PIDTYPE_TGID]), ns, head->pidns_level, how);
	head->parent_start_ns = GET(how, parent, group_leader, start_boottime);
	head->parent_cgroup = cgroup_of(parent, how);
	head->parent_pidns = BPF_CORE_READ(pidns, ns.inum);
	head->parent_mntns = GET(how, parent, nsproxy, mnt_ns, ns.inum);
	read_comm(head->parent_comm, parent, how);
	if (GET(how, parent, flags) & PF_KTHREAD)
		head->flags |= F_KTHREAD_PARENT;
	if (how == PLAIN ? BPF_CORE_READ_BITFIELD(signal, is_child_subreaper) : BPF_CORE_READ_BITFIELD_PROBED(signal, is_child_subreaper))
		head->flags |= F_SUBREAPER_PARENT;
}

/* As tty_devnum in the kernel counts. */
static __always_inline __u32 tty_of(struct task_struct *task, const enum how how)
{
	struct tty_struct *tty = GET(how, task, signal, tty);
	struct tty_driver *driver;

	if (!tty)
		return 0;
	driver = GET(how, tty, driver);
	return GET(how, driver, major) << 20 | (GET(how, driver, minor_start) + GET(how, tty, index));
}

static __always_inline __u32 loginuid_of(struct task_struct *task, const enum how how)
{
	return bpf_core_field_exists(task->loginuid) ? GET(how, task, loginuid.val) : LOGINUID_UNSET;
}

/* Fills a record's head for a task that in_scope has looked at. */
static __always_inline void fill_head(struct rec_head *head, __u8 kind, struct task_struct *task, const struct who *who, const enum how how)
{
	struct pid_namespace *pidns = pidns_of(task, how);

	head->time_ns = bpf_ktime_get_boot_ns();
	head->seq = next_seq();
	head->cpu = bpf_get_smp_processor_id();
	head->kind = kind;
	head->version = REC_VERSION;
	head->flags = who->flags;
	head->lost = lost_records();
	head->start_ns = who->start_ns;
	head->cgroup = who->cgroup;
	head->pid = who->tgid;
	head->pidns_level = who->level;
	head->forker = 0;
	head->forker_start_ns = 0;
	read_ids(head, task, pidns, how);
	read_parent(head, GET(how, task, real_parent), pidns, how);
	read_ns(&head->ns, GET(how, task, nsproxy), pidns, how);
	read_cred(&head->cred, GET(how, task, cred), how);
	head->tty = tty_of(task, how);
	head->loginuid = loginuid_of(task, how);
	read_comm(head->comm, task, how);
	if (GET(how, task, atomic_flags) >> PFA_NO_NEW_PRIVS & 1)
		head->flags |= F_NO_NEW_PRIVS;
}

#endif
