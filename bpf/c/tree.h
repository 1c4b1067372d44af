/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Processes that are made and end, which keeps the process tree true: tp_btf/sched_process_fork, called by kernel_clone (kernel/fork.c)
 * when the child is whole and not yet running, and tp_btf/sched_process_exit, called by do_exit (kernel/exit.c) while the task still
 * has its namespaces. Threads are left out: a record tells of a process.
 */
#ifndef PARALLAX_TREE_H
#define PARALLAX_TREE_H

/* Who is in scope hands its mark down, or makes one. */
static __always_inline void inherit_mark(const struct who *parent, struct who *child)
{
	bool started = !(parent->flags & F_RUNTIME);

	set_mark(child->tgid, child->start_ns, started ? MARK_STARTED : 0);
	child->flags |= F_SCOPE_MARK;
	if (started)
		child->flags &= ~F_RUNTIME;
	else
		child->flags |= F_RUNTIME;
}

static __always_inline void process_begins(struct task_struct *task, struct task_struct *new, const enum turn turn)
{
	struct who parent, child;
	struct rec_head *head;
	bool wanted, inside;

	if (new->pid != new->tgid)
		return;
	wanted = watched(new, &child, PLAIN);
	inside = in_scope(task, &parent, PLAIN);
	if ((!wanted && !inside) || already_told(REC_FORK, turn))
		return;
	if (inside)
		inherit_mark(&parent, &child);
	head = reserve(BULK, sizeof(*head));
	if (!head)
		return;
	fill_head(head, REC_FORK, new, &child, PLAIN);
	if (parent.tgid != head->ppid) {
		head->forker = parent.tgid;
		head->forker_start_ns = parent.start_ns;
	}
	submit(head, sizeof(*head));
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(fork, struct task_struct *task, struct task_struct *new)
{
	process_begins(task, new, FIRST);
	return 0;
}

SEC("tp_btf/sched_process_fork")
int BPF_PROG(fork_again, struct task_struct *task, struct task_struct *new)
{
	process_begins(task, new, SECOND);
	return 0;
}

/* As wait(2) gives it (kernel/exit.c, wait_task_zombie). */
static __always_inline __u32 exit_code_of(struct task_struct *task)
{
	if (task->signal->flags & SIGNAL_GROUP_EXIT)
		return task->signal->group_exit_code;
	return task->group_leader->exit_code;
}

/* Processes whose end was told of. Threads that end together may each find that none is left. */
struct ended {
	__u64 start_ns;
	__u64 tgid;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096); /* 300 KB */
	__type(key, struct ended);
	__type(value, __u32);
} ended SEC(".maps");

/* Whoever finds no other thread may be the last of several, and finds what one of those has left. */
static __always_inline bool first_to_tell(struct task_struct *task, const struct who *who)
{
	struct ended key = { .start_ns = who->start_ns, .tgid = who->tgid };
	__u32 one = 1;

	if (task->signal->nr_threads == 1)
		return !bpf_map_lookup_elem(&ended, &key);
	return bpf_map_update_elem(&ended, &key, &one, BPF_NOEXIST) == 0;
}

static __always_inline void thread_ends(struct task_struct *task, const enum turn turn)
{
	struct rec_exit *rec;
	struct who who;

	if (task->signal->live.counter != 0 || !watched(task, &who, PLAIN))
		return;
	if (already_told(REC_EXIT, turn) || !first_to_tell(task, &who))
		return;
	bpf_map_delete_elem(&marks, &who.tgid);
	rec = reserve(BULK, sizeof(*rec));
	if (!rec)
		return;
	fill_head(&rec->head, REC_EXIT, task, &who, PLAIN);
	rec->code = exit_code_of(task);
	rec->pad = 0;
	submit(&rec->head, sizeof(*rec));
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(exit, struct task_struct *task)
{
	thread_ends(task, FIRST);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(exit_again, struct task_struct *task)
{
	thread_ends(task, SECOND);
	return 0;
}

#endif
