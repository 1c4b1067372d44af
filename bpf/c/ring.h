/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The two rings, and the count of what did not fit. Rare records (entries, mounts, namespaces, ptrace, cgroups, credentials that
 * changed) have a ring of their own, so that a flood of programs costs none of them. What anybody may do in a loop, as calls that fail, is
 * not rare.
 *
 * Waking the reader costs more than all the rest of a program. The kernel wakes it for the first record of an empty ring (flags 0:
 * bpf_ringbuf_commit compares the record's position with the consumer's, behind a full barrier, so that no wake-up is missed); the
 * reader then pauses between its drains, and waits for the bulk ring only when there was no traffic. What must be looked up at once is
 * sent with WAKE_NOW, into the rare ring, which the reader listens to in its pauses, too.
 */
#ifndef PARALLAX_RING_H
#define PARALLAX_RING_H

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 2 << 20); /* bytes; user space sets its own */
} rare SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 8 << 20); /* bytes; user space sets its own */
} bulk SEC(".maps");

/* Counts by enum lost_reason, which only grow. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, LOST_REASONS);
	__type(key, __u32);
	__type(value, __u64);
} lost SEC(".maps");

/* The last number given to a record of each CPU. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} seqs SEC(".maps");

enum ring {
	RARE,
	BULK,
};

static __always_inline void count_lost(__u32 reason)
{
	__u64 *n = bpf_map_lookup_elem(&lost, &reason);

	if (n)
		*n += 1;
}

/* How many records this CPU has lost to full rings. */
static __always_inline __u32 lost_records(void)
{
	__u32 rare_full = LOST_RARE_FULL, bulk_full = LOST_BULK_FULL;
	__u64 *a = bpf_map_lookup_elem(&lost, &rare_full);
	__u64 *b = bpf_map_lookup_elem(&lost, &bulk_full);

	return (a ? *a : 0) + (b ? *b : 0);
}

/* The next number of this CPU. Where one program interrupts another just here, both may get the same; their times differ. */
static __always_inline __u64 next_seq(void)
{
	__u32 zero = 0;
	__u64 *seq = bpf_map_lookup_elem(&seqs, &zero);

	return seq ? ++*seq : 0;
}

enum wake {
	WAKE_FIRST = 0, /* when the ring was empty */
	WAKE_NOW = BPF_RB_FORCE_WAKEUP,
};

/* Sends a record with texts, whose size no reservation could tell. */
static __always_inline void send(enum ring ring, struct rec_head *rec, __u32 size, enum wake wake)
{
	long full;

	rec->size = size;
	full = ring == RARE ? bpf_ringbuf_output(&rare, rec, size, wake) : bpf_ringbuf_output(&bulk, rec, size, wake);
	if (full)
		count_lost(ring == RARE ? LOST_RARE_FULL : LOST_BULK_FULL);
}

/* Makes room for a record of a fixed size, to be filled in place. One that finds none keeps its number, so that the gap shows. */
static __always_inline void *reserve(enum ring ring, const __u32 size)
{
	void *rec = ring == RARE ? bpf_ringbuf_reserve(&rare, size, 0) : bpf_ringbuf_reserve(&bulk, size, 0);

	if (!rec) {
		next_seq();
		count_lost(ring == RARE ? LOST_RARE_FULL : LOST_BULK_FULL);
	}
	return rec;
}

/* Hands over what was reserved. */
static __always_inline void submit(struct rec_head *rec, const __u32 size)
{
	rec->size = size;
	bpf_ringbuf_submit(rec, WAKE_FIRST);
}

#endif
