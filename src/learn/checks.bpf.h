/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Capability checks: part of recorder.bpf.c, which declares the map `checks` and abi_of ahead of
 * it.
 */
#pragma once

#define PF_IO_WORKER 0x0010 /* include/linux/sched.h */

/* The call that the task is in: what asked for the capability. */
static __always_inline void note_asker(struct task_struct *task, struct snug_rec_asked *asked)
{
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(task);

	bpf_get_current_comm(asked->comm, sizeof(asked->comm));
	asked->nr = regs->orig_ax;
	asked->abi = abi_of(task, &asked->nr);
	if (task->flags & PF_IO_WORKER || asked->nr > SNUG_REC_CALLS)
		asked->nr = SNUG_REC_CALLS;
}

static __always_inline void add_check(struct snug_rec_slot *slot, struct task_struct *task,
				      const struct snug_rec_check *check)
{
	struct snug_rec_asked asked = { 0 };
	long failed;

	if (bpf_map_lookup_elem(&checks, check))
		return;
	note_asker(task, &asked);
	failed = slot->checks < SNUG_REC_CHECKS_ONE
			 ? bpf_map_update_elem(&checks, check, &asked, BPF_NOEXIST)
			 : -1;
	if (!failed)
		__sync_fetch_and_add(&slot->checks, 1);
	else if (failed != -EEXIST)
		__sync_fetch_and_add(&slot->lost_checks, 1);
}

/*
 * Capabilities count from the exec on, where they are effective in the container's own user
 * namespace (in a nested one they are no privilege of the container's), and not where the check was
 * granted for owning a namespace. A worker of io_uring is born without sched_process_fork and makes
 * no syscall; it asks on behalf of its process.
 */
SEC("tp_btf/cap_capable")
int BPF_PROG(on_cap_capable, const struct cred *cred, struct user_namespace *target,
	     const struct user_namespace *held_in, int cap, int refused)
{
	struct snug_rec_check check = { .cap = cap };
	struct snug_rec_slot *slot;
	struct task_struct *task;
	__u64 entry;

	if (refused)
		return 0;
	task = bpf_get_current_task_btf();
	entry = entry_of(tag_of_task(task));
	if (!entry && task->flags & PF_IO_WORKER)
		entry = entry_of(tag_of_task(task->group_leader));
	if ((entry & SNUG_STATE) != SNUG_STATE_WORKLOAD)
		return 0;
	slot = slot_of(entry);
	if (!slot || cred->user_ns->ns.inum != slot->user_ns || cap < 0 || cap > 63 ||
	    !(cred->cap_effective.val >> cap & 1))
		return 0;
	check.slot = slot_index(entry);
	if (bpf_get_stack(ctx, check.ip, sizeof(check.ip), 0) < 0)
		__sync_fetch_and_add(&slot->lost_checks, 1);
	else
		add_check(slot, task, &check);
	return 0;
}
