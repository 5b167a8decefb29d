/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Capability checks, as they are kept: part of recorder.bpf.c and files.bpf.c, which declare
 * `tables`, the map `checks` and abi_of ahead of it.
 */
#pragma once

#define PF_IO_WORKER 0x0010 /* include/linux/sched.h */
#define PF_DUMPCORE  0x0200

/*
 * What the kernel does in other credentials than the task's: overlayfs goes to its layers as who
 * mounted it. Nobody here needs what that asks for, and AppArmor asks whose credentials they are.
 * Other credentials that are the task's own: access(2)'s (non_rcu), those of a core dump, and those
 * that a request of its ring names, which have the groups that runtimes set.
 */
static __always_inline bool is_for_another(const struct task_struct *task)
{
	const struct task_struct *of = PLAIN(task_struct, task);
	const struct cred *cred = of->cred, *real = of->real_cred;

	if (cred == real || cred->non_rcu || task->flags & PF_DUMPCORE)
		return false;
	if (of->io_uring || task->flags & PF_IO_WORKER)
		return cred->group_info != real->group_info;
	return true;
}

#define CAP_SETPCAP 8

/*
 * Each capset(2) asks for CAP_SETPCAP, and goes on without it (cap_inh_is_capped): who needs it is
 * told by the sets (capset.bpf.h).
 */
static __always_inline bool is_in_passing(struct task_struct *task, int cap)
{
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(task);
	__u32 nr = number_of(regs), abi;

	if (cap != CAP_SETPCAP)
		return false;
	abi = abi_of(task, regs, &nr);
	return abi < SNUG_REC_ABIS && nr == tables.capset_nr[abi];
}

/* The call that the task is in: what asked for the capability. */
static __always_inline void note_asker(struct task_struct *task, struct snug_rec_asked *asked)
{
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(task);

	bpf_get_current_comm(asked->comm, sizeof(asked->comm));
	asked->nr = number_of(regs);
	asked->abi = abi_of(task, regs, &asked->nr);
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
