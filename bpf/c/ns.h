/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Namespaces that a task enters or makes: setns (kernel/nsproxy.c) and unshare (kernel/fork.c), before and after. setns is recorded
 * where the task is in scope before or after it: from the node into a container and out of one.
 */
#ifndef PARALLAX_NS_H
#define PARALLAX_NS_H

/* What unshare takes apart that are namespaces: CLONE_NEW* of include/uapi/linux/sched.h. */
#define NAMESPACES 0x7e020080

/* Without a namespace to make, unshare takes no rights. */
static __always_inline enum ring ns_ring(const struct call *call, __s64 ret)
{
	if (ret < 0 || (OP(call->call) == OP_UNSHARE && !(call->args[0] & NAMESPACES)))
		return BULK;
	return RARE;
}

static __always_inline void send_ns(const struct call *call, struct task_struct *task, const struct who *who, __s64 ret)
{
	struct rec_nsop *rec = reserve(ns_ring(call, ret), sizeof(*rec));

	if (!rec)
		return;
	fill_head(&rec->head, REC_NS, task, who, PROBED);
	rec->op = OP(call->call);
	rec->ret = ret;
	rec->fd = rec->op == OP_SETNS ? call->args[0] : -1;
	rec->flags = rec->op == OP_SETNS ? (__u32)call->args[1] : call->args[0];
	rec->userns_before = call->cred.userns;
	rec->before = call->ns;
	rec->children_pidns_before = call->children_pidns;
	rec->children_pidns = BPF_CORE_READ(task, nsproxy, pid_ns_for_children, ns.inum);
	rec->pad = 0;
	submit(&rec->head, sizeof(*rec));
}

/* Sends the record of the call that returns, if it was remembered. */
static __always_inline void ns_done(__u32 returns, __s64 ret)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	__u64 id;
	struct call *call = remembered(&id, returns);
	struct who who;

	if (!call)
		return;
	if (watched(task, &who, PROBED) || call->flags)
		send_ns(call, task, &who, ret);
	bpf_map_delete_elem(&calls, &id);
}

SEC("fexit")
int ns_fexit(struct fexit *ctx)
{
	ns_done(call_in(regs_in(ctx)), ctx->ret);
	return 0;
}

SEC("tracepoint")
int ns_tracepoint(struct trace_event_raw_sys_exit *ctx)
{
	ns_done(call_of(ctx->id), ctx->ret);
	return 0;
}

#endif
