/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Looking twice. The kernel does not run a program on a CPU where a task is in the middle of it (recursion_misses of bpf_prog_info).
 * Tracepoints' programs can be preempted on the newest kernels (7.2 does it, 6.18 does not): what the next task does there, while the
 * preempted one waits, would not be seen. There each of these programs is attached a second time, behind the first, and tells what the
 * first did not. (To forbid preemption, as programs can since 6.10, is of no use: it is made up for where it is allowed again, which is
 * still within the program.)
 */
#ifndef PARALLAX_TWICE_H
#define PARALLAX_TWICE_H

const volatile __u32 cfg_twice; /* 1: the programs are attached twice */

enum turn {
	FIRST,
	SECOND,
};

struct told {
	__u64 task; /* bpf_get_current_pid_tgid */
	__u64 kind; /* of record */
};

/* What the first program has told and the second not yet come to. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096); /* 300 KB */
	__type(key, struct told);
	__type(value, __u32);
} told SEC(".maps");

/* Says whether the first program has told of what the current task does, and leaves word where this is the first. */
static __always_inline bool already_told(__u8 kind, const enum turn turn)
{
	struct told key = { .task = bpf_get_current_pid_tgid(), .kind = kind };
	__u32 one = 1;

	if (turn == SECOND)
		return bpf_map_delete_elem(&told, &key) == 0;
	if (cfg_twice)
		bpf_map_update_elem(&told, &key, &one, BPF_ANY);
	return false;
}

#endif
