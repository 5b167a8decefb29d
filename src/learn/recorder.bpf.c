/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Records the syscalls and granted capability checks of containers, each in a slot of its own.
 *
 * Who belongs: the thread that user space seeded, all that descend from it after its gate, and
 * processes that are moved into (or born in) the container's own cgroup, each with a gate of its
 * own. What counts from when: docs/design.md, "Recording".
 *
 * No kprobes, no fentry, no bpf_probe_read_kernel: all three are refused on locked-down kernels.
 * Everything is read by direct BTF loads.
 */
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "learn/recorder.h"
#include "model/seen_bits.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define PF_EXITING	  0x0004 /* include/linux/sched.h */
#define EEXIST		  17
#define ENOSYS		  38
#define SIGKILL_BIT	  (1ull << 8) /* signal 9 in a sigset */
#define NO_NEW_PRIVS	  1ul	      /* 1 << PFA_NO_NEW_PRIVS, include/linux/sched.h */
#define SET_ID		  06000	      /* S_ISUID | S_ISGID */
#define SECCOMP_MODE_DEAD 3	      /* kernel/seccomp.c: a filter killed it (Linux 5.17) */

/* Set by user space before the load. */
const volatile struct snug_rec_tables tables;

#include "learn/shared.bpf.h"

/* Takes memory as it fills, as checks do: a container has some tens of each. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SNUG_REC_TUPLES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct snug_rec_tuple);
	__type(value, __u8);
} tuples SEC(".maps");

/* The slot of a container, by its own cgroup. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SNUG_REC_SLOTS);
	__type(key, struct snug_rec_cgroup);
	__type(value, __u32);
} cgroups SEC(".maps");

/* The slot that seed and adopt are run for. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} seeding SEC(".maps");

/* User space's: kept here so that they live and die with the rest (learn/pins.h). */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SNUG_REC_SLOTS);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32);
	__type(value, struct snug_rec_owner);
} owners SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct snug_rec_askers);
} askers SEC(".maps");

#include "learn/tasks.bpf.h"
#include "learn/cgroups.bpf.h"

/* Tracks a thread that is the runtime's still, and whose gate opens it to us. flags: the slot's
 * too. */
static __always_inline int track_before(struct task_struct *task, __u64 tag, __u64 flags)
{
	__s32 filters = task->seccomp.filter_count.counter;

	if (bpf_map_update_elem(&before, &tag, &filters, BPF_ANY) < 0) {
		struct snug_rec_slot *slot = slot_of(flags);

		if (slot)
			__sync_fetch_and_add(&slot->lost_calls, 1);
		return -1;
	}
	return track(tag, SNUG_STATE_BEFORE | SNUG_ENTRY_BOSS | flags);
}

/* Notes that a thread passed its gate. false: it is none of the container's, and is forgotten. */
static __always_inline bool pass_gate(struct task_struct *task, __u64 entry,
				      struct snug_rec_slot *slot, __u32 which)
{
	__u64 tag = entry & ~SNUG_ENTRY_BITS;

	if (!(entry & SNUG_ENTRY_INIT) && !is_inside(task, slot)) {
		forget(tag);
		return false;
	}
	bpf_map_delete_elem(&before, &tag);
	__sync_fetch_and_or(&slot->gates, which);
	if (entry & SNUG_ENTRY_INIT)
		slot->gate = which;
	return true;
}

/* Has the thread loaded a filter since it was seeded? Only calls after the load get here. */
static __always_inline bool has_loaded(struct task_struct *task, __u64 entry,
				       struct snug_rec_slot *slot)
{
	__u64 tag = entry & ~SNUG_ENTRY_BITS;
	__s32 *filters = bpf_map_lookup_elem(&before, &tag);

	if (!filters || *filters == task->seccomp.filter_count.counter)
		return false;
	if (!pass_gate(task, entry, slot, SNUG_REC_GATE_LOAD))
		return false;
	set_flags(tag, SNUG_STATE_RUNTIME, SNUG_STATE);
	return true;
}

#include "learn/abi.bpf.h"
#include "learn/caps.bpf.h"
#include "learn/checks.bpf.h"

#include "learn/capset.bpf.h"

#include "learn/args.bpf.h"

/*
 * A call's number that is in range, as an index. Masked after the comparison: Linux 6.1 does not
 * learn from it what a copy is that the compiler has put on the stack before.
 */
static __always_inline __u32 masked(__u32 nr)
{
	barrier_var(nr);
	return nr & (SNUG_REC_CALLS - 1);
}
_Static_assert((SNUG_REC_CALLS & (SNUG_REC_CALLS - 1)) == 0, "a mask");

SEC("tp_btf/sys_enter")
int BPF_PROG(on_sys_enter, struct pt_regs *regs, long id)
{
	__u64 entry = entry_in_line(tag_of(regs));
	struct snug_rec_slot *slot;
	struct task_struct *task;
	__u32 abi, phase, nr;
	__u8 *state;

	if (!entry)
		return 0;
	slot = slot_of(entry);
	if (!slot)
		return 0;
	task = bpf_get_current_task_btf();
	if ((entry & SNUG_STATE) == SNUG_STATE_BEFORE && !has_loaded(task, entry, slot))
		return 0;
	if (entry & SNUG_ENTRY_WATCHED)
		set_flags(tag_of(regs), SNUG_ENTRY_ENTERED, 0);
	phase = (entry & SNUG_STATE) == SNUG_STATE_WORKLOAD;
	nr = id;
	abi = abi_of(task, regs, &nr);
	if (nr >= SNUG_REC_CALLS)
		return 0;
	if (abi >= SNUG_REC_ABIS) {
		__sync_fetch_and_add(&slot->lost_calls, 1);
		return 0;
	}
	nr = masked(nr);
	state = &slot->calls[phase][abi][nr];
	if (*state == SNUG_CALL_DONE)
		return 0;
	if (*state == SNUG_CALL_NEW)
		*state = SNUG_CALL_DONE;
	else
		record_args(regs, entry, phase | abi << 8 | nr << 16);
	return 0;
}

static __always_inline void note_refused(struct task_struct *task, __u64 entry)
{
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(task);
	bool phase = (entry & SNUG_STATE) == SNUG_STATE_WORKLOAD;
	struct snug_rec_slot *slot = slot_of(entry);
	__u32 nr = number_of(regs), abi = abi_of(task, regs, &nr);

	if (!slot || nr >= SNUG_REC_CALLS || abi >= SNUG_REC_ABIS)
		return;
	nr = masked(nr);
	__sync_fetch_and_or(&slot->refused[phase][abi][nr / 64], 1ull << nr % 64);
}

/*
 * Did a call that never began meet no filter? A tracer emulates it (PTRACE_SYSEMU), or its thread
 * was killed while a tracer held it ahead of the filter.
 */
static __always_inline bool is_skipped(struct task_struct *task, long ret)
{
	return is_emulated(task) || (ret == -ENOSYS && task->pending.signal.sig[0] & SIGKILL_BIT);
}

/*
 * A call that the container's filter refuses never gets to sys_enter, but comes out here. The entry
 * says which calls went in, since number and ABI at the way out may be others (rt_sigreturn, an
 * exec into another ABI).
 */
static __always_inline void look_for_refusal(__u64 tag, __u64 entry, long ret)
{
	struct task_struct *task;

	if (!(entry & SNUG_ENTRY_WATCHED) || (entry & SNUG_STATE) == SNUG_STATE_BEFORE)
		return;
	if (entry & SNUG_ENTRY_ENTERED) {
		set_flags(tag, 0, SNUG_ENTRY_ENTERED);
		return;
	}
	task = bpf_get_current_task_btf();
	if (!is_skipped(task, ret))
		note_refused(task, entry);
}

SEC("tp_btf/sys_exit")
int BPF_PROG(on_sys_exit, struct pt_regs *regs, long ret)
{
	__u64 tag = tag_of(regs);

	look_for_refusal(tag, entry_in_line(tag), ret);
	return 0;
}

/*
 * Fires before the child can run. A tracked parent's child is tracked in the same phase; so is one
 * that is born into a container's cgroup from outside (CLONE_INTO_CGROUP, as newer runtimes'
 * exec; version 2 alone has it). The child's stack may have been another's: no entry of old
 * survives.
 */
SEC("tp_btf/sched_process_fork")
int BPF_PROG(on_fork, struct task_struct *parent, struct task_struct *child)
{
	__u64 tag = tag_of_task(child);
	__u64 entry = entry_of(tag_of_task(parent));
	__u64 flags = entry & (SNUG_STATE | SNUG_ENTRY_WATCHED | SNUG_ENTRY_SLOT);
	__u64 state = entry & SNUG_STATE;

	forget(tag);
	if (state == SNUG_STATE_RUNTIME || state == SNUG_STATE_WORKLOAD) {
		/* Its first way out is that of its parent's call. */
		track(tag, flags | SNUG_ENTRY_ENTERED);
		return 0;
	}
	/* What gets into the pid namespace is a joiner's child, and not itself. */
	if (entry & SNUG_ENTRY_INIT || child->pid != child->tgid)
		return 0;
	if (!entry && cgroup2_of(parent) != cgroup2_of(child))
		flags = joiner_of(cgroup2_of(child));
	if (flags)
		track_before(child, tag, flags);
	return 0;
}

/*
 * secureexec is the kernel's word for an exec that raised credentials: setuid, setgid or file
 * capabilities took effect (or an LSM wants the environment cleaned: rare, and on the safe side).
 * But not where root gets back what the bounding set has and it had not: there the personality's
 * flags are cleared, as for a setuid file, which by itself tells nothing, and by AppArmor where a
 * label changes, which it does at the runtime's own exec. None of it takes effect under
 * no_new_privs.
 */
static __always_inline bool raises(struct task_struct *task, struct linux_binprm *bprm,
				   bool is_workloads)
{
	if (PLAIN(task_struct, task)->atomic_flags & NO_NEW_PRIVS)
		return false;
	return BPF_CORE_READ_BITFIELD(bprm, secureexec) ||
	       (is_workloads && PLAIN(linux_binprm, bprm)->per_clear &&
		!(PLAIN(linux_binprm, bprm)->file->f_inode->i_mode & SET_ID));
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task, int old_pid, struct linux_binprm *bprm)
{
	__u64 tag = tag_of_task(task), entry = entry_of(tag);
	struct snug_rec_slot *slot;

	if (!entry)
		return 0;
	slot = slot_of(entry);
	if (!slot)
		return 0;
	if ((entry & SNUG_STATE) == SNUG_STATE_BEFORE) {
		struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(task);
		__u32 nr = number_of(regs);

		/* No filter was loaded: the runtime's exec is the gate, and the first call. */
		if (!pass_gate(task, entry, slot, SNUG_REC_GATE_EXEC))
			return 0;
		if (nr < SNUG_REC_CALLS)
			slot->calls[SNUG_REC_RUNTIME][SNUG_REC_NATIVE][masked(nr)] = SNUG_CALL_DONE;
	}
	if (entry & SNUG_ENTRY_BOSS)
		set_flags(tag, SNUG_STATE_WORKLOAD | SNUG_ENTRY_ENTERED, SNUG_ENTRY_BOSS);
	if (entry & SNUG_ENTRY_INIT)
		slot->executed = 1;
	if ((entry & SNUG_ENTRY_BOSS || (entry & SNUG_STATE) == SNUG_STATE_WORKLOAD) &&
	    raises(task, bprm, !(entry & SNUG_ENTRY_BOSS)))
		slot->raised = 1;
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct *task)
{
	__u64 tag = tag_of_task(task), entry = entry_of(tag);

	/* What KILL_THREAD kills among other threads comes out nowhere else. */
	if (entry & SNUG_ENTRY_WATCHED && !(entry & SNUG_ENTRY_ENTERED) &&
	    (entry & SNUG_STATE) != SNUG_STATE_BEFORE && task->seccomp.mode == SECCOMP_MODE_DEAD)
		note_refused(task, entry);
	forget(tag);
	return 0;
}

/* `exec` of a runtime moves its own init into the container's cgroup. */
SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(on_attach, struct cgroup *to, const char *path, struct task_struct *task)
{
	__u64 flags = joiner_of(PLAIN(cgroup, to)), tag;

	/* One that is past its exit, and not reaped yet, would be there for ever. */
	if (!flags || task->flags & PF_EXITING)
		return 0;
	tag = tag_of_task(task);
	if (entry_of(tag))
		return 0;
	track_before(task, tag, flags);
	return 0;
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
	if ((entry & SNUG_STATE) != SNUG_STATE_WORKLOAD || is_for_another(task))
		return 0;
	slot = slot_of(entry);
	if (!slot || PLAIN(cred, cred)->user_ns->ns.inum != slot->user_ns || cap < 0 || cap > 63 ||
	    !(CAPS_OF(cred, cap_effective) >> cap & 1) || is_in_passing(task, cap))
		return 0;
	check.slot = slot_index(entry);
	if (bpf_get_stack(ctx, check.ip, sizeof(check.ip), 0) < 0)
		__sync_fetch_and_add(&slot->lost_checks, 1);
	else
		add_check(slot, task, &check);
	return 0;
}

/* The slot that user space named; its number goes to *flags, in its place. */
static __always_inline struct snug_rec_slot *wanted_slot(__u64 *flags)
{
	__u32 zero = 0, *index = bpf_map_lookup_elem(&seeding, &zero);
	struct snug_rec_slot *slot;

	if (!index)
		return NULL;
	*flags = (__u64)*index << SNUG_SLOT_SHIFT & SNUG_ENTRY_SLOT;
	slot = slot_of(*flags);
	if (slot && slot->watching)
		*flags |= SNUG_ENTRY_WATCHED;
	return slot;
}

/*
 * Run once by user space, over the one process whose pidfd it gave: the container's init, waiting
 * for a hook. Runtimes load their filter on the leader, without TSYNC: the other threads of a Go
 * runtime stay outside.
 */
SEC("iter/task")
int seed(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct snug_rec_slot *slot;
	__u64 tag, flags;

	if (!task || task->pid != task->tgid)
		return 0;
	slot = wanted_slot(&flags);
	tag = tag_of_task(task);
	if (!slot || slot->seeded || entry_of(tag))
		return 0;
	take_cgroup(task, slot, slot_index(flags));
	slot->seeded = track_before(task, tag, flags | SNUG_ENTRY_INIT) == 0;
	return 0;
}

/*
 * Does a running task belong to the container that is being adopted? By descent from what does,
 * or by cgroup and namespace as joiners do.
 */
static __always_inline bool belongs(struct task_struct *task, struct snug_rec_slot *slot,
				    __u64 flags)
{
	__u64 leader = entry_of(tag_of_task(task->group_leader));
	__u64 parent = entry_of(tag_of_task(task->group_leader->real_parent));
	struct cgroup *own = own_cgroup(task, slot->join);
	__u64 joined;

	if ((leader && slot_index(leader) == slot_index(flags)) ||
	    (parent && slot_index(parent) == slot_index(flags)))
		return true;
	joined = own ? joiner_of(own) : 0;
	return joined && slot_index(joined) == slot_index(flags) && is_inside(task, slot);
}

/*
 * Run by user space over a container that runs already: first over its init alone, then over all
 * tasks until no more are found (a parent may come after its children). What they are in the
 * middle of is none of the recording, so their first way out is no refusal.
 *
 * The dead have no stack, and so all one tag: who has a dead leader would be taken for theirs. One
 * that dies meanwhile is past on_exit, or gets there with its entry.
 */
SEC("iter/task")
int adopt(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct snug_rec_slot *slot;
	__u64 tag, flags;
	bool first;

	if (!task || task->flags & PF_EXITING)
		return 0;
	slot = wanted_slot(&flags);
	tag = tag_of_task(task);
	if (!slot || entry_of(tag))
		return 0;
	first = !slot->seeded;
	if (first) {
		if (task->pid != task->tgid)
			return 0;
		take_cgroup(task, slot, slot_index(flags));
	} else if (!belongs(task, slot, flags)) {
		return 0;
	}
	flags |= SNUG_STATE_WORKLOAD | SNUG_ENTRY_ENTERED;
	if (track(tag, first ? flags | SNUG_ENTRY_INIT : flags) < 0)
		return 0;
	if (task->flags & PF_EXITING)
		forget(tag);
	__sync_fetch_and_add(&slot->seeded, 1);
	if (!first)
		return 0;
	slot->gate = slot->gates = SNUG_REC_GATE_ATTACH;
	slot->executed = 1;
	return 0;
}

#include "learn/opened.bpf.h"
