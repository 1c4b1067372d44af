/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Texts of records. They are written one behind the other into a scratch buffer, since a ring takes records of a known size only.
 *
 * A path is walked as d_path does (fs/d_path.c, prepend_path): from the dentry up through parents and mount points to the root of the
 * task, here without the kernel's locks. A rename in the middle can mix old and new components.
 */
#ifndef PARALLAX_PATHS_H
#define PARALLAX_PATHS_H

#define NAME_SIZE 256 /* of a path's component, with its NUL: NAME_MAX + 1 */
#define PATH_STEPS 64 /* components and mount points of one path */
#define PATH_BEGINS 4096 /* a power of two, above what stands before the last path of a record */

/* Keeps off within [0, max], as it is already, where the verifier can see it. */
#define CLAMP(off, max) \
	do { \
		barrier_var(off); \
		if (off > (max)) \
			off = (max); \
	} while (0)

/* Reads back what was written to a map: the verifier then takes all ways that led there as one, and checks what follows once. */
#define AGAIN(field) (*(volatile typeof(field) *)&(field))

/*
 * Where a walk is. It is kept in a map, not in registers, for the verifier's sake: all ways through one step of the loop look the same to it
 * behind the step, and are not multiplied by those through the next.
 */
struct walk {
	struct dentry *root_dentry; /* the root of the task, where its paths end */
	struct vfsmount *root_mnt;
	struct dentry *dentry;
	struct vfsmount *mnt;
	struct dentry *mnt_root;
	__u32 len; /* written so far */
	__u32 pad;
};

static __always_inline void walk_below(struct walk *walk, struct task_struct *task)
{
	struct fs_struct *fs = BPF_CORE_READ(task, fs);

	walk->root_dentry = BPF_CORE_READ(fs, root.dentry);
	walk->root_mnt = BPF_CORE_READ(fs, root.mnt);
}

/* The length of a string that a helper has copied with its NUL into PATH_LEN_MAX bytes. */
static __always_inline __u32 text_len(long copied)
{
	if (copied <= 0)
		return 0;
	return copied > PATH_LEN_MAX ? PATH_LEN_MAX - 1 : copied - 1;
}

/* Where a string may have been cut, its NUL being the last byte that there is room for, the string's own byte there tells. */
static __always_inline __u32 put_kernel_text(char *to, const void *from, __u32 *flags)
{
	long copied = bpf_probe_read_kernel_str(to, PATH_LEN_MAX, from);
	char last = 0;

	if (copied >= PATH_LEN_MAX) {
		bpf_probe_read_kernel(&last, 1, from + PATH_LEN_MAX - 1);
		if (last)
			*flags |= F_PATH_CUT;
	}
	return text_len(copied);
}

static __always_inline __u32 put_user_text(char *to, __u64 from, __u32 *flags)
{
	long copied;
	char last = 0;

	if (!from)
		return 0;
	copied = bpf_probe_read_user_str(to, PATH_LEN_MAX, (void *)from);
	if (copied >= PATH_LEN_MAX) {
		bpf_probe_read_user(&last, 1, (void *)(from + PATH_LEN_MAX - 1));
		if (last)
			*flags |= F_PATH_CUT;
	}
	return text_len(copied);
}

/* Goes on at the mount point. Returns false at the root of all mounts. */
static __always_inline bool cross_mount(struct walk *walk)
{
	struct vfsmount *mnt = walk->mnt;
	struct mount *mount = container_of(mnt, struct mount, mnt), *above = BPF_CORE_READ(mount, mnt_parent);

	if (above == mount)
		return false;
	walk->dentry = BPF_CORE_READ(mount, mnt_mountpoint);
	walk->mnt = &above->mnt;
	walk->mnt_root = BPF_CORE_READ(above, mnt.mnt_root);
	return true;
}

/* Writes one component. Returns false at a file that has no folder above, as a memfd. */
static __always_inline bool put_component(struct walk *walk, char *to)
{
	struct dentry *dentry = walk->dentry, *parent = BPF_CORE_READ(dentry, d_parent);
	long copied = bpf_probe_read_kernel_str(to, NAME_SIZE, BPF_CORE_READ(dentry, d_name.name));

	if (copied > 0)
		walk->len += copied;
	if (parent == dentry)
		return false;
	walk->dentry = parent;
	return true;
}

/*
 * Writes the components of a path to buf behind begin, the leaf first, each ending in NUL. begin is below PATH_BEGINS, and buf holds
 * PATH_BEGINS + PATH_LEN_MAX bytes. Returns how many were written.
 */
static __always_inline __u32 put_path(struct walk *walk, char *buf, __u32 begin, const struct path *path, __u32 *flags)
{
	struct vfsmount *mnt = BPF_CORE_READ(path, mnt);
	int i;

	walk->dentry = BPF_CORE_READ(path, dentry);
	walk->mnt = mnt;
	walk->mnt_root = BPF_CORE_READ(mnt, mnt_root);
	walk->len = 0;
	begin &= PATH_BEGINS - 1; /* no branch, which would double the ways through the loop */
	for (i = 0; i < PATH_STEPS; i++) {
		__u32 len = walk->len;

		if (walk->dentry == walk->root_dentry && walk->mnt == walk->root_mnt)
			return len;
		if (walk->dentry == walk->mnt_root) {
			if (!cross_mount(walk))
				return len;
			continue;
		}
		if (len > PATH_LEN_MAX - NAME_SIZE)
			break;
		if (!put_component(walk, buf + begin + len))
			return walk->len;
	}
	*flags |= F_PATH_CUT;
	return walk->len;
}

#endif
