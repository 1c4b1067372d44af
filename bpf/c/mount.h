/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Mounts: mount, umount2, pivot_root and the calls of the newer interface (fs/namespace.c, fs/fsopen.c), at their return, because
 * attempts matter as well as results and because only the calls tell what was asked for. Of a mount that was moved into place the
 * kernel's own struct mount tells what it is, which the caller's earlier fsopen and fsconfig do not prove.
 */
#ifndef PARALLAX_MOUNT_H
#define PARALLAX_MOUNT_H

#define MOUNT_TEXTS 4

struct mount_buf {
	struct rec_mount rec;
	char text[MOUNT_TEXTS * PATH_LEN_MAX];
};

/* One buffer for each program, as with exec_scratch: the slot is the enum mount_op. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, OP_FSPICK + 1); /* 49 KB for each CPU */
	__type(key, __u32);
	__type(value, struct mount_buf);
} scratch SEC(".maps");

/* Addresses in the caller's memory; 0: there is none. */
struct mount_texts {
	__u64 source, target, fstype, data;
};

enum fsconfig_command {
	FSCONFIG_SET_STRING = 1,
	FSCONFIG_SET_PATH = 3,
	FSCONFIG_SET_PATH_EMPTY = 4,
};

#define MOVE_MOUNT_F_EMPTY_PATH 0x4

/* struct mount_attr of include/uapi/linux/mount.h, as far as it is used. */
struct mount_attr {
	__u64 set, clear, propagation;
};

static __always_inline bool has_text_value(__u64 command)
{
	return command == FSCONFIG_SET_STRING || command == FSCONFIG_SET_PATH || command == FSCONFIG_SET_PATH_EMPTY;
}

static __always_inline void read_mount_attr(struct rec_mount *rec, __u64 from)
{
	struct mount_attr attr = {};

	bpf_probe_read_user(&attr, sizeof(attr), (void *)from);
	rec->attr = attr.set;
	rec->attr_clear = attr.clear;
	rec->propagation = attr.propagation;
}

/* Sorts the arguments of a call into the record, and tells where its texts are. */
static __always_inline void read_mount_args(struct rec_mount *rec, __u32 op, const __u64 *args, struct mount_texts *texts)
{
	switch (op) {
	case OP_MOUNT:
		texts->source = args[0];
		texts->target = args[1];
		texts->fstype = args[2];
		rec->flags = args[3];
		texts->data = args[4];
		break;
	case OP_UMOUNT:
		texts->target = args[0];
		rec->flags = args[1];
		break;
	case OP_PIVOT_ROOT:
		texts->source = args[0];
		texts->target = args[1];
		break;
	case OP_FSOPEN:
		texts->fstype = args[0];
		rec->flags = args[1];
		break;
	case OP_FSCONFIG:
		rec->fd = args[0];
		rec->flags = (__u32)args[1];
		texts->source = args[2];
		texts->data = has_text_value((__u32)args[1]) ? args[3] : 0;
		break;
	case OP_FSMOUNT:
		rec->fd = args[0];
		rec->flags = args[1];
		rec->attr = args[2];
		break;
	case OP_MOVE_MOUNT:
		rec->fd = args[0];
		texts->source = args[1];
		rec->attr = args[2];
		texts->target = args[3];
		rec->flags = args[4];
		break;
	case OP_OPEN_TREE:
	case OP_FSPICK:
		rec->fd = args[0];
		texts->source = args[1];
		rec->flags = args[2];
		break;
	case OP_MOUNT_SETATTR:
		rec->fd = args[0];
		texts->source = args[1];
		rec->flags = args[2];
		read_mount_attr(rec, args[3]);
		break;
	}
}

static __always_inline struct file *file_of(struct task_struct *task, __s32 fd)
{
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file **files = BPF_CORE_READ(table, fd), *file = 0;

	if (fd < 0 || (__u32)fd >= BPF_CORE_READ(table, max_fds))
		return 0;
	bpf_probe_read_kernel(&file, sizeof(file), files + fd);
	return file;
}

/* The mount that a file is on, by its number in the caller's table. */
static __always_inline struct mount *mount_of(struct task_struct *task, __s32 fd)
{
	struct file *file = file_of(task, fd);
	struct vfsmount *mnt = BPF_CORE_READ(file, f_path.mnt);

	return mnt ? container_of(mnt, struct mount, mnt) : 0;
}

/* The mount that move_mount was told to move by its file alone; 0 where a path says which. */
static __always_inline struct mount *moved_mount(const struct rec_mount *rec, __u64 path, struct task_struct *task)
{
	char first = 0;

	if (path)
		bpf_probe_read_user(&first, 1, (void *)path);
	if (first || !(rec->flags & MOVE_MOUNT_F_EMPTY_PATH))
		return 0;
	return mount_of(task, rec->fd);
}

static __always_inline __u32 put_mount_text(struct mount_buf *buf, __u32 off, __u64 user, const void *kernel)
{
	CLAMP(off, (MOUNT_TEXTS - 1) * PATH_LEN_MAX);
	if (kernel)
		return put_kernel_text(buf->text + off, kernel, &buf->rec.head.flags);
	return put_user_text(buf->text + off, user, &buf->rec.head.flags);
}

/* Writes the texts: the caller's, or the kernel's own where a mount is given. Returns their length. */
static __always_inline __u32 put_mount_texts(struct mount_buf *buf, const struct mount_texts *texts, struct mount *moved)
{
	struct super_block *sb = BPF_CORE_READ(moved, mnt.mnt_sb);
	const char *source = 0, *fstype = 0;
	struct rec_mount *rec = &buf->rec;
	__u32 off;

	if (moved) {
		source = BPF_CORE_READ(moved, mnt_devname);
		fstype = BPF_CORE_READ(sb, s_type, name);
		rec->mount_dev = BPF_CORE_READ(sb, s_dev);
	}
	off = rec->source_len = put_mount_text(buf, 0, texts->source, source);
	off += rec->target_len = put_mount_text(buf, off, texts->target, 0);
	off += rec->fstype_len = put_mount_text(buf, off, texts->fstype, fstype);
	off += rec->data_len = put_mount_text(buf, off, texts->data, 0);
	return off;
}

#define OPEN_TREE_CLONE 1

/* Without making a mount, open_tree but opens a path, which takes no rights. */
static __always_inline enum ring mount_ring(const struct rec_mount *rec)
{
	if (rec->ret < 0 || (rec->op == OP_OPEN_TREE && !(rec->flags & OPEN_TREE_CLONE)))
		return BULK;
	return RARE;
}

/* Sends the record of a call that returns. */
static __always_inline void mount_done(__u32 op, const __u64 *args, __s64 ret)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct mount_buf *buf = bpf_map_lookup_elem(&scratch, &op);
	struct mount_texts texts = {};
	struct mount *moved = 0;
	struct who who;
	__u32 size;

	if (!buf || !watched(task, &who, PROBED) || runtime_setup(&who))
		return;
	fill_head(&buf->rec.head, REC_MOUNT, task, &who, PROBED);
	buf->rec.op = op;
	buf->rec.fd = -1;
	buf->rec.ret = ret;
	buf->rec.flags = buf->rec.attr = buf->rec.attr_clear = buf->rec.propagation = 0;
	buf->rec.mount_dev = buf->rec.pad = 0;
	read_mount_args(&buf->rec, op, args, &texts);
	if (op == OP_MOVE_MOUNT)
		moved = moved_mount(&buf->rec, texts.source, task);
	if (op == OP_FSMOUNT && ret >= 0)
		moved = mount_of(task, ret);
	size = sizeof(buf->rec) + put_mount_texts(buf, &texts, moved);
	CLAMP(size, sizeof(*buf));
	send(mount_ring(&buf->rec), &buf->rec.head, size, WAKE_FIRST);
}

SEC("fexit")
int mount_fexit(struct fexit *ctx)
{
	struct pt_regs *regs = regs_in(ctx);
	__u32 call = call_in(regs);
	__u64 args[6];

	if (FAMILY(call) != FAMILY_MOUNT)
		return 0;
	args_in(regs, args);
	mount_done(OP(call), args, ctx->ret);
	return 0;
}

SEC("tracepoint")
int mount_tracepoint(struct trace_event_raw_sys_exit *ctx)
{
	__u64 id;
	struct call *call = remembered(&id, call_of(ctx->id));

	if (!call)
		return 0;
	mount_done(OP(call->call), call->args, ctx->ret);
	bpf_map_delete_elem(&calls, &id);
	return 0;
}

#endif
