/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Which tasks are watched, told before anything else is read. A task is in scope when any of these holds: its pid namespace is below
 * the initial one, its cgroup is a container's or below one, its mount namespace is a container's, or an ancestor was in scope when it
 * forked. The last is a mark, which fork hands down and only the end of the process removes: who leaves a container is still watched.
 *
 * The container runtime and nsenter work inside before they start the first program there; until then a task is "runtime"
 * (F_RUNTIME), and the program it starts is an entry (F_ENTRY), unless it is the runtime's own once more (exec.h, on_its_way). Marks keep
 * whether that program was started.
 */
#ifndef PARALLAX_SCOPE_H
#define PARALLAX_SCOPE_H

const volatile __u32 cfg_host; /* 1: processes of the node itself, too */
const volatile __u32 cfg_runtime_setup; /* 1: also what runtimes do before the first program */
const volatile __u32 cfg_cgroup_v1; /* 1: a task at the root of version 2 is looked up in the memory hierarchy */
const volatile __u64 cfg_load_ns; /* boot time: tasks in scope that began earlier have started a program there */

#define CGROUP_V1 (1ULL << 63) /* bit of ids of the v1 memory hierarchy */

/* Containers' cgroups and the folders below them; the value means nothing. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384); /* 1.2 MB */
	__type(key, __u64);
	__type(value, __u32);
} cgroups SEC(".maps");

/* Containers' mount namespaces, by inode number; the value means nothing. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384); /* 1.2 MB */
	__type(key, __u32);
	__type(value, __u32);
} mntns SEC(".maps");

#define MARK_STARTED 1 /* the process, or an ancestor since its entry, has started a program in scope */

struct mark {
	__u64 start_ns; /* of the process, since process ids are used again */
	__u32 flags;
	__u32 pad;
};

/* Processes in scope, by process id. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536); /* 5 MB */
	__type(key, __u32);
	__type(value, struct mark);
} marks SEC(".maps");

/* Boot time at which a mark had no room last: a task in scope without a mark that began before counts as having started a program. */
__u64 marks_full_ns;

/* What the filter reads of a task; the head of its records is made of it. */
struct who {
	__u64 start_ns;
	__u64 cgroup;
	__u32 tgid;
	__u32 level; /* of the pid namespace */
	__u32 mntns;
	__u32 flags; /* F_SCOPE_*, F_RUNTIME; 0: not in scope */
};

static __always_inline __u64 cgroup_v1(struct css_set *set, const enum how how)
{
	struct cgroup_subsys_state **state, *css = 0;

	if (!bpf_core_enum_value_exists(enum cgroup_subsys_id, memory_cgrp_id))
		return 0;
	state = (void *)&set->subsys + bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id) * sizeof(css);
	if (how == PLAIN)
		css = *state;
	else
		bpf_probe_read_kernel(&css, sizeof(css), state);
	return GET(how, css, cgroup, kn, id) | CGROUP_V1;
}

static __always_inline __u64 cgroup_of(struct task_struct *task, const enum how how)
{
	struct css_set *set = GET(how, task, cgroups);
	struct cgroup *cgroup = GET(how, set, dfl_cgrp);

	if (cfg_cgroup_v1 && GET(how, cgroup, level) == 0)
		return cgroup_v1(set, how);
	return GET(how, cgroup, kn, id);
}

static __always_inline struct mark *mark_of(const struct who *who)
{
	struct mark *mark = bpf_map_lookup_elem(&marks, &who->tgid);

	return mark && mark->start_ns == who->start_ns ? mark : 0;
}

static __always_inline bool has_started(const struct who *who, const struct mark *mark)
{
	if (mark)
		return mark->flags & MARK_STARTED;
	return who->start_ns < cfg_load_ns || who->start_ns <= marks_full_ns;
}

/* Fills who for a task, and says whether the task is in scope. */
static __always_inline bool in_scope(struct task_struct *task, struct who *who, const enum how how)
{
	struct mark *mark;

	who->flags = 0;
	who->tgid = GET(how, task, tgid);
	who->start_ns = GET(how, task, group_leader, start_boottime);
	who->level = GET(how, task, thread_pid, level);
	who->cgroup = cgroup_of(task, how);
	who->mntns = GET(how, task, nsproxy, mnt_ns, ns.inum);
	mark = mark_of(who);

	if (who->level > 0)
		who->flags |= F_SCOPE_PIDNS;
	if (bpf_map_lookup_elem(&cgroups, &who->cgroup))
		who->flags |= F_SCOPE_CGROUP;
	if (bpf_map_lookup_elem(&mntns, &who->mntns))
		who->flags |= F_SCOPE_MNTNS;
	if (mark)
		who->flags |= F_SCOPE_MARK;
	if (who->flags && !has_started(who, mark))
		who->flags |= F_RUNTIME;
	return who->flags;
}

/* Says whether records of the task are wanted at all. */
static __always_inline bool watched(struct task_struct *task, struct who *who, const enum how how)
{
	return in_scope(task, who, how) || cfg_host;
}

/* Says whether what the task does is a runtime's own work, which is sent on demand only. */
static __always_inline bool runtime_setup(const struct who *who)
{
	return (who->flags & F_RUNTIME) && !cfg_runtime_setup;
}

static __always_inline void set_mark(__u32 tgid, __u64 start_ns, __u32 flags)
{
	struct mark mark = { .start_ns = start_ns, .flags = flags };

	if (bpf_map_update_elem(&marks, &tgid, &mark, BPF_ANY)) {
		marks_full_ns = bpf_ktime_get_boot_ns();
		count_lost(LOST_MARKS_FULL);
	}
}

#endif
