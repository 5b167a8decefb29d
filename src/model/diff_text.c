/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cleanup.h"
#include "model/act_form.h"
#include "model/diff.h"
#include "model/escape.h"
#include "model/explain.h"
#include "model/page.h"

#include <stdio.h>

#define LISTED_MAX 20u /* files, and acts, of one side that a person reads */

static const char letters[SNUG_SIDE_MAX] = { 'A', 'B' };

static void put_titles(const char *kind, const char *const titles[SNUG_SIDE_MAX],
		       struct snug_buf *out)
{
	for (unsigned side = 0; side < SNUG_SIDE_MAX; side++)
		snug_buf_addf(out, "%c: %s, %s\n", letters[side], titles[side], kind);
}

static void put_caps(const snug_caps caps[SNUG_SIDE_MAX], const char *verb, const char *denial,
		     struct snug_buf *out)
{
	for (unsigned side = SNUG_SIDE_MAX; side-- > 0;) {
		struct snug_page page = { .out = out, .indent = 2 };

		if (!caps[side])
			continue;
		snug_buf_addf(out, "\nCapabilities that %c %s, %c %s (%d)\n", letters[side], verb,
			      letters[!side], denial, __builtin_popcountll(caps[side]));
		for (unsigned cap = 0; cap < SNUG_CAP_MAX; cap++)
			if (caps[side] >> cap & 1)
				snug_page_word(&page, snug_cap_name(cap));
		snug_page_end(&page);
	}
}

static void put_words(const char *heading, const struct snug_words *words, struct snug_buf *out)
{
	struct snug_page page = { .out = out, .indent = 2 };

	if (words->count)
		snug_buf_addf(out, "\n%s\n", heading);
	for (size_t i = 0; i < words->count; i++)
		snug_page_word(&page, words->at[i]);
	snug_page_end(&page);
}

/* "bind", "call 500", "calls 500 to 999" */
static void name_numbers(enum snug_arch arch, uint32_t first, uint32_t last, char *ret, size_t size)
{
	const struct snug_syscall *known = snug_syscall_by_nr(arch, first);

	if (known)
		(void)snprintf(ret, size, "%s", known->name);
	else if (first == last)
		(void)snprintf(ret, size, "call %u", first);
	else
		(void)snprintf(ret, size, "calls %u to %u", first, last);
}

/* ---- profiles ---- */

static bool is_of_group(const struct snug_call_change *change, const struct snug_call_change *first)
{
	return snug_change_of(change) == snug_change_of(first) && change->arch == first->arch &&
	       change->a == first->a && change->b == first->b;
}

static void put_by_argument(const struct snug_call_change *change, struct snug_buf *out)
{
	char name[64], words[200];

	name_numbers(change->arch, change->first, change->last, name, sizeof(name));
	snug_call_words(&change->witness, words, sizeof(words));
	if (change->undecided)
		snug_buf_addf(out, "    %s\n", name);
	else
		snug_buf_addf(out, "    %s by argument: %s\n", name, words);
}

/* Names the numbers from first to last, as far as there are any, and counts the names; page NULL:
 * counts alone. */
static size_t put_gap(enum snug_arch arch, uint64_t first, uint64_t last, struct snug_page *page)
{
	size_t count = 0;
	char name[64];

	while (first <= last) {
		uint32_t end = snug_call_run_end(arch, (uint32_t)first, (uint32_t)last);

		name_numbers(arch, (uint32_t)first, end, name, sizeof(name));
		if (page)
			snug_page_word(page, name);
		count++;
		first = (uint64_t)end + 1;
	}
	return count;
}

/* The ABI's calls that are not, as a whole, of the group. */
static size_t put_others(const struct snug_call_changes *calls,
			 const struct snug_call_change *first, struct snug_page *page)
{
	uint64_t next = snug_abi_first(first->arch);
	size_t count = 0;

	for (size_t i = 0; i < calls->count; i++) {
		const struct snug_call_change *change = &calls->at[i];

		if (!is_of_group(change, first) || change->by_argument)
			continue;
		if (change->first > next)
			count += put_gap(first->arch, next, change->first - 1, page);
		next = (uint64_t)change->last + 1;
	}
	return count + put_gap(first->arch, next, snug_abi_last(first->arch), page);
}

/* The ABI's calls that are, as a whole, of the group. */
static size_t put_whole(const struct snug_call_changes *calls, const struct snug_call_change *first,
			struct snug_page *page)
{
	size_t count = 0;
	char name[64];

	for (size_t i = 0; i < calls->count; i++) {
		const struct snug_call_change *change = &calls->at[i];

		if (!is_of_group(change, first) || change->by_argument)
			continue;
		name_numbers(change->arch, change->first, change->last, name, sizeof(name));
		if (page)
			snug_page_word(page, name);
		count++;
	}
	return count;
}

/* Those that are of the group, or all but those that are not: what is shorter. */
static void put_names(const struct snug_call_changes *calls, const struct snug_call_change *first,
		      struct snug_buf *out)
{
	struct snug_page page = { .out = out, .indent = 4 };
	size_t others = put_others(calls, first, NULL);

	if (others >= put_whole(calls, first, NULL)) {
		put_whole(calls, first, &page);
	} else {
		snug_page_word(&page, others ? "all calls but" : "all calls");
		put_others(calls, first, &page);
	}
	snug_page_end(&page);
}

/* Calls of one ABI that get the same pair of answers: those that are whole, then the others. */
static void put_group(const struct snug_call_changes *calls, const struct snug_call_change *first,
		      struct snug_buf *out)
{
	char a[64], b[64];

	snug_action_words(first->a, a, sizeof(a));
	snug_action_words(first->b, b, sizeof(b));
	snug_buf_addf(out, "  %s: %s in A, %s in B\n", snug_arch_word(first->arch), a, b);
	put_names(calls, first, out);
	for (size_t i = 0; i < calls->count; i++)
		if (is_of_group(&calls->at[i], first) && calls->at[i].by_argument)
			put_by_argument(&calls->at[i], out);
}

static void put_groups(const struct snug_call_changes *calls, enum snug_change kind,
		       struct snug_buf *out)
{
	for (size_t i = 0; i < calls->count; i++) {
		size_t j = 0;

		if (snug_change_of(&calls->at[i]) != kind)
			continue;
		while (!is_of_group(&calls->at[j], &calls->at[i]))
			j++;
		if (j == i)
			put_group(calls, &calls->at[i], out);
	}
}

static void put_paths(const struct snug_profile_diff *diff, struct snug_buf *out)
{
	static const char *const words[SNUG_PATHS_MAX] = {
		[SNUG_PATHS_MASKED] = "masked",
		[SNUG_PATHS_READONLY] = "read-only",
	};
	char heading[64];

	for (unsigned kind = 0; kind < SNUG_PATHS_MAX; kind++) {
		for (unsigned side = 0; side < SNUG_SIDE_MAX; side++) {
			(void)snprintf(heading, sizeof(heading), "Paths that are %s in %c alone",
				       words[kind], letters[side]);
			put_words(heading, &diff->paths[kind][side], out);
		}
	}
}

static void put_changes(const struct snug_call_changes *calls, struct snug_buf *out)
{
	static const char *const headings[SNUG_CHANGE_MAX] = {
		[SNUG_CHANGE_B_ALLOWS] = "B allows, A does not",
		[SNUG_CHANGE_A_ALLOWS] = "A allows, B does not",
		[SNUG_CHANGE_OTHERWISE] = "Neither is looser, but they answer otherwise",
		[SNUG_CHANGE_UNDECIDED] = "Not decided: the conditions are too many",
	};

	for (enum snug_change kind = 0; kind < SNUG_CHANGE_MAX; kind++) {
		size_t count = 0, last = 0;

		for (size_t i = 0; i < calls->count; i++) {
			const struct snug_call_change *change = &calls->at[i];

			if (snug_change_of(change) != kind)
				continue;
			/* a call that comes twice, for two pairs of answers, is one */
			count += count == 0 || calls->at[last].arch != change->arch ||
				 calls->at[last].first != change->first;
			last = i;
		}
		if (!count)
			continue;
		snug_buf_addf(out, "\n%s (%zu)\n", headings[kind], count);
		put_groups(calls, kind, out);
	}
}

int snug_profile_diff_text(const struct snug_profile_diff *diff,
			   const char *const titles[SNUG_SIDE_MAX], struct snug_buf *ret,
			   struct snug_error *err)
{
	if (snug_profile_diff_is_empty(diff)) {
		snug_buf_adds(ret, "the same\n");
		return snug_buf_check(ret, err);
	}
	put_titles("a profile", titles, ret);
	put_changes(&diff->calls, ret);
	put_caps(diff->caps, "allows", "does not", ret);
	if (diff->no_new_privs[SNUG_SIDE_A] != diff->no_new_privs[SNUG_SIDE_B])
		snug_buf_addf(ret, "\nno_new_privs: set in %c alone\n",
			      letters[diff->no_new_privs[SNUG_SIDE_B]]);
	if (diff->non_root[SNUG_SIDE_A] != diff->non_root[SNUG_SIDE_B])
		snug_buf_addf(ret, "\nTo be started by another user than root: in %c alone\n",
			      letters[diff->non_root[SNUG_SIDE_B]]);
	put_paths(diff, ret);
	for (unsigned side = SNUG_SIDE_MAX; side-- > 0;)
		snug_aa_side_text(&diff->apparmor[side], letters[side], letters[!side], ret);
	if (diff->has_apparmor[SNUG_SIDE_A] != diff->has_apparmor[SNUG_SIDE_B])
		snug_buf_addf(ret, "\nAppArmor: %c alone has rules\n",
			      letters[diff->has_apparmor[SNUG_SIDE_B]]);
	if (diff->complain_only[SNUG_SIDE_A] != diff->complain_only[SNUG_SIDE_B])
		snug_buf_addf(
			ret, "\nAppArmor: the rules of %c only complain: they are never enforced\n",
			letters[diff->complain_only[SNUG_SIDE_B]]);
	put_words("Members of seccomp that differ", &diff->members, ret);
	put_words("ABIs that snug knows no calls of: not compared", &diff->foreign, ret);
	return snug_buf_check(ret, err);
}

/* ---- recordings ---- */

static void put_tuple(const struct snug_seen_call *call, const struct snug_tuple *tuple,
		      struct snug_buf *out)
{
	const struct snug_syscall *known = snug_syscall_by_nr(call->arch, call->nr);
	struct snug_oci_arg args[SNUG_TUPLE_ARGS];
	struct snug_argspec spec;

	if (!known || !snug_argspec_of(known->name, &spec))
		return;
	for (unsigned i = 0; i < spec.count; i++)
		args[i] = (struct snug_oci_arg){ .index = spec.index[i],
						 .op = SNUG_OP_MASKED_EQ,
						 .value = spec.mask[i],
						 .value2 = tuple->value[i] };
	snug_buf_adds(out, "    ");
	snug_condition_words(known->name, args, spec.count, out);
	snug_buf_addc(out, '\n');
}

static void put_arguments(const struct snug_seen_change *change, struct snug_buf *out)
{
	const struct snug_seen_call *call = change->call;
	char name[64];

	name_numbers(call->arch, call->nr, call->nr, name, sizeof(name));
	if (call->any_args)
		snug_buf_addf(out, "    %s with any arguments\n", name);
	for (size_t i = 0; i < call->tuples.count; i++)
		if (snug_seen_alone(change, &call->tuples.at[i]))
			put_tuple(call, &call->tuples.at[i], out);
}

/* Does a line of its own say more than the name? */
static bool has_arguments(const struct snug_seen_change *change)
{
	return change->call->any_args || change->call->tuples.count;
}

static void put_seen_abi(const struct snug_recording_diff *diff, unsigned side, enum snug_arch arch,
			 bool refused, struct snug_buf *out)
{
	struct snug_page page = { .out = out, .indent = 4 };
	bool any = false;
	char name[64];

	for (unsigned pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < diff->calls[side].count; i++) {
			const struct snug_seen_change *change = &diff->calls[side].at[i];
			const struct snug_seen_call *call = change->call;

			if (call->arch != arch || call->refused != refused ||
			    has_arguments(change) != (pass == 1))
				continue;
			if (!any)
				snug_buf_addf(out, "  %s\n", snug_arch_word(arch));
			any = true;
			name_numbers(arch, call->nr, call->nr, name, sizeof(name));
			if (pass == 0)
				snug_page_word(&page, name);
			else
				put_arguments(change, out);
		}
		snug_page_end(&page);
	}
}

static void put_seen(const struct snug_recording_diff *diff, unsigned side, bool refused,
		     struct snug_buf *out)
{
	size_t count = 0;

	for (size_t i = 0; i < diff->calls[side].count; i++)
		count += diff->calls[side].at[i].call->refused == refused;
	if (!count)
		return;
	snug_buf_addf(out, "\n%s in %c, not in %c (%zu)\n", refused ? "Refused" : "Seen",
		      letters[side], letters[!side], count);
	for (enum snug_arch arch = 0; arch < SNUG_ARCH_MAX; arch++)
		put_seen_abi(diff, side, arch, refused, out);
}

/* "…and 12 more", with the way to see them. */
static void put_rest(size_t count, struct snug_buf *out)
{
	if (count > LISTED_MAX)
		snug_buf_addf(out, "  and %zu more, which --format json lists\n",
			      count - LISTED_MAX);
}

static void put_program(const char *program, struct snug_buf *out)
{
	if (*program) {
		snug_buf_adds(out, ", by ");
		snug_escape_put(out, program);
	}
	snug_buf_addc(out, '\n');
}

static void put_accesses(const struct snug_seen_file *file, struct snug_buf *out)
{
	snug_access_words(file->access, out);
	if (!file->others)
		return;
	snug_buf_adds(out, " (not as its owner");
	if (file->others != file->access) {
		snug_buf_adds(out, ": ");
		snug_access_words(file->others, out);
	}
	snug_buf_addc(out, ')');
}

static void put_files(const struct snug_recording_diff *diff, unsigned side, struct snug_buf *out)
{
	const struct snug_seen_files *files = &diff->files[side];

	if (!files->count)
		return;
	snug_buf_addf(out, "\nFiles accessed in %c, not or not so in %c (%zu)\n", letters[side],
		      letters[!side], files->count);
	for (size_t i = 0; i < files->count && i < LISTED_MAX; i++) {
		snug_buf_adds(out, "  ");
		snug_escape_put(out, files->at[i].path);
		snug_buf_adds(out, ": ");
		put_accesses(&files->at[i], out);
		put_program(files->at[i].program, out);
	}
	put_rest(files->count, out);
}

static void put_acts(const struct snug_recording_diff *diff, unsigned side, struct snug_buf *out)
{
	const struct snug_seen_acts *acts = &diff->acts[side];

	if (!acts->count)
		return;
	snug_buf_addf(out, "\nDone in %c, not in %c (%zu)\n", letters[side], letters[!side],
		      acts->count);
	for (size_t i = 0; i < acts->count && i < LISTED_MAX; i++) {
		snug_buf_adds(out, "  ");
		snug_act_words(&acts->at[i], out);
		put_program(acts->at[i].program, out);
	}
	put_rest(acts->count, out);
}

/* What the side did not look at and the other did. */
static void put_not_looked(const struct snug_recording_diff *diff, unsigned side,
			   struct snug_buf *out)
{
	/* Older recordings have no files: nobody asks. joiners: who was looked at, not what. */
	const unsigned asked = SNUG_OBSERVED_SYSCALLS | SNUG_OBSERVED_CAPABILITIES |
			       (diff->of[!side]->observed & ~SNUG_OBSERVED_JOINERS);
	const unsigned missing = snug_observed_missing(diff->of[side]->observed) & asked;
	const char *word;

	for (unsigned i = 0; (word = snug_observed_word(missing, i)); i++)
		if (*word)
			snug_buf_addf(out, "%c did not look at %s\n", letters[side], word);
}

/* Why what the side did not see may have been there. */
static void put_blind(const struct snug_recording_diff *diff, unsigned side, struct snug_buf *out)
{
	const struct snug_recording *recording = diff->of[side];

	put_not_looked(diff, side, out);
	if (recording->lost_syscalls || recording->lost_caps || recording->lost_files)
		snug_buf_addf(out,
			      "%c lost events: %llu of syscalls, %llu of capabilities, %llu of "
			      "files\n",
			      letters[side], (unsigned long long)recording->lost_syscalls,
			      (unsigned long long)recording->lost_caps,
			      (unsigned long long)recording->lost_files);
}

int snug_recording_diff_text(const struct snug_recording_diff *diff,
			     const char *const titles[SNUG_SIDE_MAX], struct snug_buf *ret,
			     struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf blind = { 0 };
	const bool same = snug_recording_diff_is_empty(diff);

	for (unsigned side = 0; side < SNUG_SIDE_MAX; side++)
		put_blind(diff, side, &blind);
	if (snug_buf_check(&blind, err) < 0)
		return -1;
	if (!same || blind.len)
		put_titles("a recording", titles, ret);
	snug_buf_add(ret, blind.data, blind.len);
	if (same) {
		snug_buf_adds(ret, blind.len ? "the same, as far as they looked\n" : "the same\n");
		return snug_buf_check(ret, err);
	}
	for (unsigned refused = 0; refused < 2; refused++)
		for (unsigned side = SNUG_SIDE_MAX; side-- > 0;)
			put_seen(diff, side, refused, ret);
	put_caps(diff->caps, "needed", "did not", ret);
	for (unsigned side = SNUG_SIDE_MAX; side-- > 0;)
		put_files(diff, side, ret);
	for (unsigned side = SNUG_SIDE_MAX; side-- > 0;)
		put_acts(diff, side, ret);
	if (diff->raised_creds[SNUG_SIDE_A] != diff->raised_creds[SNUG_SIDE_B])
		snug_buf_addf(ret, "\nAn exec raised credentials in %c alone\n",
			      letters[diff->raised_creds[SNUG_SIDE_B]]);
	return snug_buf_check(ret, err);
}
