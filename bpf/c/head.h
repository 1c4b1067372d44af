/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/* The head of every record: who did it, as the task and its real parent are at this moment. */
#ifndef PARALLAX_HEAD_H
#define PARALLAX_HEAD_H

#define LOGINUID_UNSET 0xffffffff

static __always_inline void read_cred(struct rec_cred *to, const struct cred *cred)
{
	struct user_namespace *ns = BPF_CORE_READ(cred, user_ns);

	to->uid = BPF_CORE_READ(cred, uid.val);
	to->gid = BPF_CORE_READ(cred, gid.val);
	to->euid = BPF_CORE_READ(cred, euid.val);
	to->egid = BPF_CORE_READ(cred, egid.val);
	to->suid = BPF_CORE_READ(cred, suid.val);
	to->sgid = BPF_CORE_READ(cred, sgid.val);
	to->fsuid = BPF_CORE_READ(cred, fsuid.val);
	to->fsgid = BPF_CORE_READ(cred, fsgid.val);
	bpf_core_read(&to->cap_inheritable, sizeof(__u64), &cred->cap_inheritable);
	bpf_core_read(&to->cap_permitted, sizeof(__u64), &cred->cap_permitted);
	bpf_core_read(&to->cap_effective, sizeof(__u64), &cred->cap_effective);
	bpf_core_read(&to->cap_bounding, sizeof(__u64), &cred->cap_bset);
	bpf_core_read(&to->cap_ambient, sizeof(__u64), &cred->cap_ambient);
	to->userns = BPF_CORE_READ(ns, ns.inum);
	to->userns_level = BPF_CORE_READ(ns, level);
	to->securebits = BPF_CORE_READ(cred, securebits);
	to->pad = 0;
}

/* The number that a pid has at a level, and the namespace of that level. */
static __always_inline __u32 number_at(struct pid *pid, __u32 level, struct pid_namespace **ns)
{
	struct upid *upid = (void *)&pid->numbers + level * bpf_core_type_size(struct upid);

	*ns = BPF_CORE_READ(upid, ns);
	return BPF_CORE_READ(upid, nr);
}

/* The number that a pid has in a namespace; 0 where it has none, being outside. */
static __always_inline __u32 number_in(struct pid *pid, struct pid_namespace *ns, __u32 level)
{
	struct pid_namespace *own;
	__u32 number;

	if (BPF_CORE_READ(pid, level) < level)
		return 0;
	number = number_at(pid, level, &own);
	return own == ns ? number : 0;
}

static __always_inline void read_ns(struct rec_ns *to, struct nsproxy *proxy, struct pid_namespace *pidns)
{
	to->mnt = BPF_CORE_READ(proxy, mnt_ns, ns.inum);
	to->pid = BPF_CORE_READ(pidns, ns.inum);
	to->net = BPF_CORE_READ(proxy, net_ns, ns.inum);
	to->ipc = BPF_CORE_READ(proxy, ipc_ns, ns.inum);
	to->uts = BPF_CORE_READ(proxy, uts_ns, ns.inum);
	to->cgroup = BPF_CORE_READ(proxy, cgroup_ns, ns.inum);
}

/* The pid namespace that a task lives in; its children may be born into another. */
static __always_inline struct pid_namespace *pidns_of(struct task_struct *task)
{
	struct pid *pid = BPF_CORE_READ(task, thread_pid);
	struct pid_namespace *ns;

	number_at(pid, BPF_CORE_READ(pid, level), &ns);
	return ns;
}

static __always_inline void read_ids(struct rec_head *head, struct task_struct *task, struct signal_struct *signal, struct task_struct *parent)
{
	struct pid *tgid = BPF_CORE_READ(signal, pids[PIDTYPE_TGID]);
	struct pid *pgid = BPF_CORE_READ(signal, pids[PIDTYPE_PGID]);
	struct pid *sid = BPF_CORE_READ(signal, pids[PIDTYPE_SID]);
	struct pid *tid = BPF_CORE_READ(task, thread_pid);
	__u32 level = head->pidns_level;
	struct pid_namespace *ns, *initial;

	head->tid = BPF_CORE_READ(task, pid);
	head->vtid = number_at(tid, level, &ns);
	head->vpid = number_in(tgid, ns, level);
	head->ppid = BPF_CORE_READ(parent, tgid);
	head->vppid = number_in(BPF_CORE_READ(parent, signal, pids[PIDTYPE_TGID]), ns, level);
	head->sid = number_at(sid, 0, &initial);
	head->vsid = number_in(sid, ns, level);
	head->pgid = number_at(pgid, 0, &initial);
	head->vpgid = number_in(pgid, ns, level);
	read_ns(&head->ns, BPF_CORE_READ(task, nsproxy), ns);
}

static __always_inline void read_parent(struct rec_head *head, struct task_struct *parent)
{
	struct signal_struct *signal = BPF_CORE_READ(parent, signal);

	head->parent_start_ns = BPF_CORE_READ(parent, group_leader, start_boottime);
	head->parent_cgroup = cgroup_of(parent);
	head->parent_pidns = BPF_CORE_READ(pidns_of(parent), ns.inum);
	head->parent_mntns = BPF_CORE_READ(parent, nsproxy, mnt_ns, ns.inum);
	bpf_core_read(head->parent_comm, sizeof(head->parent_comm), &parent->comm);
	if (BPF_CORE_READ(parent, flags) & PF_KTHREAD)
		head->flags |= F_KTHREAD_PARENT;
	if (BPF_CORE_READ_BITFIELD_PROBED(signal, is_child_subreaper))
		head->flags |= F_SUBREAPER_PARENT;
}

/* As tty_devnum in the kernel counts. */
static __always_inline __u32 tty_of(struct signal_struct *signal)
{
	struct tty_struct *tty = BPF_CORE_READ(signal, tty);
	struct tty_driver *driver;

	if (!tty)
		return 0;
	driver = BPF_CORE_READ(tty, driver);
	return BPF_CORE_READ(driver, major) << 20 | (BPF_CORE_READ(driver, minor_start) + BPF_CORE_READ(tty, index));
}

static __always_inline __u32 loginuid_of(struct task_struct *task)
{
	if (!bpf_core_field_exists(task->loginuid))
		return LOGINUID_UNSET;
	return BPF_CORE_READ(task, loginuid.val);
}

/* Fills a record's head for a task that in_scope has looked at. */
static __always_inline void fill_head(struct rec_head *head, __u8 kind, struct task_struct *task, const struct who *who)
{
	struct signal_struct *signal = BPF_CORE_READ(task, signal);
	struct task_struct *parent = BPF_CORE_READ(task, real_parent);

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
	read_ids(head, task, signal, parent);
	read_parent(head, parent);
	head->tty = tty_of(signal);
	head->loginuid = loginuid_of(task);
	bpf_core_read(head->comm, sizeof(head->comm), &task->comm);
	read_cred(&head->cred, BPF_CORE_READ(task, cred));
	if (BPF_CORE_READ(task, atomic_flags) >> PFA_NO_NEW_PRIVS & 1)
		head->flags |= F_NO_NEW_PRIVS;
}

#endif
