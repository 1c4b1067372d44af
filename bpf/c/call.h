/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * System calls: which are traced, and how the programs get at them.
 *
 * Where the kernel has trampolines, fexit programs hang on the function of each call (__x64_sys_mount), whose only argument is the
 * registers of the caller, and cost nothing to other calls. Where it has not, the tracepoints of each call do, which put every task of
 * the machine on the slow way through all its calls. Arguments in memory are read when the call returns: the kernel has just read
 * them itself, so their pages are there. What a call changes must be known from before, and is remembered when it begins.
 *
 * Calls of 32-bit programs do not come this way.
 */
#ifndef PARALLAX_CALL_H
#define PARALLAX_CALL_H

enum family {
	FAMILY_MOUNT = 1,
	FAMILY_CRED,
	FAMILY_NS,
	FAMILY_PTRACE,
	FAMILY_EXEC,
};

const volatile __u32 cfg_failed_execs; /* 1: programs that could not be started, too */

/* A call is its family and, as records have it, its op. */
#define CALL(family, op) ((family) << 8 | (op))
#define FAMILY(call) ((call) >> 8)
#define OP(call) ((call) & 0xff)

#define OP_EXECVE 0
#define OP_EXECVEAT 1
#define OP_PTRACE 0

/* A call that has begun. */
struct call {
	__u64 args[6];
	__u32 call;
	__u32 flags; /* of the task's scope */
	struct rec_cred cred;
	struct rec_ns ns;
	__u32 children_pidns;
	__u32 ngroups;
};

/* Calls that have begun and not returned, by bpf_get_current_pid_tgid. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192); /* 2 MB */
	__type(key, __u64);
	__type(value, struct call);
} calls SEC(".maps");

/* System call numbers: arch/x86/entry/syscalls/syscall_64.tbl, include/uapi/asm-generic/unistd.h. */
#if defined(__TARGET_ARCH_x86)
#define X32_BIT 0x40000000
#define BY_ARCH(x86, arm64) x86
#elif defined(__TARGET_ARCH_arm64)
#define X32_BIT 0
#define BY_ARCH(x86, arm64) arm64
#endif

static __always_inline __u32 call_of(__u32 nr)
{
	switch (nr & ~X32_BIT) {
	case BY_ARCH(165, 40):
		return CALL(FAMILY_MOUNT, OP_MOUNT);
	case BY_ARCH(166, 39):
		return CALL(FAMILY_MOUNT, OP_UMOUNT);
	case BY_ARCH(155, 41):
		return CALL(FAMILY_MOUNT, OP_PIVOT_ROOT);
	case 428:
		return CALL(FAMILY_MOUNT, OP_OPEN_TREE);
	case 429:
		return CALL(FAMILY_MOUNT, OP_MOVE_MOUNT);
	case 430:
		return CALL(FAMILY_MOUNT, OP_FSOPEN);
	case 431:
		return CALL(FAMILY_MOUNT, OP_FSCONFIG);
	case 432:
		return CALL(FAMILY_MOUNT, OP_FSMOUNT);
	case 433:
		return CALL(FAMILY_MOUNT, OP_FSPICK);
	case 442:
		return CALL(FAMILY_MOUNT, OP_MOUNT_SETATTR);
	case BY_ARCH(105, 146):
		return CALL(FAMILY_CRED, OP_SETUID);
	case BY_ARCH(113, 145):
		return CALL(FAMILY_CRED, OP_SETREUID);
	case BY_ARCH(117, 147):
		return CALL(FAMILY_CRED, OP_SETRESUID);
	case BY_ARCH(122, 151):
		return CALL(FAMILY_CRED, OP_SETFSUID);
	case BY_ARCH(106, 144):
		return CALL(FAMILY_CRED, OP_SETGID);
	case BY_ARCH(114, 143):
		return CALL(FAMILY_CRED, OP_SETREGID);
	case BY_ARCH(119, 149):
		return CALL(FAMILY_CRED, OP_SETRESGID);
	case BY_ARCH(123, 152):
		return CALL(FAMILY_CRED, OP_SETFSGID);
	case BY_ARCH(116, 159):
		return CALL(FAMILY_CRED, OP_SETGROUPS);
	case BY_ARCH(126, 91):
		return CALL(FAMILY_CRED, OP_CAPSET);
	case BY_ARCH(308, 268):
		return CALL(FAMILY_NS, OP_SETNS);
	case BY_ARCH(272, 97):
		return CALL(FAMILY_NS, OP_UNSHARE);
	case BY_ARCH(101, 117):
		return CALL(FAMILY_PTRACE, OP_PTRACE);
	case BY_ARCH(59, 221):
		return CALL(FAMILY_EXEC, OP_EXECVE);
	case BY_ARCH(322, 281):
		return CALL(FAMILY_EXEC, OP_EXECVEAT);
	}
	return 0;
}

/* The call that a wrapper's registers are of, and its arguments. */
#if defined(__TARGET_ARCH_x86)
static __always_inline __u32 call_in(struct pt_regs *regs)
{
	return call_of(BPF_CORE_READ(regs, orig_ax));
}

static __always_inline void args_in(struct pt_regs *regs, __u64 *args)
{
	args[0] = BPF_CORE_READ(regs, di);
	args[1] = BPF_CORE_READ(regs, si);
	args[2] = BPF_CORE_READ(regs, dx);
	args[3] = BPF_CORE_READ(regs, r10);
	args[4] = BPF_CORE_READ(regs, r8);
	args[5] = BPF_CORE_READ(regs, r9);
}
#elif defined(__TARGET_ARCH_arm64)
static __always_inline __u32 call_in(struct pt_regs *regs)
{
	return call_of(BPF_CORE_READ(regs, syscallno));
}

static __always_inline void args_in(struct pt_regs *regs, __u64 *args)
{
	args[0] = BPF_CORE_READ(regs, orig_x0);
	args[1] = BPF_CORE_READ(regs, regs[1]);
	args[2] = BPF_CORE_READ(regs, regs[2]);
	args[3] = BPF_CORE_READ(regs, regs[3]);
	args[4] = BPF_CORE_READ(regs, regs[4]);
	args[5] = BPF_CORE_READ(regs, regs[5]);
}
#endif

/*
 * The registers that the function of a call was given. A helper reads them from the context: on 5.10 some of these functions have an
 * argument whose type is declared only, which the verifier does not let a program load.
 */
static __always_inline struct pt_regs *regs_in(const void *ctx)
{
	struct pt_regs *regs = 0;

	bpf_probe_read_kernel(&regs, sizeof(regs), ctx);
	return regs;
}

/* What fexit programs get. */
struct fexit {
	__u64 regs;
	__s64 ret;
};

#define PTRACE_ATTACH 16
#define PTRACE_SEIZE 0x4206

/* Says whether a call by a task may make a record, so that it is worth remembering. What setns enters is known afterwards only. */
static __always_inline bool worth_tracing(__u32 call, __u64 arg0, struct task_struct *task, struct who *who)
{
	if (FAMILY(call) == FAMILY_PTRACE && arg0 != PTRACE_ATTACH && arg0 != PTRACE_SEIZE)
		return false;
	if (call == CALL(FAMILY_NS, OP_SETNS)) {
		in_scope(task, who, PROBED);
		return true;
	}
	if (!watched(task, who, PROBED))
		return false;
	return FAMILY(call) == FAMILY_EXEC || !runtime_setup(who);
}

/* Remembers a call that begins. */
static __always_inline void begin(__u32 call, const __u64 *args)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct nsproxy *proxy = BPF_CORE_READ(task, nsproxy);
	const struct cred *cred = BPF_CORE_READ(task, cred);
	__u64 id = bpf_get_current_pid_tgid();
	struct call now;
	struct who who;

	if (!call || !worth_tracing(call, args[0], task, &who))
		return;
	__builtin_memcpy(now.args, args, sizeof(now.args));
	now.call = call;
	now.flags = who.flags;
	read_cred(&now.cred, cred, PROBED);
	read_ns(&now.ns, proxy, pidns_of(task, PROBED), PROBED);
	now.children_pidns = BPF_CORE_READ(proxy, pid_ns_for_children, ns.inum);
	now.ngroups = BPF_CORE_READ(cred, group_info, ngroups);
	if (bpf_map_update_elem(&calls, &id, &now, BPF_ANY))
		count_lost(LOST_CALLS_FULL);
}

/*
 * What was remembered of the call that returns; 0: nothing. Another call may be found there, whose own return was not seen: calls that are
 * not worth remembering do not overwrite it.
 */
static __always_inline struct call *remembered(__u64 *id, __u32 call)
{
	struct call *found;

	*id = bpf_get_current_pid_tgid();
	found = bpf_map_lookup_elem(&calls, id);
	if (!found || found->call == call)
		return found;
	bpf_map_delete_elem(&calls, id);
	return 0;
}

/* Forgets the call of a thread. exec gives a thread the number of its process, under which its return is not found any more. */
static __always_inline void forget(__u32 pid, __u32 tid)
{
	__u64 id = (__u64)pid << 32 | tid;

	bpf_map_delete_elem(&calls, &id);
}

SEC("fentry")
int enter_trampoline(void *ctx)
{
	struct pt_regs *regs = regs_in(ctx);
	__u64 args[6];

	args_in(regs, args);
	begin(call_in(regs), args);
	return 0;
}

/* The arguments are copied by a helper: how many of them a program may touch is limited to those that the call declares. */
SEC("tracepoint")
int enter_tracepoint(struct trace_event_raw_sys_enter *ctx)
{
	__u64 args[6] = {};

	bpf_probe_read_kernel(args, sizeof(args), &ctx->args);
	begin(call_of(ctx->id), args);
	return 0;
}

#endif
