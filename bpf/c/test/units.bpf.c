// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Programs for tests, which call one function of the sensor's each, for the task that runs them (BPF_PROG_RUN of a raw tracepoint's
 * program, Linux 5.10), and leave what it gives in the map units.
 */
#include "../kernel.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

#include "../record.h"
#include "../get.h"
#include "../ring.h"
#include "../twice.h"
#include "../scope.h"
#include "../head.h"
#include "../paths.h"
#include "../call.h"
#include "../exec.h"
#include "../tree.h"
#include "../mount.h"
#include "../cred.h"
#include "../ns.h"
#include "../ptrace.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define TEXT_MAX 8192

struct unit {
	struct rec_exec rec;
	struct who who;
	__u32 value;
	__u32 len;
	__u8 text[TEXT_MAX];
};

const struct unit *unit_named __attribute__((unused));

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct unit);
} units SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct exec_buf);
} bufs SEC(".maps");

static __always_inline struct unit *unit(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&units, &zero);
}

static __always_inline struct exec_buf *buf(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&bufs, &zero);
}

static __always_inline void tell(struct unit *unit, struct exec_buf *buf, __u32 len)
{
	CLAMP(len, sizeof(buf->text));
	unit->rec = buf->rec;
	unit->len = len;
	bpf_probe_read_kernel(unit->text, len, buf->text);
}

SEC("raw_tp")
int unit_scope(void *ctx)
{
	struct unit *u = unit();
	struct who who;

	if (!u)
		return 0;
	u->value = watched((void *)bpf_get_current_task(), &who, PROBED);
	u->who = who;
	return 0;
}

SEC("raw_tp")
int unit_head(void *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct unit *u = unit();
	struct who who;

	if (!u)
		return 0;
	in_scope(task, &who, PROBED);
	fill_head(&u->rec.head, REC_EXEC, task, &who, PROBED);
	return 0;
}

/* The context is the process id and start of a child that the task makes. */
SEC("raw_tp")
int unit_inherit(__u64 *ctx)
{
	struct who parent, child = { .tgid = ctx[0], .start_ns = ctx[1] };
	struct unit *u = unit();

	if (!u)
		return 0;
	u->value = in_scope((void *)bpf_get_current_task(), &parent, PROBED);
	if (u->value)
		inherit_mark(&parent, &child);
	u->who = child;
	return 0;
}

SEC("raw_tp")
int unit_cwd(void *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct fs_struct *fs = BPF_CORE_READ(task, fs);
	struct exec_buf *b = buf();
	struct unit *u = unit();

	if (!b || !u)
		return 0;
	b->rec.head.flags = 0;
	walk_below(&b->walk, task);
	tell(u, b, put_path(&b->walk, b->text, 0, &fs->pwd, &b->rec.head.flags));
	return 0;
}

SEC("raw_tp")
int unit_argv(void *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct mm_struct *mm = BPF_CORE_READ(task, mm);
	struct exec_buf *b = buf();
	struct unit *u = unit();

	if (!b || !u)
		return 0;
	b->rec.head.flags = 0;
	tell(u, b, put_argv(b, 0, BPF_CORE_READ(mm, arg_start), BPF_CORE_READ(mm, arg_end)));
	return 0;
}

/* The context is the number of a system call. */
SEC("raw_tp")
int unit_call(__u64 *ctx)
{
	struct unit *u = unit();

	if (u)
		u->value = call_of(ctx[0]);
	return 0;
}

/* The context is the numbers of a system call that begins, of the one that returns then, what it returns, and its first argument. */
SEC("raw_tp")
int unit_ns(__u64 *ctx)
{
	__u64 args[6] = { ctx[3] };

	begin(call_of(ctx[0]), args);
	ns_done(call_of(ctx[1]), ctx[2]);
	return 0;
}

/* The context is the enum mount_op, what it returns, and the third argument. */
SEC("raw_tp")
int unit_mount(__u64 *ctx)
{
	__u64 args[6] = { [2] = ctx[2] };

	mount_done(ctx[0], args, ctx[1]);
	return 0;
}

/* The context is the address of a text of the task. */
SEC("raw_tp")
int unit_text(__u64 *ctx)
{
	struct exec_buf *b = buf();
	struct unit *u = unit();

	if (!b || !u)
		return 0;
	b->rec.head.flags = 0;
	tell(u, b, put_user_text(b->text, ctx[0], &b->rec.head.flags));
	return 0;
}

/* The context is what ptrace returns, and whom it attached to. */
SEC("raw_tp")
int unit_ptrace(__u64 *ctx)
{
	__u64 args[6] = { PTRACE_ATTACH, ctx[1] };

	ptrace_done(args, ctx[0]);
	return 0;
}

/* As unit_ns, without an argument. */
SEC("raw_tp")
int unit_cred(__u64 *ctx)
{
	__u64 args[6] = {};

	begin(call_of(ctx[0]), args);
	cred_done(call_of(ctx[1]), ctx[2]);
	return 0;
}
