/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Programs that could not be started: the tracepoints of execve and execveat, attached on demand only, since any tracepoint of a call
 * slows all calls of the machine. The arguments are those of the caller's memory, which another thread of it can change meanwhile.
 */
#ifndef PARALLAX_EXEC_FAILED_H
#define PARALLAX_EXEC_FAILED_H

#define FAILED_ARGS 32 /* arguments that are kept */

/* Copies the caller's arguments one by one behind off, while there is room. walk holds what the verifier shall not follow. */
static __always_inline __u32 put_caller_argv(struct exec_buf *buf, __u32 off, __u64 argv)
{
	struct walk *walk = &buf->walk;
	int i;

	walk->len = 0;
	CLAMP(off, EXEC_PATHS);
	for (i = 0; i < FAILED_ARGS; i++) {
		__u32 len = walk->len;
		__u64 arg = 0;
		long copied;

		if (len > ARGV_MAX - PATH_LEN_MAX)
			break;
		if (bpf_probe_read_user(&arg, sizeof(arg), (void *)(argv + i * sizeof(arg)))) {
			buf->rec.head.flags |= F_ARGV_FAULT;
			return off + len;
		}
		if (!arg)
			return off + len;
		copied = bpf_probe_read_user_str(buf->text + off + len, PATH_LEN_MAX, (void *)arg);
		if (copied <= 0)
			buf->rec.head.flags |= F_ARGV_FAULT;
		else
			walk->len += copied;
		if (copied == PATH_LEN_MAX)
			buf->rec.head.flags |= F_ARGV_CUT;
		buf->rec.argc = i + 1;
	}
	buf->rec.head.flags |= F_ARGV_CUT;
	return off + walk->len;
}

static __always_inline __u32 put_failed(struct exec_buf *buf, const struct call *call, struct task_struct *task)
{
	struct fs_struct *fs = BPF_CORE_READ(task, fs);
	bool at = OP(call->call) == OP_EXECVEAT;
	struct rec_exec *rec = &buf->rec;
	__u32 off, end;

	rec->exe_ino = rec->exe_ctime_ns = rec->exe_mtime_ns = 0;
	rec->exe_dev = rec->exe_mode = rec->exe_uid = rec->exe_gid = 0;
	rec->exe_origin = EXE_UNKNOWN;
	rec->exe_len = 0;
	rec->argc = 0;
	rec->execveat = at;
	walk_below(&buf->walk, task);
	rec->filename_len = put_user_text(buf->text, call->args[at ? 1 : 0], &rec->head.flags);
	off = AGAIN(rec->filename_len);
	rec->cwd_len = put_path(&buf->walk, buf->text, off, &fs->pwd, &rec->head.flags);
	off += AGAIN(rec->cwd_len);
	end = put_caller_argv(buf, off, call->args[at ? 2 : 1]);
	rec->argv_len = rec->argv_total = end - off;
	return end;
}

SEC("tracepoint")
int execfail_enter(struct trace_event_raw_sys_enter *ctx)
{
	__u64 args[6] = {};

	bpf_probe_read_kernel(args, sizeof(args), &ctx->args);
	begin(call_of(ctx->id), args);
	return 0;
}

SEC("tracepoint")
int execfail_tracepoint(struct trace_event_raw_sys_exit *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	__u64 id;
	struct call *call = remembered(&id, call_of(ctx->id));
	__u32 slot = EXEC_BUF_FAILED, size;
	struct exec_buf *buf = bpf_map_lookup_elem(&exec_scratch, &slot);
	struct who who;

	if (!call || !buf)
		return 0;
	if (ctx->ret < 0 && watched(task, &who, PROBED)) {
		who.flags &= ~F_RUNTIME;
		fill_head(&buf->rec.head, REC_EXEC, task, &who, PROBED);
		buf->rec.ret = ctx->ret;
		size = sizeof(buf->rec) + put_failed(buf, call, task);
		CLAMP(size, sizeof(buf->rec) + sizeof(buf->text));
		send(BULK, &buf->rec.head, size, WAKE_FIRST);
	}
	bpf_map_delete_elem(&calls, &id);
	return 0;
}

#endif
