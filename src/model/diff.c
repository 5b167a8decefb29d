/* SPDX-License-Identifier: Apache-2.0 */
#include "model/diff.h"

#include "base/cleanup.h"

#include <string.h>

/* ---- policies ---- */

enum snug_change snug_change_of(const struct snug_call_change *change)
{
	bool a = snug_action_permits(change->a), b = snug_action_permits(change->b);

	if (change->undecided)
		return SNUG_CHANGE_UNDECIDED;
	if (a == b)
		return SNUG_CHANGE_OTHERWISE;
	return b ? SNUG_CHANGE_B_ALLOWS : SNUG_CHANGE_A_ALLOWS;
}

/* Two steps' runs of unknown numbers, side by side, that get the same: one run. */
static bool extend(struct snug_call_changes *all, const struct snug_call_change *change)
{
	struct snug_call_change *last;

	if (all->count == 0)
		return false;
	last = &all->at[all->count - 1];
	if (last->arch != change->arch || last->last + 1 != change->first || last->a != change->a ||
	    last->b != change->b || last->by_argument || change->by_argument ||
	    snug_syscall_by_nr(last->arch, last->last) ||
	    snug_syscall_by_nr(change->arch, change->first))
		return false;
	last->last = change->last;
	return true;
}

static void clear_answers(struct snug_answers_list *list)
{
	snug_vec_clear(list);
}

/* Numbers from first to last: one known call, or none. */
static int add_numbers(const struct snug_walk *walk, const struct snug_answers_list *answers,
		       struct snug_call_change change, struct snug_call_changes *ret,
		       struct snug_error *err)
{
	for (size_t i = 0; i < answers->count; i++) {
		const struct snug_answers *pair = &answers->at[i];

		if (pair->a == pair->b)
			continue;
		change.a = pair->a;
		change.b = pair->b;
		change.by_argument = answers->count > 1;
		change.undecided = snug_split_decide(walk->split_a, pair->args) != pair->a ||
				   snug_split_decide(walk->split_b, pair->args) != pair->b;
		change.witness = (struct snug_call_data){ .arch = change.arch, .nr = change.first };
		memcpy(change.witness.args, pair->args, sizeof(pair->args));
		if (!extend(ret, &change) && snug_vec_push(ret, change) < 0)
			return snug_fail_memory(err);
	}
	return 0;
}

uint32_t snug_call_run_end(enum snug_arch arch, uint32_t first, uint32_t last)
{
	size_t count;
	const struct snug_syscall *table = snug_syscall_table(arch, &count);

	if (snug_syscall_by_nr(arch, first))
		return first;
	for (size_t i = 0; i < count; i++)
		if (table[i].nr > first)
			return table[i].nr <= last ? table[i].nr - 1 : last;
	return last;
}

static int add_step(const struct snug_walk *walk, enum snug_arch arch,
		    struct snug_call_changes *ret, struct snug_error *err)
{
	SNUG_AUTO(clear_answers) struct snug_answers_list answers = { 0 };
	struct snug_call_change change = { .arch = arch, .first = walk->first };

	if (snug_split_answers(walk->split_a, walk->split_b, &answers, err) < 0)
		return -1;
	for (;;) {
		change.last = snug_call_run_end(arch, change.first, walk->last);
		if (add_numbers(walk, &answers, change, ret, err) < 0)
			return -1;
		if (change.last == walk->last)
			return 0;
		change.first = change.last + 1;
	}
}

int snug_policy_diff(const struct snug_seccomp *a, const struct snug_seccomp *b,
		     struct snug_call_changes *ret, struct snug_error *err)
{
	for (unsigned arch = 0; arch < SNUG_ARCH_MAX; arch++) {
		struct snug_walk walk = snug_walk_start(a, b, (enum snug_arch)arch);

		do {
			if (add_step(&walk, (enum snug_arch)arch, ret, err) < 0)
				return -1;
		} while (snug_walk_next(&walk));
	}
	return 0;
}

/* ---- profiles ---- */

static int mean(const struct snug_profile *profile, struct snug_seccomp *ret,
		struct snug_error *err)
{
	struct snug_target target;

	if (!profile->seccomp_node)
		return snug_seccomp_init(ret, SNUG_ALLOW, err);
	snug_target_init(&target, SNUG_RUNTIME_SNUG, 0, 0);
	return snug_oci_seccomp_mean(&profile->seccomp, &target, ret, err);
}

static int diff_calls(const struct snug_profile *a, const struct snug_profile *b,
		      struct snug_profile_diff *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_seccomp_clear) struct snug_seccomp of_a = { 0 }, of_b = { 0 };

	if (mean(a, &of_a, err) < 0 || mean(b, &of_b, err) < 0)
		return -1;
	return snug_policy_diff(&of_a, &of_b, &ret->calls, err);
}

/* Members of a that are no policy, and not the same in b. */
static int add_members(const struct snug_json_node *a, const struct snug_json_node *b,
		       struct snug_words *ret, struct snug_error *err)
{
	for (const struct snug_json_node *n = a ? snug_json_first(a) : NULL; n;
	     n = snug_json_next(n)) {
		const struct snug_json_node *other =
			b ? snug_json_member(b, snug_json_key(n)) : NULL;

		if (snug_oci_is_policy_member(snug_json_key(n)) ||
		    (other && snug_json_same(n, other)))
			continue;
		if (snug_words_add(ret, snug_json_key(n), err) < 0)
			return -1;
	}
	return 0;
}

static int add_foreign(const struct snug_profile *profile, struct snug_words *ret,
		       struct snug_error *err)
{
	enum snug_arch known;

	for (size_t i = 0; profile->seccomp_node && i < profile->seccomp.archs.count; i++)
		if (!snug_arch_parse(profile->seccomp.archs.at[i], &known) &&
		    snug_words_add(ret, profile->seccomp.archs.at[i], err) < 0)
			return -1;
	return 0;
}

static int diff_sections(const struct snug_profile *a, const struct snug_profile *b,
			 struct snug_profile_diff *ret, struct snug_error *err)
{
	if (diff_calls(a, b, ret, err) < 0 ||
	    add_members(a->seccomp_node, b->seccomp_node, &ret->members, err) < 0 ||
	    add_members(b->seccomp_node, a->seccomp_node, &ret->members, err) < 0)
		return -1;
	if (a->seccomp_node && b->seccomp_node && snug_json_same(a->seccomp_node, b->seccomp_node))
		return 0;
	return add_foreign(a, &ret->foreign, err) < 0 ? -1 : add_foreign(b, &ret->foreign, err);
}

static snug_caps caps_of(const struct snug_profile *profile)
{
	return profile->has_caps ? profile->caps : (UINT64_C(1) << SNUG_CAP_MAX) - 1;
}

static bool sets_no_new_privs(const struct snug_profile *profile)
{
	return profile->has_no_new_privs && profile->no_new_privs;
}

static bool wants_non_root(const struct snug_profile *profile)
{
	return profile->has_non_root && profile->non_root;
}

/* Paths of a that b leaves open: neither it nor a folder above it is there, nor, where it is not to
 * be written, masked. */
static int add_paths(const struct snug_profile *a, const struct snug_profile *b,
		     enum snug_path_kind kind, struct snug_words *ret, struct snug_error *err)
{
	for (size_t i = 0; i < a->paths[kind].count; i++) {
		const char *path = a->paths[kind].at[i];

		if (!snug_path_list_covers(&b->paths[kind], path) &&
		    !snug_path_list_covers(&b->paths[SNUG_PATHS_MASKED], path) &&
		    snug_words_add(ret, path, err) < 0)
			return -1;
	}
	return 0;
}

static int diff_paths(const struct snug_profile *a, const struct snug_profile *b,
		      struct snug_profile_diff *ret, struct snug_error *err)
{
	for (enum snug_path_kind kind = 0; kind < SNUG_PATHS_MAX; kind++)
		if (add_paths(a, b, kind, &ret->paths[kind][SNUG_SIDE_A], err) < 0 ||
		    add_paths(b, a, kind, &ret->paths[kind][SNUG_SIDE_B], err) < 0)
			return -1;
	return 0;
}

static int diff_apparmor(const struct snug_profile *a, const struct snug_profile *b,
			 struct snug_profile_diff *ret, struct snug_error *err)
{
	const struct snug_aa_rules *of_a = &a->apparmor.rules, *of_b = &b->apparmor.rules;

	if (!a->has_apparmor || !b->has_apparmor)
		return 0;
	ret->complain_only[SNUG_SIDE_A] = a->apparmor.complain_only;
	ret->complain_only[SNUG_SIDE_B] = b->apparmor.complain_only;
	if (snug_apparmor_diff(of_a, of_b, &ret->apparmor[SNUG_SIDE_A], err) < 0)
		return -1;
	return snug_apparmor_diff(of_b, of_a, &ret->apparmor[SNUG_SIDE_B], err);
}

int snug_profile_diff_make(const struct snug_profile *a, const struct snug_profile *b,
			   struct snug_profile_diff *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_profile_diff_clear)
	struct snug_profile_diff diff = {
		.caps = { caps_of(a) & ~caps_of(b), caps_of(b) & ~caps_of(a) },
		.no_new_privs = { sets_no_new_privs(a), sets_no_new_privs(b) },
		.non_root = { wants_non_root(a), wants_non_root(b) },
		.has_apparmor = { a->has_apparmor, b->has_apparmor },
	};

	if (diff_sections(a, b, &diff, err) < 0 || diff_paths(a, b, &diff, err) < 0 ||
	    diff_apparmor(a, b, &diff, err) < 0)
		return -1;
	*ret = diff;
	diff = (struct snug_profile_diff){ 0 };
	return 0;
}

void snug_profile_diff_clear(struct snug_profile_diff *diff)
{
	snug_vec_clear(&diff->calls);
	snug_words_clear(&diff->members);
	snug_words_clear(&diff->foreign);
	for (unsigned kind = 0; kind < SNUG_PATHS_MAX; kind++)
		for (unsigned side = 0; side < SNUG_SIDE_MAX; side++)
			snug_words_clear(&diff->paths[kind][side]);
	snug_aa_side_clear(&diff->apparmor[SNUG_SIDE_A]);
	snug_aa_side_clear(&diff->apparmor[SNUG_SIDE_B]);
}

bool snug_profile_diff_is_empty(const struct snug_profile_diff *diff)
{
	for (unsigned kind = 0; kind < SNUG_PATHS_MAX; kind++)
		if (diff->paths[kind][SNUG_SIDE_A].count || diff->paths[kind][SNUG_SIDE_B].count)
			return false;
	return diff->calls.count == 0 && !diff->caps[SNUG_SIDE_A] && !diff->caps[SNUG_SIDE_B] &&
	       diff->no_new_privs[SNUG_SIDE_A] == diff->no_new_privs[SNUG_SIDE_B] &&
	       diff->non_root[SNUG_SIDE_A] == diff->non_root[SNUG_SIDE_B] &&
	       diff->members.count == 0 && diff->foreign.count == 0 &&
	       diff->has_apparmor[SNUG_SIDE_A] == diff->has_apparmor[SNUG_SIDE_B] &&
	       diff->complain_only[SNUG_SIDE_A] == diff->complain_only[SNUG_SIDE_B] &&
	       snug_aa_side_is_empty(&diff->apparmor[SNUG_SIDE_A]) &&
	       snug_aa_side_is_empty(&diff->apparmor[SNUG_SIDE_B]);
}

/* ---- recordings ---- */

bool snug_seen_alone(const struct snug_seen_change *change, const struct snug_tuple *tuple)
{
	const struct snug_seen_call *other = change->other;

	for (size_t i = 0; other && i < other->tuples.count; i++)
		if (snug_tuple_compare(&other->tuples.at[i], tuple) == 0)
			return false;
	return !other || !other->any_args;
}

static bool saw_more(const struct snug_seen_change *change)
{
	if (!change->other || (change->call->any_args && !change->other->any_args))
		return true;
	for (size_t i = 0; i < change->call->tuples.count; i++)
		if (snug_seen_alone(change, &change->call->tuples.at[i]))
			return true;
	return false;
}

static const struct snug_seen_call *find_call(const struct snug_recording *recording,
					      const struct snug_seen_call *call)
{
	for (size_t i = 0; i < recording->calls.count; i++) {
		const struct snug_seen_call *one = &recording->calls.at[i];

		if (one->arch == call->arch && one->nr == call->nr && one->refused == call->refused)
			return one;
	}
	return NULL;
}

static int add_seen(const struct snug_recording *side, const struct snug_recording *other,
		    struct snug_recording_diff *ret, enum snug_side at, struct snug_error *err)
{
	for (size_t i = 0; i < side->calls.count; i++) {
		const struct snug_seen_change change = { &side->calls.at[i],
							 find_call(other, &side->calls.at[i]) };

		if (saw_more(&change) && snug_vec_push(&ret->calls[at], change) < 0)
			return snug_fail_memory(err);
	}
	return 0;
}

static int add_files(const struct snug_seen_files *side, const struct snug_seen_files *other,
		     struct snug_seen_files *ret)
{
	for (size_t i = 0; i < side->count; i++) {
		const struct snug_seen_file *file = &side->at[i],
					    *found = snug_seen_files_find(other, file);
		unsigned access = file->access & ~(found ? found->access : 0);
		unsigned others = file->others & ~(found ? found->others : 0);

		/* What others did here alone is news, though its owner did it there. */
		access |= others;
		if (access && !snug_seen_files_add(ret, file->path, file->program, access, others))
			return -1;
	}
	return 0;
}

static int add_acts(const struct snug_seen_acts *side, const struct snug_seen_acts *other,
		    struct snug_seen_acts *ret)
{
	for (size_t i = 0; i < side->count; i++) {
		struct snug_seen_act act = side->at[i];

		act.runs.count = 0;
		if (!snug_seen_acts_find(other, &act) && !snug_seen_acts_add(ret, &act))
			return -1;
	}
	return 0;
}

static snug_caps needed_caps(const struct snug_recording *recording)
{
	snug_caps caps = 0;

	for (size_t i = 0; i < recording->caps.count; i++)
		caps |= UINT64_C(1) << recording->caps.at[i].cap;
	return caps;
}

int snug_recording_diff_make(const struct snug_recording *a, const struct snug_recording *b,
			     struct snug_recording_diff *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_recording_diff_clear)
	struct snug_recording_diff diff = {
		.of = { a, b },
		.caps = { needed_caps(a) & ~needed_caps(b), needed_caps(b) & ~needed_caps(a) },
		.raised_creds = { a->raised_creds, b->raised_creds },
	};

	if (add_seen(a, b, &diff, SNUG_SIDE_A, err) < 0 ||
	    add_seen(b, a, &diff, SNUG_SIDE_B, err) < 0)
		return -1;
	for (unsigned side = 0; side < SNUG_SIDE_MAX; side++)
		if (add_files(&diff.of[side]->files, &diff.of[!side]->files, &diff.files[side]) <
			    0 ||
		    add_acts(&diff.of[side]->acts, &diff.of[!side]->acts, &diff.acts[side]) < 0)
			return snug_fail_memory(err);
	*ret = diff;
	diff = (struct snug_recording_diff){ 0 };
	return 0;
}

void snug_recording_diff_clear(struct snug_recording_diff *diff)
{
	for (unsigned side = 0; side < SNUG_SIDE_MAX; side++) {
		snug_vec_clear(&diff->calls[side]);
		snug_seen_files_clear(&diff->files[side]);
		snug_seen_acts_clear(&diff->acts[side]);
	}
}

/* Is what the one may have missed, and why, what the other may have missed? */
static bool looked_alike(const struct snug_recording *a, const struct snug_recording *b)
{
	return ((a->observed ^ b->observed) & ~SNUG_OBSERVED_JOINERS) == 0 &&
	       !a->lost_syscalls == !b->lost_syscalls && !a->lost_caps == !b->lost_caps &&
	       !a->lost_files == !b->lost_files;
}

bool snug_recording_diff_is_empty(const struct snug_recording_diff *diff)
{
	for (unsigned side = 0; side < SNUG_SIDE_MAX; side++)
		if (diff->calls[side].count || diff->caps[side] || diff->files[side].count ||
		    diff->acts[side].count)
			return false;
	return diff->raised_creds[SNUG_SIDE_A] == diff->raised_creds[SNUG_SIDE_B] &&
	       looked_alike(diff->of[SNUG_SIDE_A], diff->of[SNUG_SIDE_B]);
}
