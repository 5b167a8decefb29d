/* SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause */
/*
 * Capabilities that are needed and that no check tells of: part of recorder.bpf.c. capset(2) and
 * PR_CAP_AMBIENT_RAISE fail where one that they name is not there, whether it is used later or not,
 * and ask for none of them; who loads a filter without no_new_privs is asked as by a probe.
 */
#pragma once

#define EFAULT_BELOW	     4096 /* nothing is mapped there (vm.mmap_min_addr) */
#define PR_CAP_AMBIENT	     47	  /* include/uapi/linux/prctl.h */
#define PR_CAP_AMBIENT_RAISE 2
#define PR_SET_SECCOMP	     22
#define SECCOMP_MODE_FILTER  2 /* include/uapi/linux/seccomp.h */
#define SECCOMP_SET_FILTER   1
#define SECCOMP_NEW_LISTENER 8u
#define CAP_SYS_ADMIN	     21
#define CAP_VERSION_1	     0x19980330 /* include/uapi/linux/capability.h: one word a set */

struct kept {
	struct snug_rec_slot *slot;
	__u64 entry, caps;
};

static long keep_one(__u32 cap, struct kept *kept)
{
	struct snug_rec_check check = { .slot = slot_index(kept->entry), .cap = cap };

	if (kept->caps >> cap & 1)
		add_check(kept->slot, bpf_get_current_task_btf(), &check);
	return 0;
}

static __always_inline void keep(struct snug_rec_slot *slot, __u64 entry, __u64 caps)
{
	struct kept kept = { .slot = slot, .entry = entry, .caps = caps };

	bpf_loop(SNUG_REC_CAPS, keep_one, &kept, 0);
}

/* Effective, permitted, inheritable; in version 1 without the upper halves. */
static __always_inline bool read_sets(const __u64 args[6], __u64 ret[3])
{
	__u32 version, words[6] = { 0 };
	bool one;

	if (bpf_probe_read_user(&version, sizeof(version), (void *)args[0]) < 0)
		return false;
	one = version == CAP_VERSION_1;
	if (bpf_probe_read_user(words, one ? 12 : sizeof(words), (void *)args[1]) < 0)
		return false;
	for (int i = 0; i < 3; i++)
		ret[i] = (words[i] | (__u64)(one ? 0 : words[3 + i]) << 32) &
			 ((1ull << SNUG_REC_CAPS) - 1);
	return true;
}

/*
 * Who gives some up says which it keeps. Who keeps all that it has permitted (to change another
 * set) tells nothing: most of those asked what they have before. What the kernel is to refuse is
 * none of it.
 */
static __always_inline void record_capset(struct snug_rec_slot *slot, __u64 entry,
					  const __u64 args[6])
{
	const struct cred *cred = PLAIN(task_struct, bpf_get_current_task_btf())->cred;
	__u64 had = CAPS_OF(cred, cap_permitted), bound = CAPS_OF(cred, cap_inheritable) | had;
	__u64 sets[3], kept;

	if (cred->user_ns->ns.inum != slot->user_ns || !read_sets(args, sets))
		return;
	if (sets[1] & ~had || sets[0] & ~sets[1])
		return;
	kept = sets[1] == had ? 0 : sets[1] | sets[2];
	if (sets[2] & ~bound)
		kept |= 1ull << CAP_SETPCAP & CAPS_OF(cred, cap_effective);
	keep(slot, entry, kept);
}

/* ns_capable_noaudit, of who has no no_new_privs alone. */
static __always_inline void record_filter(struct snug_rec_slot *slot, __u64 entry)
{
	struct task_struct *task = PLAIN(task_struct, bpf_get_current_task_btf());
	const struct cred *cred = task->cred;

	if (!(task->atomic_flags & NO_NEW_PRIVS) && cred->user_ns->ns.inum == slot->user_ns)
		keep(slot, entry, 1ull << CAP_SYS_ADMIN & CAPS_OF(cred, cap_effective));
}

/*
 * What a listener answers in place of the kernel is made by nobody, and so seen by nobody: a loss.
 * Without a filter the call is a question for what there is (libseccomp's).
 */
static __always_inline void record_seccomp(struct snug_rec_slot *slot, __u64 entry,
					   const __u64 args[6])
{
	if ((__u32)args[0] != SECCOMP_SET_FILTER || args[2] < EFAULT_BELOW)
		return;
	record_filter(slot, entry);
	if (args[1] & SECCOMP_NEW_LISTENER)
		__sync_fetch_and_add(&slot->lost_calls, 1);
}

static __always_inline void record_prctl(struct snug_rec_slot *slot, __u64 entry,
					 const __u64 args[6])
{
	const struct cred *cred = PLAIN(task_struct, bpf_get_current_task_btf())->cred;

	if ((__u32)args[0] == PR_SET_SECCOMP && args[1] == SECCOMP_MODE_FILTER &&
	    args[2] >= EFAULT_BELOW)
		record_filter(slot, entry);
	if ((__u32)args[0] != PR_CAP_AMBIENT || args[1] != PR_CAP_AMBIENT_RAISE ||
	    args[2] >= SNUG_REC_CAPS || cred->user_ns->ns.inum != slot->user_ns)
		return;
	keep(slot, entry,
	     1ull << args[2] & CAPS_OF(cred, cap_permitted) & CAPS_OF(cred, cap_inheritable));
}
