/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * The guard of the exec boundary: kills whoever execs in a container and falls short of what was
 * promised of it, before its program's first instruction. It is what holds where a thread was not
 * traced, a tracer died, or `exec` brings a process in. No helper reads kernel memory, as in
 * recorder.bpf.c.
 */
#include "vmlinux.h"

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "learn/caps.bpf.h"
#include "learn/guard.h"
#include "learn/plain.bpf.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define SIGKILL 9
/* include/linux/ptrace.h: PT_OPT_FLAG_SHIFT is 3. */
#define PT_TRACE_EXEC (1u << (3 + 4))
#define PT_EXITKILL   (1u << (3 + 20))
#define NO_NEW_PRIVS  1ul  /* include/linux/sched.h: PFA_NO_NEW_PRIVS is bit 0 */
#define LEVELS	      8192 /* of cgroups, one below the other */
#define FILTERS	      8192 /* of a process: the kernel lets it have some 6,000 */
#define GENERATIONS   8	   /* from a hook's process to the container's first */

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SNUG_GUARD_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct snug_guard_key);
	__type(value, struct snug_guard_promise);
} promises SEC(".maps");

/* Where the promise is, by the container's first process: what ends with that. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SNUG_GUARD_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32);
	__type(value, struct snug_guard_key);
} inits SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct snug_guard_wish);
} wanted SEC(".maps");

/* ---- whose process is it? ---- */

/* As Linux 6.1 has it, and as 6.18 does. */
struct mnt_namespace___seq {
	__u64 seq;
} __attribute__((preserve_access_index));
struct ns_common___id {
	__u64 ns_id;
} __attribute__((preserve_access_index));

/*
 * A number of its mounts that no others get. Inode numbers are taken again, and a container whose
 * first process takes mounts of its own gives one back.
 */
static __always_inline __u64 mounts_of(struct task_struct *task)
{
	struct mnt_namespace *ns = PLAIN(task_struct, task)->nsproxy->mnt_ns;
	const struct mnt_namespace___seq *before = (const void *)ns;
	const struct ns_common___id *common = (const void *)&ns->ns;

	if (bpf_core_field_exists(before->seq))
		return before->seq;
	return bpf_core_field_exists(common->ns_id) ? common->ns_id : ns->ns.inum;
}

/*
 * A cgroup may hold processes that are not in the container: an engine's, the runtime's. Where it
 * has no pid namespace of its own, and the first process took mounts of its own since, who joins
 * it has those: all that is known of them is that they are not outside.
 */
static __always_inline bool is_inside(struct task_struct *task,
				      const struct snug_guard_promise *promise)
{
	struct nsproxy *ns = PLAIN(task_struct, task)->nsproxy;
	__u32 mnt_ns = ns->mnt_ns->ns.inum;

	if (mnt_ns == promise->mnt_ns)
		return true;
	return promise->pid_ns
		       ? ns->pid_ns_for_children->ns.inum == promise->pid_ns
		       : mnt_ns != promise->outer_mnt_ns[0] && mnt_ns != promise->outer_mnt_ns[1];
}

/* A task's cgroup. NULL: there is no such hierarchy. */
static __always_inline struct cgroup *cgroup_of(struct task_struct *task, __u32 by)
{
	int pids = bpf_core_enum_value(enum cgroup_subsys_id, pids_cgrp_id);
	struct css_set *cgroups = PLAIN(task_struct, task)->cgroups;

	if (by == SNUG_GUARD_BY_CGROUP2)
		return cgroups->dfl_cgrp;
	return pids < 0 || pids >= CGROUP_SUBSYS_COUNT ? NULL : cgroups->subsys[pids]->cgroup;
}

static __always_inline void name_cgroup(const struct cgroup *cgroup, __u32 by,
					struct snug_guard_key *ret)
{
	ret->by = by;
	ret->id = cgroup->kn->id;
	ret->hierarchy = cgroup->root->hierarchy_id;
}

struct climb {
	struct cgroup *at;
	struct snug_guard_key key;
};

static long climb(__u32 index, struct climb *climb)
{
	struct cgroup_subsys_state *above = climb->at->self.parent;

	climb->key.id = climb->at->kn->id;
	if (!above || bpf_map_lookup_elem(&promises, &climb->key))
		return 1;
	climb->at = above->cgroup;
	return 0;
}

/* In the container's cgroup, or in one below it, however deep: an `exec` may be put there, and a
 * container may put there whom it finds. */
static __always_inline struct snug_guard_promise *by_cgroup(struct task_struct *task, __u32 by)
{
	struct climb from = { .at = cgroup_of(task, by) };

	if (!from.at)
		return NULL;
	name_cgroup(from.at, by, &from.key);
	bpf_loop(LEVELS, climb, &from, 0);
	return bpf_map_lookup_elem(&promises, &from.key);
}

/* In the pid namespace whose first process is a container's: that it cannot leave, whatever mounts
 * it has taken since it was promised by them. */
static __always_inline struct snug_guard_promise *by_pid_ns(struct task_struct *task)
{
	struct pid_namespace *ns = PLAIN(task_struct, task)->nsproxy->pid_ns_for_children;
	struct task_struct *first = ns->child_reaper;
	struct snug_guard_key *key, copy;
	__u32 init;

	if (!first)
		return NULL;
	init = first->tgid;
	key = bpf_map_lookup_elem(&inits, &init);
	if (!key)
		return NULL;
	copy = *key;
	return bpf_map_lookup_elem(&promises, &copy);
}

static __always_inline struct snug_guard_promise *promise_for(struct task_struct *task)
{
	struct snug_guard_key key = { .by = SNUG_GUARD_BY_MOUNTS, .id = mounts_of(task) };
	struct snug_guard_promise *promise = bpf_map_lookup_elem(&promises, &key);

	if (promise)
		return promise;
	promise = by_cgroup(task, SNUG_GUARD_BY_PIDS);
	if (!promise)
		promise = by_cgroup(task, SNUG_GUARD_BY_CGROUP2);
	if (!promise)
		promise = by_pid_ns(task);
	return promise && is_inside(task, promise) ? promise : NULL;
}

/* ---- is it as was promised? ---- */

struct chain {
	struct seccomp_filter *at;
	__u64 wanted;
	__u32 found;
};

static long look_at_filter(__u32 index, struct chain *chain)
{
	if (!chain->at)
		return 1;
	if ((__u64)chain->at == chain->wanted) {
		chain->found = 1;
		return 1;
	}
	chain->at = chain->at->prev;
	return 0;
}

/* Who descends from the first process has its very filter. Others may have as many: what starts
 * them is under some itself. */
static __always_inline bool has_loaded(struct task_struct *task, __u64 filter)
{
	struct chain chain = { .at = PLAIN(task_struct, task)->seccomp.filter, .wanted = filter };

	bpf_loop(FILTERS, look_at_filter, &chain, 0);
	return chain.found;
}

static __always_inline bool falls_short(struct task_struct *task,
					const struct snug_guard_promise *promise)
{
	const struct cred *cred = PLAIN(task_struct, task)->cred;
	bool fixed = task->atomic_flags & NO_NEW_PRIVS;

	if (promise->no_new_privs && !fixed)
		return true;
	if ((__u32)task->seccomp.filter_count.counter < promise->filters)
		return true;
	if (promise->filter && !has_loaded(task, promise->loaded))
		return true;
	/* In a user namespace of its own a process has them all, and none over the container's. */
	if (cred->user_ns->ns.inum != promise->user_ns)
		return false;
	return CAPS_OF(cred, cap_permitted) & ~promise->caps ||
	       (!fixed && CAPS_OF(cred, cap_bset) & ~promise->caps);
}

/* The tracer holds it: it confines it now, or the kernel kills it when the tracer dies. */
static __always_inline bool is_held(struct task_struct *task,
				    const struct snug_guard_promise *promise)
{
	const __u32 wanted_flags = PT_EXITKILL | PT_TRACE_EXEC;

	return (task->ptrace & wanted_flags) == wanted_flags &&
	       PLAIN(task_struct, task)->parent->tgid == (int)promise->tracer;
}

/* Of the runtime's startContainer hooks, which it runs in the container before the user's program:
 * they descend from the first process. */
static __always_inline bool is_hook(struct task_struct *task,
				    const struct snug_guard_promise *promise)
{
	struct task_struct *parent = PLAIN(task_struct, task);

	for (int i = 0; i < GENERATIONS; i++) {
		parent = parent->real_parent;
		if (parent->tgid == (int)promise->init)
			return true;
	}
	return false;
}

static __always_inline void judge_joiner(struct snug_guard_promise *promise)
{
	if (promise->allow_exec) {
		__sync_fetch_and_add(&promise->allowed, 1);
		return;
	}
	__sync_fetch_and_add(&promise->killed, 1);
	bpf_send_signal(SIGKILL);
}

/* Before the first process's execve, and until it has its filter, nobody but hooks has business in
 * the container, whatever he is under. */
static __always_inline void judge_early(struct task_struct *task,
					struct snug_guard_promise *promise)
{
	if (task->tgid != (int)promise->init) {
		if (!is_hook(task, promise))
			judge_joiner(promise);
	} else if (is_held(task, promise)) {
		promise->filters = task->seccomp.filter_count.counter + promise->filter;
		promise->sealed = 1;
	} else {
		__sync_fetch_and_add(&promise->killed, 1);
		bpf_send_signal(SIGKILL);
	}
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task)
{
	struct snug_guard_promise *promise = promise_for(task);

	if (!promise)
		return 0;
	if (!promise->sealed || (promise->filter && !promise->loaded))
		judge_early(task, promise);
	else if (falls_short(task, promise))
		judge_joiner(promise);
	return 0;
}

/* With the container's first process its promise ends: what else lives of it is confined, and the
 * numbers that it was told by may be another's in a moment. */
SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct *task)
{
	__u32 init = task->tgid;
	struct snug_guard_key *key, copy;

	if (PLAIN(task_struct, task)->signal->live.counter)
		return 0;
	key = bpf_map_lookup_elem(&inits, &init);
	if (!key)
		return 0;
	copy = *key;
	bpf_map_delete_elem(&promises, &copy);
	bpf_map_delete_elem(&inits, &init);
	return 0;
}

/*
 * Run by the tracer over the container's first process, once that has its filter. What it says is
 * that there is a promise to note it in.
 */
SEC("iter/task")
int confirm(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct snug_guard_promise *promise;
	struct snug_guard_key *key, copy;
	__u8 done = 1;
	__u32 init;

	if (!task || task->pid != task->tgid)
		return 0;
	init = task->tgid;
	key = bpf_map_lookup_elem(&inits, &init);
	if (!key)
		return 0;
	copy = *key;
	promise = bpf_map_lookup_elem(&promises, &copy);
	if (!promise)
		return 0;
	promise->loaded = (__u64)PLAIN(task_struct, task)->seccomp.filter;
	bpf_seq_write(ctx->meta->seq, &done, sizeof(done));
	return 0;
}

static __always_inline int enlist_by(const struct snug_guard_key *key,
				     const struct snug_guard_promise *promise)
{
	__u32 init = promise->init;

	if (bpf_map_update_elem(&promises, key, promise, BPF_NOEXIST) < 0)
		return -1;
	if (bpf_map_update_elem(&inits, &init, key, BPF_ANY) == 0)
		return 0;
	bpf_map_delete_elem(&promises, key);
	return -1;
}

/*
 * Run by user space over the container's first process alone, by its pidfd: keys are read where
 * on_exec reads them. A cgroup that is another's already does not tell: the mount namespace has to,
 * unless that is the host's, all of whose programs would be killed.
 */
SEC("iter/task")
int enlist(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct snug_guard_key key = { 0 };
	struct snug_guard_wish *wish;
	struct cgroup *own;
	__u32 zero = 0;

	if (!task || task->pid != task->tgid)
		return 0;
	wish = bpf_map_lookup_elem(&wanted, &zero);
	if (!wish || wish->done)
		return 0;
	wish->promise.init = task->tgid;
	own = wish->by == SNUG_GUARD_BY_MOUNTS ? NULL : cgroup_of(task, wish->by);
	if (own)
		name_cgroup(own, wish->by, &key);
	if (key.by && enlist_by(&key, &wish->promise) == 0) {
		wish->done = 1;
		return 0;
	}
	if (!wish->own_mounts)
		return 0;
	key = (struct snug_guard_key){ .by = SNUG_GUARD_BY_MOUNTS, .id = mounts_of(task) };
	if (enlist_by(&key, &wish->promise) == 0)
		wish->done = 1;
	return 0;
}
