/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Credentials that a task changes by a call: setuid and its kin and setgroups (kernel/sys.c, kernel/groups.c) and capset
 * (kernel/capability.c), before and after, because the call's arguments alone do not tell what was gained. What exec changes is in
 * the record of the exec.
 */
#ifndef PARALLAX_CRED_H
#define PARALLAX_CRED_H

/* struct __user_cap_data_struct of include/uapi/linux/capability.h: two of them, the second with the upper halves. */
struct cap_data {
	__u32 effective, permitted, inheritable;
};

static __always_inline void read_capset(__u64 *to, __u64 from)
{
	struct cap_data data[2] = {};

	bpf_probe_read_user(data, sizeof(data), (void *)from);
	to[0] = data[0].effective | (__u64)data[1].effective << 32;
	to[1] = data[0].permitted | (__u64)data[1].permitted << 32;
	to[2] = data[0].inheritable | (__u64)data[1].inheritable << 32;
}

static __always_inline bool same_cred(const struct rec_cred *a, const struct rec_cred *b)
{
	const __u64 *x = (void *)a, *y = (void *)b;
	__u64 differ = 0;

#pragma unroll
	for (int i = 0; i < sizeof(*a) / sizeof(*x); i++)
		differ |= x[i] ^ y[i];
	return !differ;
}

/* Supplementary groups are not compared: to set them counts as a change. */
static __always_inline bool cred_changed(const struct call *call, const struct cred *cred, __s64 ret)
{
	struct rec_cred now;

	if (OP(call->call) == OP_SETGROUPS)
		return ret == 0;
	read_cred(&now, cred, PROBED);
	return !same_cred(&call->cred, &now);
}

/* cred is what the call leaves behind. */
static __always_inline void send_cred(enum ring ring, const struct call *call, struct task_struct *task, const struct who *who,
				      const struct cred *cred, __s64 ret)
{
	struct rec_creds *rec = reserve(ring, sizeof(*rec));

	if (!rec)
		return;
	fill_head(&rec->head, REC_CRED, task, who, PROBED);
	read_cred(&rec->head.cred, cred, PROBED);
	rec->op = OP(call->call);
	rec->ret = ret;
	__builtin_memcpy(rec->arg, call->args, sizeof(rec->arg));
	rec->before = call->cred;
	rec->ngroups_before = call->ngroups;
	rec->ngroups = BPF_CORE_READ(cred, group_info, ngroups);
	submit(&rec->head, sizeof(*rec));
}

static __always_inline void send_changed(const struct call *call, struct task_struct *task, const struct who *who, const struct cred *cred,
					 __s64 ret)
{
	if (cred_changed(call, cred, ret))
		send_cred(RARE, call, task, who, cred, ret);
	else
		send_cred(BULK, call, task, who, cred, ret);
}

/* Sends the record of the call that returns, if it was remembered. */
static __always_inline void cred_done(__u32 returns, __s64 ret)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	__u64 id;
	struct call *call = remembered(&id, returns);
	struct who who;

	if (!call)
		return;
	if (OP(call->call) == OP_CAPSET)
		read_capset(call->args, call->args[1]);
	in_scope(task, &who, PROBED);
	send_changed(call, task, &who, BPF_CORE_READ(task, cred), ret);
	bpf_map_delete_elem(&calls, &id);
}

SEC("fexit")
int cred_fexit(struct fexit *ctx)
{
	cred_done(call_in(regs_in(ctx)), ctx->ret);
	return 0;
}

/*
 * security_capset (security/security.c), which capset calls with the new credentials before they count, for kernels whose types know two
 * functions by the name of the call's own (Debian's 6.1 does). It does not see calls that fail before.
 */
SEC("fexit/security_capset")
int BPF_PROG(capset_fexit, const struct cred *new, const struct cred *old, const kernel_cap_t *effective, const kernel_cap_t *inheritable,
	     const kernel_cap_t *permitted, int ret)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct call call = { .call = CALL(FAMILY_CRED, OP_CAPSET) };
	struct who who;

	if (!watched(task, &who, PROBED) || runtime_setup(&who))
		return 0;
	read_cred(&call.cred, old, PROBED);
	call.ngroups = BPF_CORE_READ(old, group_info, ngroups);
	call.args[0] = capabilities(effective, PROBED);
	call.args[1] = capabilities(permitted, PROBED);
	call.args[2] = capabilities(inheritable, PROBED);
	send_changed(&call, task, &who, ret ? old : new, ret);
	return 0;
}

SEC("tracepoint")
int cred_tracepoint(struct trace_event_raw_sys_exit *ctx)
{
	cred_done(call_of(ctx->id), ctx->ret);
	return 0;
}

#endif
