/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Records the syscalls and granted capability checks of one container.
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

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define TS_COMPAT    0x0002 /* arch/x86/include/asm/thread_info.h: a 32-bit syscall */
#define X32_BIT	     0x40000000
#define EEXIST	     17
#define PF_IO_WORKER 0x0010 /* include/linux/sched.h */
#define EFAULT_BELOW 4096   /* nothing is mapped there (vm.mmap_min_addr) */

/* Set by user space before the load. */
const volatile __u8 row_of[SNUG_REC_ABIS][SNUG_REC_CALLS];
const volatile struct snug_rec_row rows[SNUG_REC_ROWS];
const volatile __u16 clone_nr[SNUG_REC_ABIS];
const volatile __u16 clone3_nr[SNUG_REC_ABIS];
/* The container has a filter of its own: what that refuses is recorded as such. */
const volatile bool watch_refusals;

/* Written by user space before seeding. */
__u32 join; /* SNUG_JOIN_* */
/* The container's: inode numbers. pid_ns is 0 where that is not its own. */
__u32 user_ns, mnt_ns, pid_ns;

/* The container's own cgroup, taken when it is seeded. */
__u64 own_cgroup;
int own_hierarchy;

/* Read by user space. */
__u8 calls[SNUG_REC_PHASES][SNUG_REC_ABIS][SNUG_REC_CALLS];
__u32 tuple_count[SNUG_REC_PHASES][SNUG_REC_ABIS][SNUG_REC_ROWS];
__u8 refused[SNUG_REC_PHASES][SNUG_REC_ABIS][SNUG_REC_CALLS];
__u8 any_args[SNUG_REC_ABIS][SNUG_REC_ROWS];
__u32 seeded;	   /* the container's first thread is tracked */
__u32 gate;	   /* its own gate: SNUG_REC_GATE_*, 0 while before it */
__u32 gates;	   /* all that were passed, joiners' too */
__u32 executed;	   /* it reached the user's program */
__u32 raised;	   /* an exec raised credentials */
__u64 lost_calls;  /* tuples or tasks that found no room, flags that could not be read */
__u64 lost_checks; /* capability checks that found no room */

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SNUG_REC_TUPLES);
	__type(key, struct snug_rec_tuple);
	__type(value, __u8);
} tuples SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SNUG_REC_CHECKS);
	__type(key, struct snug_rec_check);
	__type(value, __u8);
} checks SEC(".maps");

/* Number of filters a thread had when it was seeded, by entry; there while it is before its gate.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, __u64);
	__type(value, __s32);
} before SEC(".maps");

#include "learn/tasks.bpf.h"

/* Tracks a thread that is the runtime's still, and whose gate opens it to us. */
static __always_inline int track_before(struct task_struct *task, __u64 tag, __u64 flags)
{
	__s32 filters = task->seccomp.filter_count.counter;

	if (bpf_map_update_elem(&before, &tag, &filters, BPF_ANY) < 0) {
		__sync_fetch_and_add(&lost_calls, 1);
		return -1;
	}
	return track(tag, SNUG_STATE_BEFORE | SNUG_ENTRY_BOSS | flags);
}

/*
 * A cgroup may be shared, by mistake or by a config's cgroupsPath. By its gate a joiner is in the
 * container's namespaces: the mounts are those that its init had, unless that took others since
 * (what unshares mounts, or pivots into them); its pid namespace an init cannot leave.
 */
static __always_inline bool is_inside(struct task_struct *task)
{
	struct nsproxy *ns = task->nsproxy;

	return ns->mnt_ns->ns.inum == mnt_ns ||
	       (pid_ns && ns->pid_ns_for_children->ns.inum == pid_ns);
}

/* Notes that a thread passed its gate. false: it is none of the container's, and is forgotten. */
static __always_inline bool pass_gate(struct task_struct *task, __u64 entry, __u32 which)
{
	__u64 tag = entry & ~SNUG_ENTRY_BITS;

	if (!(entry & SNUG_ENTRY_INIT) && !is_inside(task)) {
		forget(tag);
		return false;
	}
	bpf_map_delete_elem(&before, &tag);
	__sync_fetch_and_or(&gates, which);
	if (entry & SNUG_ENTRY_INIT)
		gate = which;
	return true;
}

/* Has the thread loaded a filter since it was seeded? Only calls after the load get here. */
static __always_inline bool has_loaded(struct task_struct *task, __u64 entry)
{
	__u64 tag = entry & ~SNUG_ENTRY_BITS;
	__s32 *filters = bpf_map_lookup_elem(&before, &tag);

	if (!filters || *filters == task->seccomp.filter_count.counter)
		return false;
	if (!pass_gate(task, entry, SNUG_REC_GATE_LOAD))
		return false;
	set_flags(tag, (entry & SNUG_ENTRY_BITS & ~SNUG_STATE) | SNUG_STATE_RUNTIME);
	return true;
}

/*
 * Each pointer that is followed costs the load a third of a millisecond (the verifier looks its
 * type up by name in all of the kernel's BTF), so what is cheap to say otherwise is.
 */
static __always_inline __u64 cgroup2_of(struct task_struct *task)
{
	return task->cgroups->dfl_cgrp->kn->id;
}

/* Notes which cgroup is the container's own. Ids are unique in a hierarchy alone. */
static __always_inline void take_cgroup(struct task_struct *task)
{
	struct cgroup *own = NULL;
	int pids = bpf_core_enum_value(enum cgroup_subsys_id, pids_cgrp_id);

	if (join == SNUG_JOIN_V2)
		own = task->cgroups->dfl_cgrp;
	else if (join == SNUG_JOIN_PIDS && pids >= 0 && pids < CGROUP_SUBSYS_COUNT)
		own = task->cgroups->subsys[pids]->cgroup;
	if (!own)
		return;
	own_hierarchy = own->root->hierarchy_id;
	own_cgroup = own->kn->id;
}

static __always_inline void load_args(struct pt_regs *regs, __u32 abi, __u64 args[6])
{
	if (abi == SNUG_REC_I386) {
		args[0] = (__u32)regs->bx;
		args[1] = (__u32)regs->cx;
		args[2] = (__u32)regs->dx;
		args[3] = (__u32)regs->si;
		args[4] = (__u32)regs->di;
		args[5] = (__u32)regs->bp;
	} else {
		args[0] = regs->di;
		args[1] = regs->si;
		args[2] = regs->dx;
		args[3] = regs->r10;
		args[4] = regs->r8;
		args[5] = regs->r9;
	}
}

/* Past the limit, and whatever cannot be stored, a call is recorded whole. */
static __always_inline void add_tuple(struct snug_rec_tuple *tuple, __u32 row)
{
	__u32 abi = tuple->abi & (SNUG_REC_ABIS - 1);
	__u32 *count = &tuple_count[tuple->phase & 1][abi][row & (SNUG_REC_ROWS - 1)];
	__u8 there = 1;
	long failed;

	if (bpf_map_lookup_elem(&tuples, tuple))
		return;
	if (*count >= SNUG_TUPLES_MAX) {
		any_args[abi][row & (SNUG_REC_ROWS - 1)] = 1;
		return;
	}
	failed = bpf_map_update_elem(&tuples, tuple, &there, BPF_NOEXIST);
	if (!failed)
		__sync_fetch_and_add(count, 1);
	else if (failed != -EEXIST)
		__sync_fetch_and_add(&lost_calls, 1);
}

/* Marks a call of the arguments table as seen; it ends on the short path once any_args holds. */
static __always_inline void mark_tuple(__u32 phase, __u32 abi, __u32 nr, __u32 row)
{
	__u8 *state = &calls[phase & 1][abi & (SNUG_REC_ABIS - 1)][nr & (SNUG_REC_CALLS - 1)];
	__u8 now = any_args[abi & (SNUG_REC_ABIS - 1)][row & (SNUG_REC_ROWS - 1)] ? SNUG_CALL_DONE
										  : SNUG_CALL_TUPLE;

	if (*state != now)
		*state = now;
}

/*
 * clone3 has its flags in memory. A profile answers it with ENOSYS, libc then takes clone, so what
 * counts is the clone that it stands for.
 */
static __always_inline void record_clone3(struct pt_regs *regs, __u32 abi, __u32 phase)
{
	__u32 nr = clone_nr[abi & (SNUG_REC_ABIS - 1)];
	__u32 row = row_of[abi & (SNUG_REC_ABIS - 1)][nr & (SNUG_REC_CALLS - 1)];
	struct snug_rec_tuple tuple = { .nr = nr, .abi = abi, .phase = phase };
	__u64 args[6], flags;

	load_args(regs, abi, args);
	if (args[0] < EFAULT_BELOW)
		return; /* a probe for the call: it creates nothing */
	if (bpf_probe_read_user(&flags, sizeof(flags), (void *)args[0]) < 0) {
		__sync_fetch_and_add(&lost_calls, 1);
		return;
	}
	tuple.value[0] = flags & rows[row & (SNUG_REC_ROWS - 1)].mask[0];
	add_tuple(&tuple, row);
	mark_tuple(phase, abi, nr, row);
}

static __noinline int record_args(struct pt_regs *regs, __u32 abi, __u32 nr, __u32 phase)
{
	struct snug_rec_tuple tuple = { .nr = nr, .abi = abi, .phase = phase };
	const volatile struct snug_rec_row *row;
	__u64 args[8] = { 0 };
	__u32 number;

	if (nr == clone3_nr[abi & (SNUG_REC_ABIS - 1)]) {
		record_clone3(regs, abi, phase);
		calls[phase & 1][abi & (SNUG_REC_ABIS - 1)][nr & (SNUG_REC_CALLS - 1)] =
			SNUG_CALL_TUPLE;
		return 0;
	}
	number = row_of[abi & (SNUG_REC_ABIS - 1)][nr & (SNUG_REC_CALLS - 1)];
	row = &rows[number & (SNUG_REC_ROWS - 1)];
	load_args(regs, abi, args);
	/* Past count the masks are 0. No branches: the verifier would follow all their
	 * combinations. */
#pragma unroll
	for (__u32 i = 0; i < SNUG_TUPLE_ARGS; i++)
		tuple.value[i] = args[row->index[i] & 7] & row->mask[i];
	add_tuple(&tuple, number);
	mark_tuple(phase, abi, nr, number);
	return 0;
}

/* Splits what the kernel takes for the number into ABI and number. */
static __always_inline __u32 abi_of(struct task_struct *task, __u32 *nr)
{
	if (task->thread_info.status & TS_COMPAT)
		return SNUG_REC_I386;
	if (!(*nr & X32_BIT))
		return SNUG_REC_X86_64;
	*nr &= ~X32_BIT;
	return SNUG_REC_X32;
}

SEC("tp_btf/sys_enter")
int BPF_PROG(on_sys_enter, struct pt_regs *regs, long id)
{
	__u64 entry = entry_in_line(tag_of(regs));
	struct task_struct *task;
	__u32 abi, phase, nr;
	__u8 *state;

	if (!entry)
		return 0;
	task = bpf_get_current_task_btf();
	if ((entry & SNUG_STATE) == SNUG_STATE_BEFORE && !has_loaded(task, entry))
		return 0;
	if (watch_refusals)
		add_flag(tag_of(regs), SNUG_ENTRY_ENTERED);
	phase = (entry & SNUG_STATE) == SNUG_STATE_WORKLOAD;
	nr = id;
	abi = abi_of(task, &nr);
	if (nr >= SNUG_REC_CALLS)
		return 0;
	state = &calls[phase][abi][nr];
	if (*state == SNUG_CALL_DONE)
		return 0;
	if (*state == SNUG_CALL_NEW)
		*state = SNUG_CALL_DONE;
	else
		record_args(regs, abi, nr, phase);
	return 0;
}

/*
 * A call that the container's filter refuses never gets to sys_enter, but comes out here. The entry
 * says which calls went in, since number and ABI at the way out may be others (rt_sigreturn, an
 * exec into another ABI). Those that kill come out nowhere.
 */
SEC("tp_btf/sys_exit")
int BPF_PROG(on_sys_exit, struct pt_regs *regs, long ret)
{
	__u64 tag = tag_of(regs), entry = entry_in_line(tag);
	__u32 abi, phase, nr = regs->orig_ax;

	if (!entry || (entry & SNUG_STATE) == SNUG_STATE_BEFORE)
		return 0;
	if (entry & SNUG_ENTRY_ENTERED) {
		set_flags(tag, entry & SNUG_ENTRY_BITS & ~SNUG_ENTRY_ENTERED);
		return 0;
	}
	phase = (entry & SNUG_STATE) == SNUG_STATE_WORKLOAD;
	abi = abi_of(bpf_get_current_task_btf(), &nr);
	if (nr < SNUG_REC_CALLS)
		refused[phase][abi][nr] = 1;
	return 0;
}

/*
 * Fires before the child can run. A tracked parent's child is tracked in the same phase; so is one
 * that is born into the container's cgroup from outside (CLONE_INTO_CGROUP, as newer runtimes'
 * exec; version 2 alone has it). The child's stack may have been another's: no entry of old
 * survives.
 */
SEC("tp_btf/sched_process_fork")
int BPF_PROG(on_fork, struct task_struct *parent, struct task_struct *child)
{
	__u64 tag = tag_of_task(child);
	__u64 entry = entry_of(tag_of_task(parent));
	__u64 state = entry & SNUG_STATE;

	forget(tag);
	if (state == SNUG_STATE_RUNTIME || state == SNUG_STATE_WORKLOAD) {
		/* Its first way out is that of its parent's call. */
		track(tag, state | SNUG_ENTRY_ENTERED);
	} else if (join == SNUG_JOIN_V2 && own_cgroup && !entry && child->pid == child->tgid &&
		   bpf_get_current_cgroup_id() != own_cgroup && cgroup2_of(child) == own_cgroup) {
		track_before(child, tag, 0);
	}
	return 0;
}

/*
 * secureexec is the kernel's word for an exec that raised credentials: setuid, setgid or file
 * capabilities took effect (or an LSM wants the environment cleaned: rare, and on the safe side).
 */
SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task, int old_pid, struct linux_binprm *bprm)
{
	__u64 tag = tag_of_task(task), entry = entry_of(tag);

	if (!entry)
		return 0;
	if ((entry & SNUG_STATE) == SNUG_STATE_BEFORE) {
		struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(task);
		__u64 nr = regs->orig_ax;

		/* No filter was loaded: the runtime's exec is the gate, and the first call. */
		if (!pass_gate(task, entry, SNUG_REC_GATE_EXEC))
			return 0;
		if (nr < SNUG_REC_CALLS)
			calls[SNUG_REC_RUNTIME][SNUG_REC_X86_64][nr] = SNUG_CALL_DONE;
	}
	if (entry & SNUG_ENTRY_BOSS)
		set_flags(tag, SNUG_STATE_WORKLOAD | SNUG_ENTRY_ENTERED);
	if (entry & SNUG_ENTRY_INIT)
		executed = 1;
	if ((entry & SNUG_ENTRY_BOSS || (entry & SNUG_STATE) == SNUG_STATE_WORKLOAD) &&
	    BPF_CORE_READ_BITFIELD(bprm, secureexec))
		raised = 1;
	return 0;
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct *task)
{
	forget(tag_of_task(task));
	return 0;
}

/* `exec` of a runtime moves its own init into the container's cgroup. */
SEC("tp_btf/cgroup_attach_task")
int BPF_PROG(on_attach, struct cgroup *to, const char *path, struct task_struct *task)
{
	__u64 tag;

	if (!own_cgroup || to->kn->id != own_cgroup || to->root->hierarchy_id != own_hierarchy)
		return 0;
	tag = tag_of_task(task);
	if (entry_of(tag))
		return 0;
	track_before(task, tag, 0);
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
	struct task_struct *task;
	__u8 there = 1;
	__u64 entry;
	long failed;

	if (refused)
		return 0;
	task = bpf_get_current_task_btf();
	entry = entry_of(tag_of_task(task));
	if (!entry && task->flags & PF_IO_WORKER)
		entry = entry_of(tag_of_task(task->group_leader));
	if ((entry & SNUG_STATE) != SNUG_STATE_WORKLOAD)
		return 0;
	if (cred->user_ns->ns.inum != user_ns || cap < 0 || cap > 63 ||
	    !(cred->cap_effective.val >> cap & 1))
		return 0;
	if (bpf_get_stack(ctx, check.ip, sizeof(check.ip), 0) < 0) {
		__sync_fetch_and_add(&lost_checks, 1);
		return 0;
	}
	if (bpf_map_lookup_elem(&checks, &check))
		return 0;
	failed = bpf_map_update_elem(&checks, &check, &there, BPF_NOEXIST);
	if (failed && failed != -EEXIST)
		__sync_fetch_and_add(&lost_checks, 1);
	return 0;
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
	__u64 tag;

	if (!task || task->pid != task->tgid || seeded)
		return 0;
	tag = tag_of_task(task);
	if (entry_of(tag))
		return 0;
	take_cgroup(task);
	seeded = track_before(task, tag, SNUG_ENTRY_INIT) == 0;
	return 0;
}
