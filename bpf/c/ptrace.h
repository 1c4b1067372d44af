/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Processes that are taken over: PTRACE_ATTACH and PTRACE_SEIZE (kernel/ptrace.c). After success the target is the first in the
 * caller's list of traced tasks (__ptrace_link), unless it has ended since, or children of the caller have made it trace them meanwhile.
 */
#ifndef PARALLAX_PTRACE_H
#define PARALLAX_PTRACE_H

#define TRACED_STEPS 8

/* The one with this number, in the pid namespace of task, of those that task came to trace last; 0: none of them has it. */
static __always_inline struct task_struct *traced(struct task_struct *task, __u32 vpid)
{
	struct pid_namespace *pidns = pidns_of(task, PROBED);
	struct list_head *next = BPF_CORE_READ(task, ptraced.next);
	__u32 level = BPF_CORE_READ(task, thread_pid, level);
	struct task_struct *target;
	int i;

	for (i = 0; i < TRACED_STEPS && next != &task->ptraced; i++) {
		target = container_of(next, struct task_struct, ptrace_entry);
		if (number_in(BPF_CORE_READ(target, thread_pid), pidns, level, PROBED) == vpid)
			return target;
		next = BPF_CORE_READ(next, next);
	}
	return 0;
}

static __always_inline void put_target(struct rec_ptrace *rec, struct task_struct *target)
{
	struct pid_namespace *pidns = pidns_of(target, PROBED);

	rec->target_pid = BPF_CORE_READ(target, tgid);
	rec->target_start_ns = BPF_CORE_READ(target, group_leader, start_boottime);
	rec->target_cgroup = cgroup_of(target, PROBED);
	rec->target_pidns = BPF_CORE_READ(pidns, ns.inum);
	rec->target_mntns = BPF_CORE_READ(target, nsproxy, mnt_ns, ns.inum);
	rec->target_uid = BPF_CORE_READ(target, cred, uid.val);
	bpf_core_read(rec->target_comm, sizeof(rec->target_comm), &target->comm);
}

static __always_inline void ptrace_done(const __u64 *args, __s64 ret)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct rec_ptrace *rec;
	struct who who;

	if (!worth_tracing(CALL(FAMILY_PTRACE, OP_PTRACE), args[0], task, &who))
		return;
	rec = reserve(ret < 0 ? BULK : RARE, sizeof(*rec));
	if (!rec)
		return;
	fill_head(&rec->head, REC_PTRACE, task, &who, PROBED);
	rec->request = args[0];
	rec->target_vpid = args[1];
	rec->ret = ret;
	put_target(rec, ret == 0 ? traced(task, args[1]) : 0);
	submit(&rec->head, sizeof(*rec));
}

SEC("fexit")
int ptrace_fexit(struct fexit *ctx)
{
	struct pt_regs *regs = regs_in(ctx);
	__u64 args[6];

	args_in(regs, args);
	ptrace_done(args, ctx->ret);
	return 0;
}

SEC("tracepoint")
int ptrace_tracepoint(struct trace_event_raw_sys_exit *ctx)
{
	__u64 id;
	struct call *call = remembered(&id, call_of(ctx->id));

	if (!call)
		return 0;
	ptrace_done(call->args, ctx->ret);
	bpf_map_delete_elem(&calls, &id);
	return 0;
}

#endif
