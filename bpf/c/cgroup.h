/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Control groups that are made and removed, and processes that are moved into one: tp_btf/cgroup_mkdir, cgroup_rmdir and
 * cgroup_attach_task (kernel/cgroup/cgroup.c), which hand over the path from the root of the hierarchy. Only the hierarchy of
 * version 2 counts, or the memory hierarchy of version 1 where tasks are looked up there.
 */
#ifndef PARALLAX_CGROUP_H
#define PARALLAX_CGROUP_H

struct cgroup_buf {
	struct rec_cgroup rec;
	char path[PATH_LEN_MAX];
};

/* One buffer for each program, as with exec_scratch: the slot is the enum cgroup_op. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, OP_CGROUP_ATTACH + 1); /* 6 KB for each CPU */
	__type(key, __u32);
	__type(value, struct cgroup_buf);
} cgroup_scratch SEC(".maps");

static __always_inline bool in_v1_memory(struct cgroup *cgroup)
{
	void *css = 0;

	if (!cfg_cgroup_v1 || !bpf_core_enum_value_exists(enum cgroup_subsys_id, memory_cgrp_id))
		return false;
	bpf_probe_read_kernel(&css, sizeof(css), (void *)&cgroup->subsys + bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id) * sizeof(css));
	return css;
}

/* The id that records give a cgroup; 0 where its hierarchy does not count. */
static __always_inline __u64 cgroup_id(struct cgroup *cgroup)
{
	if (BPF_CORE_READ(cgroup, root, hierarchy_id) == 0)
		return BPF_CORE_READ(cgroup, kn, id);
	return in_v1_memory(cgroup) ? BPF_CORE_READ(cgroup, kn, id) | CGROUP_V1 : 0;
}

/* The id of the folder above; 0 of the root. */
static __always_inline __u64 parent_id(struct cgroup *cgroup, __u64 id)
{
	struct cgroup *parent = BPF_CORE_READ(cgroup, self.parent, cgroup);

	return parent ? BPF_CORE_READ(parent, kn, id) | (id & CGROUP_V1) : 0;
}

/* Sends what was done to a cgroup. path points into the kernel, task is who did it, or who was moved. */
static __always_inline void send_cgroup(__u32 op, struct cgroup *cgroup, __u64 id, __u64 path, struct task_struct *task)
{
	struct cgroup_buf *buf = bpf_map_lookup_elem(&cgroup_scratch, &op);
	struct who who;
	__u32 len;

	if (!buf)
		return;
	in_scope(task, &who, PROBED);
	fill_head(&buf->rec.head, REC_CGROUP, task, &who, PROBED);
	buf->rec.id = id;
	buf->rec.parent_id = parent_id(cgroup, id);
	buf->rec.op = op;
	buf->rec.pad = 0;
	len = put_kernel_text(buf->path, (void *)path, &buf->rec.head.flags);
	CLAMP(len, PATH_LEN_MAX);
	buf->rec.path_len = len;
	send(RARE, &buf->rec.head, sizeof(buf->rec) + len, op == OP_CGROUP_MKDIR ? WAKE_NOW : WAKE_FIRST);
}

/* The path is read from the context as it is: what BTF calls a pointer to char cannot be used as an argument before 5.10. */
static __always_inline __u64 path_argument(const void *ctx)
{
	__u64 path = 0;

	bpf_probe_read_kernel(&path, sizeof(path), ctx + sizeof(__u64));
	return path;
}

/* A folder below a container's belongs to the container at once, before any process can be moved there. */
SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(cgroup_mkdir, struct cgroup *cgroup)
{
	__u64 id = cgroup_id(cgroup), parent;
	__u32 one = 1;

	if (!id)
		return 0;
	parent = parent_id(cgroup, id);
	if (bpf_map_lookup_elem(&cgroups, &parent) && bpf_map_update_elem(&cgroups, &id, &one, BPF_ANY))
		count_lost(LOST_CGROUPS_FULL);
	send_cgroup(OP_CGROUP_MKDIR, cgroup, id, path_argument(ctx), (void *)bpf_get_current_task());
	return 0;
}

SEC("tp_btf/cgroup_rmdir")
int BPF_PROG(cgroup_rmdir, struct cgroup *cgroup)
{
	__u64 id = cgroup_id(cgroup);

	if (!id)
		return 0;
	bpf_map_delete_elem(&cgroups, &id);
	send_cgroup(OP_CGROUP_RMDIR, cgroup, id, path_argument(ctx), (void *)bpf_get_current_task());
	return 0;
}

SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(cgroup_attach_task, struct cgroup *cgroup, const char *unused, struct task_struct *task)
{
	__u64 id = cgroup_id(cgroup);

	if (!id)
		return 0;
	send_cgroup(OP_CGROUP_ATTACH, cgroup, id, path_argument(ctx), task);
	return 0;
}

#endif
