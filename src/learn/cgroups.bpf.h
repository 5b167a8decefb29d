/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Which cgroup is a container's own, and so who joins it: part of recorder.bpf.c, which declares
 * the map `cgroups` ahead of it.
 */
#pragma once

#define LEVELS 8192 /* of cgroups, one below the other */

static __always_inline struct cgroup *cgroup2_of(struct task_struct *task)
{
	return PLAIN(task_struct, task)->cgroups->dfl_cgrp;
}

/* The cgroup that tells joiners, by the slot's way of telling them. */
static __always_inline struct cgroup *own_cgroup(struct task_struct *task, __u32 join)
{
	int pids = bpf_core_enum_value(enum cgroup_subsys_id, pids_cgrp_id);
	struct css_set *cgroups = PLAIN(task_struct, task)->cgroups;

	if (join == SNUG_JOIN_V2)
		return cgroups->dfl_cgrp;
	if (join == SNUG_JOIN_PIDS && pids >= 0 && pids < CGROUP_SUBSYS_COUNT)
		return cgroups->subsys[pids]->cgroup;
	return NULL;
}

/* Notes which cgroup is the container's own. Of two containers in one cgroup the first has it. */
static __always_inline void take_cgroup(struct task_struct *task, struct snug_rec_slot *slot,
					__u32 index)
{
	struct cgroup *own = own_cgroup(task, slot->join);
	struct snug_rec_cgroup key = { 0 };

	if (!own)
		return;
	key.id = own->kn->id;
	key.hierarchy = own->root->hierarchy_id;
	if (bpf_map_update_elem(&cgroups, &key, &index, BPF_NOEXIST) < 0)
		return;
	slot->hierarchy = key.hierarchy;
	slot->cgroup = key.id;
}

struct climb {
	struct cgroup *at;
	struct snug_rec_cgroup key;
};

static long climb(__u32 index, struct climb *climb)
{
	struct cgroup_subsys_state *above = climb->at->self.parent;

	climb->key.id = climb->at->kn->id;
	if (!above || bpf_map_lookup_elem(&cgroups, &climb->key))
		return 1;
	climb->at = above->cgroup;
	return 0;
}

/* The flags of a joiner of the container whose cgroup this is, or is below of: `exec` may ask for
 * that, and runtimes go there where the container has divided its own. 0: nobody's. */
static __always_inline __u64 joiner_of(struct cgroup *cgroup)
{
	struct climb from = { .at = cgroup };
	struct snug_rec_slot *slot;
	__u32 *index;
	__u64 flags;

	from.key.hierarchy = cgroup->root->hierarchy_id;
	bpf_loop(LEVELS, climb, &from, 0);
	index = bpf_map_lookup_elem(&cgroups, &from.key);
	if (!index)
		return 0;
	flags = (__u64)*index << SNUG_SLOT_SHIFT & SNUG_ENTRY_SLOT;
	slot = slot_of(flags);
	if (!slot)
		return 0;
	return flags | SNUG_STATE_BEFORE | (slot->watching ? SNUG_ENTRY_WATCHED : 0);
}
