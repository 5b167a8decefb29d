/* SPDX-License-Identifier: Apache-2.0 */
#include "model/oci/seccomp_plan.h"

#include "base/cleanup.h"
#include "model/syscalls.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void snug_oci_plan_clear(struct snug_oci_plan *plan)
{
	for (size_t i = 0; i < plan->names.count; i++)
		snug_split_clear(&plan->names.at[i].entries);
	snug_vec_clear(&plan->names);
}

static bool permits(snug_action action)
{
	return !snug_action_looser(SNUG_TRACE(0), action);
}

static snug_action strictest(const struct snug_split *split)
{
	snug_action ret = split->at[0].action;

	for (size_t i = 1; i < split->count; i++)
		ret = snug_action_meet(ret, split->at[i].action);
	return ret;
}

/* ---- the default ---- */

/* Meets *ret with what the policy says of every number from first to last that the target cannot
 * name: they all get the default. */
static void meet_unnamed(const struct snug_seccomp *policy, const struct snug_target *target,
			 enum snug_arch arch, snug_action *ret, bool *any)
{
	const struct snug_syscall *newest = snug_target_newest(target, arch);
	uint32_t first = snug_abi_first(arch), last = newest ? newest->nr : first;

	for (uint32_t nr = first; nr <= last; nr++) {
		snug_action action;

		if (snug_target_resolves(target, arch, nr))
			continue;
		action = strictest(snug_seccomp_split(policy, arch, nr));
		*ret = *any ? snug_action_meet(*ret, action) : action;
		*any = true;
	}
}

/* The same for all numbers above the newest call that the target can name. */
static void meet_above(const struct snug_seccomp *policy, const struct snug_target *target,
		       enum snug_arch arch, snug_action *ret, bool *any)
{
	const struct snug_abi_policy *abi = &policy->abi[arch];
	const struct snug_syscall *newest = snug_target_newest(target, arch);
	uint32_t above = newest ? newest->nr + 1 : snug_abi_first(arch);

	for (size_t i = 0; i < abi->spans.count; i++) {
		bool is_last = i + 1 == abi->spans.count;
		snug_action action = strictest(&abi->spans.at[i].split);

		if (!is_last && abi->spans.at[i + 1].first <= above)
			continue;
		*ret = *any ? snug_action_meet(*ret, action) : action;
		*any = true;
	}
}

/* Where runc puts its stub, the numbers above the newest call are the stub's. */
static void choose_default(const struct snug_seccomp *policy, const struct snug_target *target,
			   struct snug_oci_plan *plan)
{
	bool any = false;

	plan->fallback = SNUG_ALLOW;
	for (unsigned arch = 0; arch < SNUG_ARCH_MAX; arch++)
		if (plan->listed[arch])
			meet_unnamed(policy, target, (enum snug_arch)arch, &plan->fallback, &any);
	if (any && target->runtime == SNUG_RUNTIME_RUNC && !permits(plan->fallback))
		return;
	for (unsigned arch = 0; arch < SNUG_ARCH_MAX; arch++)
		if (plan->listed[arch])
			meet_above(policy, target, (enum snug_arch)arch, &plan->fallback, &any);
}

/* ---- one split for all architectures ---- */

/* What a 32-bit ABI's filter keeps of a condition. */
static struct snug_cube low_half(struct snug_cube cube)
{
	for (int i = 0; i < SNUG_ARGS; i++) {
		cube.mask[i] &= UINT32_MAX;
		cube.value[i] &= UINT32_MAX;
	}
	return cube;
}

static int by_strictness(const void *left, const void *right)
{
	const struct snug_piece *a = left, *b = right;

	return ((int32_t)a->action < (int32_t)b->action) -
	       ((int32_t)a->action > (int32_t)b->action);
}

/* Filters of 32-bit ABIs drop the upper halves of a rule's operands. Where what is left says too
 * much there, no piece may rest on them: each low half gets the strictest answer that any upper
 * half has. The last piece decides, so that is the strictest last. */
static int narrow(struct snug_split *split, struct snug_error *err)
{
	SNUG_AUTO(snug_split_clear) struct snug_split list = { 0 };
	SNUG_AUTO(snug_split_clear) struct snug_split low = { 0 };
	if (snug_split_disjoint(split, SNUG_SKIP_NONE, &list, err) < 0 ||
	    snug_split_init(&low, SNUG_ALLOW, err) < 0)
		return -1;
	qsort(list.at, list.count, sizeof(*list.at), by_strictness);
	for (size_t i = 0; i < list.count; i++) {
		const struct snug_cube cube = low_half(list.at[i].cube);

		if (snug_split_assign(&low, &cube, list.at[i].action, err) < 0)
			return -1;
	}
	snug_split_simplify(&low);
	snug_split_clear(split);
	*split = low;
	low = (struct snug_split){ 0 };
	return 0;
}

static int flatten(struct snug_split *split, snug_action action, struct snug_error *err)
{
	snug_split_clear(split);
	return snug_split_init(split, action, err);
}

/* The same function: of pieces that stand together and have one action any may be the last. */
static void reverse_runs(struct snug_split *split)
{
	for (size_t from = 1, to; from < split->count; from = to) {
		to = from + 1;
		while (to < split->count && split->at[to].action == split->at[from].action)
			to++;
		for (size_t i = from, j = to - 1; i < j; i++, j--) {
			const struct snug_piece piece = split->at[i];

			split->at[i] = split->at[j];
			split->at[j] = piece;
		}
	}
}

/* 1: *ret has the entries that split takes. 0: they are too many. */
static int fits_so(const struct snug_split *split, snug_action fallback, struct snug_split *ret,
		   struct snug_error *err)
{
	SNUG_AUTO(snug_split_clear) struct snug_split list = { 0 };

	if (snug_split_disjoint(split, fallback, &list, err) < 0)
		return err->code == SNUG_INPUT ? 0 : -1;
	if (list.count > SNUG_PIECES_MAX)
		return 0;
	*ret = list;
	list = (struct snug_split){ 0 };
	return 1;
}

/* The same. What two pieces share is cut out of the first, which can take many cuts in the one
 * order and few in the other. */
static int fits(const struct snug_split *split, snug_action fallback, struct snug_split *ret,
		struct snug_error *err)
{
	SNUG_AUTO(snug_split_clear) struct snug_split other = { 0 };
	int fit = fits_so(split, fallback, ret, err);

	if (fit != 0)
		return fit;
	if (snug_split_copy(split, &other, err) < 0)
		return -1;
	reverse_runs(&other);
	return fits_so(&other, fallback, ret, err);
}

/*
 * The entries of a name. Plainly, or where they are too many: refusals of the default's strength or
 * less get the default, which takes no entry; if that does not help, the whole call gets its
 * strictest answer.
 */
static int make_entries(const struct snug_split *from, const struct snug_oci_plan *plan,
			struct snug_split *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_split_clear) struct snug_split copy = { 0 };
	const snug_action fallback = plan->fallback;
	int fit = plan->plain ? 0 : fits(from, fallback, ret, err);

	if (fit != 0)
		return fit < 0 ? -1 : 0;
	if (snug_split_copy(from, &copy, err) < 0)
		return -1;
	for (size_t i = 0; i < copy.count; i++)
		if (!permits(copy.at[i].action) && !snug_action_looser(fallback, copy.at[i].action))
			copy.at[i].action = fallback;
	snug_split_simplify(&copy);
	fit = fits(&copy, fallback, ret, err);
	if (fit != 0)
		return fit < 0 ? -1 : 0;
	if (flatten(&copy, strictest(&copy), err) < 0)
		return -1;
	return snug_split_disjoint(&copy, fallback, ret, err);
}

/* Does the name stand for a call on the listed ABI arch? */
static const struct snug_syscall *call_on(const struct snug_oci_plan *plan,
					  const struct snug_target *target, unsigned arch,
					  const char *name)
{
	const struct snug_syscall *call;

	if (!plan->listed[arch])
		return NULL;
	call = snug_syscall_by_name((enum snug_arch)arch, name);
	return call && snug_target_resolves(target, (enum snug_arch)arch, call->nr) ? call : NULL;
}

/* Puts an entry into split, whose first piece is the default. Not clear: it contradicts another. */
static int add_low(struct snug_split *split, const struct snug_cube *cube, snug_action action,
		   bool *ret_clear, struct snug_error *err)
{
	struct snug_cube both;

	for (size_t i = 1; i < split->count; i++)
		*ret_clear &= split->at[i].action == action ||
			      !snug_cube_meet(&split->at[i].cube, cube, &both);
	return snug_split_assign(split, cube, action, err);
}

/* Do the entries, on a 32-bit ABI, say no more than the policy does there? One that has no
 * condition left would overrule the others. */
static int suits(const struct snug_split *entries, snug_action fallback,
		 const struct snug_split *policy, bool *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_split_clear) struct snug_split low = { 0 };
	uint64_t witness[SNUG_ARGS];

	*ret = true;
	if (snug_split_init(&low, fallback, err) < 0)
		return -1;
	for (size_t i = 0; i < entries->count; i++) {
		const struct snug_cube cube = low_half(entries->at[i].cube);

		*ret &= entries->count == 1 || !snug_cube_is_all(&cube);
		if (add_low(&low, &cube, entries->at[i].action, ret, err) < 0)
			return -1;
	}
	*ret = *ret && snug_split_within(&low, policy, witness);
	return 0;
}

/* The same for all listed 32-bit ABIs that have the name. */
static int suits_all(const struct snug_seccomp *policy, const struct snug_target *target,
		     const struct snug_oci_plan *plan, const struct snug_oci_name *name, bool *ret,
		     struct snug_error *err)
{
	*ret = true;
	for (unsigned arch = 0; arch < SNUG_ARCH_MAX; arch++) {
		const struct snug_syscall *call = call_on(plan, target, arch, name->name);
		bool suit;

		if (!call || snug_oci_compared_bits((enum snug_arch)arch) != 32)
			continue;
		if (suits(&name->entries, plan->fallback,
			  snug_seccomp_split(policy, (enum snug_arch)arch, call->nr), &suit,
			  err) < 0)
			return -1;
		*ret &= suit;
	}
	return 0;
}

/* Too many pieces on the way: one, the strictest. */
static int narrow_or_flat(struct snug_split *split, struct snug_error *err)
{
	struct snug_error why;

	if (narrow(split, &why) == 0)
		return 0;
	if (why.code == SNUG_INPUT)
		return flatten(split, strictest(split), err);
	*err = why;
	return -1;
}

/* Too many pieces: one, the strictest. */
static int meet_or_flat(const struct snug_split *a, const struct snug_split *b,
			struct snug_split *ret, struct snug_error *err)
{
	struct snug_error why;

	if (snug_split_meet(a, b, ret, &why) == 0)
		return 0;
	if (why.code != SNUG_INPUT) {
		*err = why;
		return -1;
	}
	return snug_split_init(ret, snug_action_meet(strictest(a), strictest(b)), err);
}

/* The entries for the meet of what all listed ABIs say of the name. */
static int entries_of_name(const struct snug_seccomp *policy, const struct snug_target *target,
			   const struct snug_oci_plan *plan, const char *name,
			   struct snug_split *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_split_clear) struct snug_split all = { 0 };
	struct snug_oci_name made = { .name = name };
	bool suit;

	for (unsigned arch = 0; arch < SNUG_ARCH_MAX; arch++) {
		const struct snug_syscall *call = call_on(plan, target, arch, name);
		SNUG_AUTO(snug_split_clear) struct snug_split before = { 0 };
		const struct snug_split *split;

		if (!call)
			continue;
		split = snug_seccomp_split(policy, (enum snug_arch)arch, call->nr);
		before = all;
		all = (struct snug_split){ 0 };
		if ((before.count ? meet_or_flat(&before, split, &all, err)
				  : snug_split_copy(split, &all, err)) < 0)
			return -1;
	}
	if (make_entries(&all, plan, &made.entries, err) < 0 ||
	    suits_all(policy, target, plan, &made, &suit, err) < 0)
		return -1;
	if (suit) {
		*ret = made.entries;
		return 0;
	}
	snug_split_clear(&made.entries);
	if (narrow_or_flat(&all, err) < 0)
		return -1;
	return make_entries(&all, plan, ret, err);
}

static int push_name(struct snug_oci_plan *plan, const char *name, struct snug_split *entries,
		     struct snug_error *err)
{
	const struct snug_oci_name new = { name, *entries };

	if (snug_vec_push(&plan->names, new) < 0)
		return snug_fail_memory(err);
	*entries = (struct snug_split){ 0 };
	return 0;
}

static int plan_names(const struct snug_seccomp *policy, const struct snug_target *target,
		      unsigned arch, struct snug_oci_plan *plan, struct snug_error *err)
{
	size_t count;
	const struct snug_syscall *table = snug_syscall_table((enum snug_arch)arch, &count);

	for (size_t i = 0; i < count; i++) {
		SNUG_AUTO(snug_split_clear) struct snug_split entries = { 0 };
		bool done = !call_on(plan, target, arch, table[i].name);

		for (unsigned earlier = 0; earlier < arch; earlier++)
			done |= call_on(plan, target, earlier, table[i].name) != NULL;
		if (!done &&
		    (entries_of_name(policy, target, plan, table[i].name, &entries, err) < 0 ||
		     push_name(plan, table[i].name, &entries, err) < 0))
			return -1;
	}
	return 0;
}

/* ---- socketcall and ipc ---- */

/* What the rules of the names alone make of i386's multiplexed call, where no rule names it.
 * *ret_clear: no two of them contradict each other there. */
static int derive(const struct snug_oci_plan *plan, uint32_t nr, struct snug_split *ret,
		  bool *ret_clear, struct snug_error *err)
{
	*ret_clear = true;
	if (snug_split_init(ret, plan->fallback, err) < 0)
		return -1;
	for (size_t i = 0; i < plan->names.count; i++) {
		const struct snug_split *entries = &plan->names.at[i].entries;
		uint32_t call, number;

		if (!snug_i386_multiplexed(plan->names.at[i].name, &call, &number) || call != nr)
			continue;
		for (size_t p = 0; p < entries->count; p++) {
			struct snug_cube cube = low_half(entries->at[p].cube);

			cube.mask[0] = UINT32_MAX;
			cube.value[0] = number;
			if (add_low(ret, &cube, entries->at[p].action, ret_clear, err) < 0)
				return -1;
		}
	}
	return 0;
}

/* An action no looser than the default that is another one: an entry equal to it is skipped. */
static snug_action beside(snug_action fallback)
{
	switch (snug_action_kind(fallback)) {
	case SNUG_KILL_PROCESS:
		return fallback;
	case SNUG_KILL_THREAD:
		return SNUG_KILL_PROCESS;
	case SNUG_TRAP:
		return SNUG_KILL_THREAD;
	default:
		return fallback == SNUG_ERRNO(EPERM) ? SNUG_ERRNO(ENOSYS) : SNUG_ERRNO(EPERM);
	}
}

static int put_flat(struct snug_oci_name *name, snug_action action, snug_action fallback,
		    struct snug_error *err)
{
	name->entries.count = 0;
	if (action == fallback)
		return 0;
	return snug_split_assign(&name->entries, &(struct snug_cube){ 0 }, action, err);
}

/*
 * libseccomp makes rules for socketcall of the socket calls' rules, and their arguments mean
 * something else there. A rule without conditions, put first, overrules them. It can be left out
 * where those rules are no looser than the policy and do not contradict each other. (Under a
 * default of KILL_PROCESS nothing can overrule them: then what was to be written is refused.)
 */
static int plan_multiplexed(const struct snug_seccomp *policy, struct snug_oci_plan *plan,
			    size_t at, struct snug_error *err)
{
	struct snug_oci_name *own = &plan->names.at[at];
	uint32_t nr = snug_syscall_by_name(SNUG_ARCH_I386, own->name)->nr;
	const struct snug_split *split = snug_seccomp_split(policy, SNUG_ARCH_I386, nr);
	SNUG_AUTO(snug_split_clear) struct snug_split derived = { 0 };
	uint64_t witness[SNUG_ARGS];
	snug_action flat = strictest(split);
	bool clear;

	if (derive(plan, nr, &derived, &clear, err) < 0)
		return -1;
	if (clear && snug_split_within(&derived, split, witness) &&
	    (!snug_split_is_flat(split, &flat) || flat == plan->fallback))
		return put_flat(own, plan->fallback, plan->fallback, err);
	if (flat == plan->fallback && (!permits(flat) || !clear))
		flat = beside(flat);
	return put_flat(own, flat, plan->fallback, err);
}

/* They go first: a later rule without conditions would come too late for rules of one piece that
 * contradict each other. */
static int plan_all_multiplexed(const struct snug_seccomp *policy, struct snug_oci_plan *plan,
				struct snug_error *err)
{
	size_t front = 0;

	for (size_t i = 0; plan->listed[SNUG_ARCH_I386] && i < plan->names.count; i++) {
		const char *name = plan->names.at[i].name;
		struct snug_oci_name own;

		if (strcmp(name, "socketcall") != 0 && strcmp(name, "ipc") != 0)
			continue;
		if (plan_multiplexed(policy, plan, i, err) < 0)
			return -1;
		own = plan->names.at[i];
		memmove(&plan->names.at[front + 1], &plan->names.at[front],
			(i - front) * sizeof(own));
		plan->names.at[front++] = own;
	}
	return 0;
}

int snug_oci_plan_make(const struct snug_seccomp *policy, const struct snug_target *target,
		       bool plain, struct snug_oci_plan *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_oci_plan_clear) struct snug_oci_plan plan = { .plain = plain };

	for (unsigned arch = 0; arch < SNUG_ARCH_MAX; arch++)
		plan.listed[arch] = arch == snug_arch_native() ||
				    !snug_abi_is_flat(policy, (enum snug_arch)arch, SNUG_UNLISTED);
	choose_default(policy, target, &plan);
	for (unsigned arch = 0; arch < SNUG_ARCH_MAX; arch++)
		if (plan.listed[arch] && plan_names(policy, target, arch, &plan, err) < 0)
			return -1;
	if (plan_all_multiplexed(policy, &plan, err) < 0)
		return -1;
	*ret = plan;
	plan = (struct snug_oci_plan){ 0 };
	return 0;
}
