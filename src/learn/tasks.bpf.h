/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The table of tracked tasks (learn/recorder.h, "Tracked tasks"): part of recorder.bpf.c, which
 * declares the maps `before`, `heads` and `slots` ahead of it.
 */
#pragma once

#include "learn/plain.bpf.h"

__u64 tasks[SNUG_TASKS] __attribute__((aligned(64)));

/*
 * A number for the task whose registers lie at regs (the top of its kernel stack). The verifier
 * gives no number for a pointer, but lets whoever may read kernel memory subtract two.
 */
static __always_inline __u64 tag_of(struct pt_regs *regs)
{
	__u64 tag = (__u64)regs;

	asm("%0 -= %1" : "+r"(tag) : "r"(tasks));
	return tag << SNUG_TAG_SHIFT & ~SNUG_ENTRY_BITS;
}

static __always_inline __u64 tag_of_task(struct task_struct *task)
{
	return tag_of((struct pt_regs *)bpf_task_pt_regs(task));
}

static __always_inline __u32 slot_index(__u64 entry)
{
	return (entry & SNUG_ENTRY_SLOT) >> SNUG_SLOT_SHIFT;
}

static __always_inline struct snug_rec_slot *slot_of(__u64 entry)
{
	__u32 index = slot_index(entry);

	return bpf_map_lookup_elem(&slots, &index);
}

static __always_inline struct snug_rec_head *head_of(__u64 entry)
{
	__u32 index = slot_index(entry);

	return bpf_map_lookup_elem(&heads, &index);
}

/* A bucket is a cache line: its first way. */
static __always_inline __u32 bucket_of(__u64 tag)
{
	__u64 hash = (tag >> SNUG_ENTRY_SHIFT) * 0x9e3779b97f4a7c15ull;

	return (hash >> SNUG_BUCKETS_SHIFT) * SNUG_BUCKET_WAYS & (SNUG_TASKS - SNUG_BUCKET_WAYS);
}

/* Where the task's entry is, NULL if it is not tracked. */
static __always_inline __u64 *find(__u64 tag)
{
	__u64 *way = &tasks[bucket_of(tag)];

#pragma unroll
	for (int i = 0; i < SNUG_BUCKET_WAYS; i++)
		if ((way[i] ^ tag) <= SNUG_ENTRY_BITS)
			return &way[i];
	return NULL;
}

/*
 * The entry itself, 0 if the task is not tracked. As a number: a pointer has eight values here,
 * and the verifier would follow each of them to the end of the program.
 */
static __always_inline __u64 entry_in_line(__u64 tag)
{
	__u64 *way = find(tag);

	return way ? *way : 0;
}

/*
 * What follows are global functions: the verifier looks at them once, and not once for each path
 * of each caller, which made the load four times as long. sys_enter alone has its look-up in line.
 *
 * User space takes out entries of a container that is over (learn/slot.c), so a change is one of
 * an entry that is there still.
 */

__noinline __u64 entry_of(__u64 tag)
{
	return entry_in_line(tag);
}

/* Sets some flags and clears others. */
__noinline int set_flags(__u64 tag, __u64 set, __u64 clear)
{
	__u64 *way = find(tag), entry;

	if (!way)
		return 0;
	entry = *way;
	if (entry)
		__sync_val_compare_and_swap(way, entry, (entry & ~clear) | set);
	return 0;
}

__noinline int forget(__u64 tag)
{
	__u64 *way = find(tag), entry;
	struct snug_rec_head *head;

	if (!way)
		return 0;
	entry = *way;
	if ((entry & SNUG_STATE) == SNUG_STATE_BEFORE)
		bpf_map_delete_elem(&before, &tag);
	head = head_of(entry);
	if (entry && __sync_val_compare_and_swap(way, entry, 0) == entry && head)
		__sync_fetch_and_add(&head->alive, -1);
	return 0;
}

/* Counts first and looks at `closing` then, as user space closes first and looks at the count then:
 * one of them sees the other. */
static __always_inline int place(struct snug_rec_head *head, __u64 *way, __u64 entry)
{
	__sync_fetch_and_add(&head->alive, 1);
	if (*(volatile __u32 *)&head->closing)
		goto none;
#pragma unroll
	for (int i = 0; i < SNUG_BUCKET_WAYS; i++)
		if (__sync_val_compare_and_swap(&way[i], 0, entry) == 0)
			return 0;
none:
	__sync_fetch_and_add(&head->alive, -1);
	return -1;
}

/* flags: the slot's too. 0, or -1 when the bucket is full: counted as a loss. */
__noinline int track(__u64 tag, __u64 flags)
{
	struct snug_rec_head *head = head_of(flags);
	struct snug_rec_slot *slot = slot_of(flags);

	if (!head || !slot)
		return -1;
	if (place(head, &tasks[bucket_of(tag)], tag | flags) == 0)
		return 0;
	__sync_fetch_and_add(&slot->lost_calls, 1);
	return -1;
}

/*
 * A cgroup may be shared, by mistake or by a config's cgroupsPath. By its gate a joiner is in the
 * container's namespaces: the mounts are those that its init had, unless that took others since
 * (what unshares mounts, or pivots into them); its pid namespace an init cannot leave. Where that
 * is not its own, mounts that are not outside's are those.
 */
static __always_inline bool is_inside(struct task_struct *task, const struct snug_rec_slot *slot)
{
	struct nsproxy *ns = PLAIN(task_struct, task)->nsproxy;

	__u32 mnt_ns = ns->mnt_ns->ns.inum;

	if (mnt_ns == slot->mnt_ns)
		return true;
	return slot->pid_ns ? ns->pid_ns_for_children->ns.inum == slot->pid_ns
			    : mnt_ns != slot->outer_mnt_ns[0] && mnt_ns != slot->outer_mnt_ns[1];
}
