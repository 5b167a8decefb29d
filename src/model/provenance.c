/* SPDX-License-Identifier: Apache-2.0 */
#include "model/provenance.h"

#include "model/syscalls.h"

#include <stdlib.h>
#include <string.h>

/* ---- sets of words ---- */

/* Where word is, or belongs. */
static size_t place(const struct snug_words *words, const char *word, bool *ret_there)
{
	size_t low = 0, high = words->count;

	*ret_there = false;
	while (low < high && !*ret_there) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(words->at[middle], word);

		*ret_there = order == 0;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return high;
}

int snug_words_add(struct snug_words *words, const char *word, struct snug_error *err)
{
	bool there;
	size_t at = place(words, word, &there);
	char *copy;

	if (there)
		return 0;
	copy = strdup(word);
	if (!copy || snug_vec_push(words, copy) < 0) {
		free(copy);
		return snug_fail_memory(err);
	}
	memmove(&words->at[at + 1], &words->at[at], (words->count - 1 - at) * sizeof(*words->at));
	words->at[at] = copy;
	return 0;
}

void snug_words_clear(struct snug_words *words)
{
	int saved = errno;

	for (size_t i = 0; i < words->count; i++)
		free(words->at[i]);
	snug_vec_clear(words);
	errno = saved;
}

void snug_words_put(struct snug_json_writer *w, const char *key, const struct snug_words *words)
{
	snug_json_put_key(w, key);
	snug_json_open(w, '[');
	for (size_t i = 0; i < words->count; i++)
		snug_json_put_string(w, words->at[i]);
	snug_json_close(w);
}

/* ---- lists ---- */

static const char *const list_names[SNUG_FROM_MAX] = {
	[SNUG_FROM_PROFILES] = "merged",   [SNUG_FROM_RECORDINGS] = "recordings",
	[SNUG_FROM_OPTIONS] = "options",   [SNUG_FROM_OBSERVED] = "observed",
	[SNUG_FROM_REFUSED] = "refused",   [SNUG_FROM_X32] = "x32",
	[SNUG_FROM_REPLACED] = "replaced",
};

static int read_words(const struct snug_json_node *list, struct snug_words *ret,
		      struct snug_error *err)
{
	const struct snug_json_node *node = list ? snug_json_first(list) : NULL;
	struct snug_error ignored;
	const char *word;

	for (; node; node = snug_json_next(node))
		if (snug_json_string(node, &word, &ignored) == 0 &&
		    snug_words_add(ret, word, err) < 0)
			return -1;
	return 0;
}

/* Takes out what is not in other. */
static void intersect(struct snug_words *words, const struct snug_words *other)
{
	size_t kept = 0;

	for (size_t i = 0; i < words->count; i++) {
		bool there;

		(void)place(other, words->at[i], &there);
		if (there)
			words->at[kept++] = words->at[i];
		else
			free(words->at[i]);
	}
	words->count = kept;
}

static int add_list(struct snug_provenance *into, enum snug_provenance_list which,
		    const struct snug_json_node *provenance, struct snug_error *err)
{
	const struct snug_json_node *list = snug_json_member(provenance, list_names[which]);
	struct snug_words words = { 0 };
	int result;

	if (which != SNUG_FROM_OBSERVED || !into->some)
		return read_words(list, &into->lists[which], err);
	result = read_words(list, &words, err);
	intersect(&into->lists[which], &words);
	snug_words_clear(&words);
	return result;
}

/* A profile that was merged itself names its parts. */
static int add_name(struct snug_provenance *into, const struct snug_profile *profile,
		    struct snug_error *err)
{
	if (snug_json_member(profile->provenance, list_names[SNUG_FROM_PROFILES]))
		return 0;
	return snug_words_add(&into->lists[SNUG_FROM_PROFILES], profile->name, err);
}

/* ---- reasons ---- */

/* The strongest first. A call that somebody allowed without a word is owed to that profile's user,
 * as one that was seen is; what others were put in for, targets may lack (model/harden.h). */
static const struct {
	const char *prefix, *count;
} ranks[] = {
	{ "seen", "seen" },	{ NULL, NULL },	       { "replaces:", "clone3" },
	{ "kernel", "kernel" }, { "floor:", "floor" }, { "widened:", "widened" },
};
#define RANKS (sizeof(ranks) / sizeof(ranks[0]))

static size_t rank_of(const char *why)
{
	for (size_t i = 0; why && i < RANKS; i++)
		if (ranks[i].prefix && strncmp(why, ranks[i].prefix, strlen(ranks[i].prefix)) == 0)
			return i;
	return 1;
}

/* Of one rank the smaller text, for an order. */
static bool is_stronger(const char *a, const char *b)
{
	size_t rank_a = rank_of(a), rank_b = rank_of(b);

	if (rank_a != rank_b)
		return rank_a < rank_b;
	return b && (!a || strcmp(a, b) < 0);
}

/* Finds or adds, keeping the order; *ret_new: was it added? NULL without memory. */
static struct snug_reason *reason_of(struct snug_provenance *into, const char *call, bool *ret_new)
{
	struct snug_reason fresh = { 0 };
	size_t low = 0, high = into->reasons.count;

	*ret_new = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(into->reasons.at[middle].call, call);

		if (order == 0)
			return &into->reasons.at[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	fresh.call = strdup(call);
	if (!fresh.call || snug_vec_push(&into->reasons, fresh) < 0) {
		free(fresh.call);
		return NULL;
	}
	memmove(&into->reasons.at[low + 1], &into->reasons.at[low],
		(into->reasons.count - 1 - low) * sizeof(fresh));
	into->reasons.at[low] = fresh;
	*ret_new = true;
	return &into->reasons.at[low];
}

static int add_reason(struct snug_provenance *into, const char *call, const char *why,
		      bool runtime_only, bool any_args)
{
	bool is_new;
	struct snug_reason *reason = reason_of(into, call, &is_new);
	char *copy = NULL;

	if (!reason)
		return -1;
	reason->any_args |= any_args;
	reason->runtime_only = runtime_only && (is_new || reason->runtime_only);
	if (!is_new && !is_stronger(why, reason->why))
		return 0;
	if (why && !(copy = strdup(why)))
		return -1;
	free(reason->why);
	reason->why = copy;
	return 0;
}

static bool says(const struct snug_json_node *node, const char *key, const char *word)
{
	const struct snug_json_node *member = snug_json_member(node, key);
	struct snug_error ignored;
	const char *text;

	return member && snug_json_string(member, &text, &ignored) == 0 && strcmp(text, word) == 0;
}

static bool is_set(const struct snug_json_node *node, const char *key)
{
	const struct snug_json_node *member = snug_json_member(node, key);
	struct snug_error ignored;
	bool value;

	return member && snug_json_bool(member, &value, &ignored) == 0 && value;
}

/* Of calls that the section allows by name: a reason for what it does not allow says nothing. */
static int add_call(struct snug_provenance *into, const struct snug_profile *profile,
		    const char *name, struct snug_error *err)
{
	const struct snug_json_node *node =
		snug_json_member(snug_json_member(profile->provenance, "syscalls"), name);

	if (add_reason(into, name, snug_profile_why(profile, name), says(node, "phase", "runtime"),
		       is_set(node, "anyArgs")) < 0)
		return snug_fail_memory(err);
	return 0;
}

static int add_calls(struct snug_provenance *into, const struct snug_profile *profile,
		     struct snug_error *err)
{
	for (size_t e = 0; e < profile->seccomp.entries.count; e++) {
		const struct snug_oci_entry *entry = &profile->seccomp.entries.at[e];

		for (size_t n = 0; snug_action_permits(entry->action) && n < entry->names.count;
		     n++)
			if (add_call(into, profile, entry->names.at[n], err) < 0)
				return -1;
	}
	return 0;
}

int snug_provenance_add(struct snug_provenance *into, const struct snug_profile *profile,
			struct snug_error *err)
{
	for (unsigned i = 0; i < SNUG_FROM_MAX; i++)
		if (add_list(into, i, profile->provenance, err) < 0)
			return -1;
	into->some = true;
	if (snug_aa_reasons_add(&into->apparmor, snug_json_member(profile->provenance, "apparmor"),
				err) < 0)
		return -1;
	if (add_name(into, profile, err) < 0)
		return -1;
	return add_calls(into, profile, err);
}

/* ---- writing ---- */

static bool permits(const struct snug_seccomp *policy, const char *name)
{
	for (unsigned arch = 0; policy && arch < SNUG_ARCH_MAX; arch++) {
		const struct snug_syscall *call = snug_syscall_by_name(arch, name);
		const struct snug_split *split =
			call ? snug_seccomp_split(policy, arch, call->nr) : NULL;

		for (size_t i = 0; split && i < split->count; i++)
			if (snug_action_permits(split->at[i].action))
				return true;
	}
	return false;
}

static void put_left_out(struct snug_json_writer *w, const struct snug_provenance *provenance,
			 enum snug_provenance_list which, const struct snug_seccomp *policy)
{
	const struct snug_words *words = &provenance->lists[which];

	if (!words->count)
		return;
	snug_json_put_key(w, list_names[which]);
	snug_json_open(w, '[');
	for (size_t i = 0; i < words->count; i++)
		if (!permits(policy, words->at[i]))
			snug_json_put_string(w, words->at[i]);
	snug_json_close(w);
}

static void put_counts(struct snug_json_writer *w, const struct snug_provenance *provenance)
{
	unsigned counts[RANKS] = { 0 };

	for (size_t i = 0; i < provenance->reasons.count; i++)
		counts[rank_of(provenance->reasons.at[i].why)]++;
	snug_json_put_key(w, "counts");
	snug_json_open(w, '{');
	for (size_t i = 0; i < RANKS; i++)
		if (counts[i] && ranks[i].count)
			snug_json_pair_u64(w, ranks[i].count, counts[i]);
	snug_json_close(w);
}

static void put_reasons(struct snug_json_writer *w, const struct snug_provenance *provenance)
{
	snug_json_put_key(w, "syscalls");
	snug_json_open(w, '{');
	for (size_t i = 0; i < provenance->reasons.count; i++) {
		const struct snug_reason *reason = &provenance->reasons.at[i];

		if (!reason->why)
			continue;
		snug_json_put_key(w, reason->call);
		snug_json_open(w, '{');
		snug_json_pair_string(w, "why", reason->why);
		if (reason->runtime_only)
			snug_json_pair_string(w, "phase", "runtime");
		if (reason->any_args)
			snug_json_pair_bool(w, "anyArgs", true);
		snug_json_close(w);
	}
	snug_json_close(w);
}

void snug_provenance_put(struct snug_json_writer *w, const struct snug_provenance *provenance,
			 const char *generator, const struct snug_seccomp *policy)
{
	snug_json_open(w, '{');
	snug_json_pair_string(w, "generator", generator);
	for (unsigned i = SNUG_FROM_PROFILES; i <= SNUG_FROM_OBSERVED; i++)
		snug_words_put(w, list_names[i], &provenance->lists[i]);
	put_counts(w, provenance);
	put_left_out(w, provenance, SNUG_FROM_REFUSED, policy);
	put_left_out(w, provenance, SNUG_FROM_X32, NULL);
	put_left_out(w, provenance, SNUG_FROM_REPLACED, policy);
	put_reasons(w, provenance);
	if (provenance->apparmor.count) {
		snug_json_put_key(w, "apparmor");
		snug_aa_reasons_put(w, &provenance->apparmor);
	}
	snug_json_close(w);
}

void snug_provenance_clear(struct snug_provenance *provenance)
{
	int saved = errno;

	for (unsigned i = 0; i < SNUG_FROM_MAX; i++)
		snug_words_clear(&provenance->lists[i]);
	for (size_t i = 0; i < provenance->reasons.count; i++) {
		free(provenance->reasons.at[i].call);
		free(provenance->reasons.at[i].why);
	}
	snug_vec_clear(&provenance->reasons);
	snug_aa_reasons_clear(&provenance->apparmor);
	errno = saved;
}
