/* SPDX-License-Identifier: Apache-2.0 */
/* File rules: what was seen, made more general as far as it may be, and whose it was. */
#include "base/cleanup.h"
#include "model/apparmor/aare.h"
#include "model/apparmor/abstractions.h"
#include "model/apparmor/access.h"
#include "model/apparmor/generate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- reasons ---- */

static void reason_clear(struct snug_aa_reason *reason)
{
	free(reason->pattern);
	free(reason->why);
	for (unsigned i = 0; i < SNUG_AA_EXAMPLES; i++)
		free(reason->examples[i]);
	*reason = (struct snug_aa_reason){ 0 };
}

/* Where the pattern's reason is, or belongs. They come in order, most of the time. */
static size_t reason_place(const struct snug_aa_made *made, const char *pattern)
{
	size_t low = 0, high = made->reasons.count;

	if (high && strcmp(made->reasons.at[high - 1].pattern, pattern) < 0)
		return high;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(made->reasons.at[middle].pattern, pattern) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Two groups of programs may have the same pattern: more paths say more. */
static int add_reason(struct snug_aa_made *made, const char *pattern, const char *why,
		      unsigned paths, char *const *examples)
{
	struct snug_aa_reason reason = { .paths = paths };
	bool copied = true;
	size_t at = reason_place(made, pattern);

	if (at < made->reasons.count && strcmp(made->reasons.at[at].pattern, pattern) == 0) {
		if (made->reasons.at[at].paths < paths)
			made->reasons.at[at].paths = paths;
		return 0;
	}
	reason.pattern = strdup(pattern);
	reason.why = strdup(why);
	for (unsigned i = 0; i < SNUG_AA_EXAMPLES && examples[i]; i++)
		copied &= (reason.examples[i] = strdup(examples[i])) != NULL;
	if (!copied || !reason.pattern || !reason.why ||
	    snug_vec_push(&made->reasons, reason) < 0) {
		reason_clear(&reason);
		return -1;
	}
	memmove(&made->reasons.at[at + 1], &made->reasons.at[at],
		(made->reasons.count - 1 - at) * sizeof(reason));
	made->reasons.at[at] = reason;
	return 0;
}

void snug_aa_made_clear(struct snug_aa_made *made)
{
	for (size_t i = 0; i < made->reasons.count; i++)
		reason_clear(&made->reasons.at[i]);
	snug_vec_clear(&made->reasons);
	snug_apparmor_clear(&made->policy);
	snug_words_clear(&made->missing);
	*made = (struct snug_aa_made){ 0 };
}

/* ---- patterns that are there beforehand ---- */

/* The first whose pattern, which is a path still, begins with these len characters, or is behind
 * those that do. */
static size_t first_of(const struct snug_aa_sightings *all, const char *head, size_t len)
{
	size_t low = 0, high = all->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strncmp(all->at[middle].pattern, head, len) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Takes out of `all`, sorted, what the pattern gives, and counts it. */
static int absorb(struct snug_aa_sightings *all, const char *pattern, unsigned perms,
		  unsigned *ret_paths, char *examples[SNUG_AA_EXAMPLES], struct snug_error *err)
{
	SNUG_AUTO(snug_aare_clear) struct snug_aare aare = { 0 };
	const size_t fixed = snug_aare_fixed(pattern);
	size_t i = first_of(all, pattern, fixed), kept = i;
	unsigned shown = 0;

	if (snug_aare_parse(pattern, &aare, err) < 0)
		return -1;
	for (; i < all->count && strncmp(all->at[i].pattern, pattern, fixed) == 0; i++) {
		struct snug_aa_sighting *one = &all->at[i];

		if (!snug_aare_match(&aare, one->examples[0]) || snug_aa_is_code(one) ||
		    snug_aa_perms_of(one->access) & ~perms) {
			if (kept++ != i)
				all->at[kept - 1] = *one;
			continue;
		}
		if (shown < SNUG_AA_EXAMPLES)
			examples[shown++] = SNUG_TAKE(one->examples[0]);
		*ret_paths += one->paths;
		snug_aa_sighting_clear(one);
	}
	if (kept < i)
		memmove(&all->at[kept], &all->at[i], (all->count - i) * sizeof(*all->at));
	all->count -= i - kept;
	return 0;
}

static int add_pattern(const char *pattern, unsigned perms, struct snug_aa_rules *rules,
		       struct snug_error *err)
{
	const struct snug_aa_file file = { .path = (char *)pattern, .perms = perms };

	return snug_aa_add_file(rules, &file) < 0 ? snug_fail_memory(err) : 0;
}

static void free_examples(char *examples[SNUG_AA_EXAMPLES])
{
	for (unsigned i = 0; i < SNUG_AA_EXAMPLES; i++)
		free(examples[i]);
}

static int add_floor(struct snug_aa_sightings *all, struct snug_aa_rules *rules,
		     struct snug_aa_made *made, struct snug_error *err)
{
	size_t count;
	const struct snug_aa_floor_rule *rule = snug_aa_floor(&count);

	for (size_t i = 0; i < count; i++) {
		char *examples[SNUG_AA_EXAMPLES] = { NULL };
		unsigned paths = 0;
		int result = absorb(all, rule[i].pattern, rule[i].perms, &paths, examples, err);

		if (result == 0)
			result = add_pattern(rule[i].pattern, rule[i].perms, rules, err);
		if (result == 0 &&
		    add_reason(made, rule[i].pattern, "floor:stdio", paths, examples) < 0)
			result = snug_fail_memory(err);
		free_examples(examples);
		if (result < 0)
			return -1;
	}
	return 0;
}

struct counted {
	unsigned paths;
	char *examples[SNUG_AA_EXAMPLES];
};

static int add_abstraction(const struct snug_aa_abstraction *abstraction,
			   struct snug_aa_sightings *all, struct snug_aa_rules *rules,
			   struct snug_aa_made *made, struct snug_error *err)
{
	struct counted counts[16] = { 0 };
	char why[64];
	unsigned any = 0;
	int result = 0;

	for (size_t i = 0; abstraction->patterns[i] && result == 0; i++) {
		result = absorb(all, abstraction->patterns[i], SNUG_AA_READ, &counts[i].paths,
				counts[i].examples, err);
		any += counts[i].paths;
	}
	(void)snprintf(why, sizeof(why), "abstraction:%s", abstraction->name);
	for (size_t i = 0; abstraction->patterns[i] && any && result == 0; i++) {
		result = add_pattern(abstraction->patterns[i], SNUG_AA_READ, rules, err);
		if (result == 0 && add_reason(made, abstraction->patterns[i], why, counts[i].paths,
					      counts[i].examples) < 0)
			result = snug_fail_memory(err);
	}
	for (size_t i = 0; abstraction->patterns[i]; i++)
		free_examples(counts[i].examples);
	return result;
}

static int add_abstractions(struct snug_aa_sightings *all, struct snug_aa_rules *rules,
			    struct snug_aa_made *made, struct snug_error *err)
{
	size_t count;
	const struct snug_aa_abstraction *abstractions = snug_aa_abstractions(&count);

	for (size_t i = 0; i < count; i++)
		if (add_abstraction(&abstractions[i], all, rules, made, err) < 0)
			return -1;
	return 0;
}

/* ---- owners ---- */

/* Where a file's owner says something: what was written, and places of one's own. Elsewhere (an
 * image's programs and data) all is one user's, and whoever reads it next may be another. What was
 * given away has another owner the next time. Who appends is asked at each write(2) again, and by
 * then may be who a daemon has become since it opened its log. */
static bool owner_matters(const struct snug_aa_sighting *one)
{
	static const char *const places[] = { "/proc/", "/tmp/",  "/var/",    "/run/",
					      "/home/", "/root/", "/dev/shm/" };

	if (snug_aa_is_code(one) || one->access & (SNUG_ACCESS_CHOWN | SNUG_ACCESS_APPEND))
		return false;
	if (snug_aa_perms_of(one->access) & SNUG_AA_WRITE)
		return true;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (strncmp(one->pattern, places[i], strlen(places[i])) == 0)
			return true;
	return false;
}

static int add_rules(const struct snug_aa_sighting *one, struct snug_aa_rules *rules,
		     struct snug_error *err)
{
	const unsigned perms = snug_aa_perms_of(one->access);
	const bool split = owner_matters(one);
	const struct snug_aa_file anybody = { .path = one->pattern,
					      .perms = split ? snug_aa_perms_of(one->others)
							     : perms };
	const struct snug_aa_file owner = { .path = one->pattern,
					    .perms = perms & ~anybody.perms,
					    .owner = true };

	if ((anybody.perms && snug_aa_add_file(rules, &anybody) < 0) ||
	    (owner.perms && snug_aa_add_file(rules, &owner) < 0))
		return snug_fail_memory(err);
	return 0;
}

static int add_all(const struct snug_aa_sightings *all, struct snug_aa_rules *rules,
		   struct snug_aa_made *made, struct snug_error *err)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct snug_aa_sighting *one = &all->at[i];

		if (add_rules(one, rules, err) < 0)
			return -1;
		if (one->why != SNUG_AA_WHY_EXACT &&
		    add_reason(made, one->pattern, snug_aa_why_name(one->why), one->paths,
			       one->examples) < 0)
			return snug_fail_memory(err);
	}
	return 0;
}

/* ---- links ---- */

/* Patterns that are no path as it was seen, compiled. */
struct general {
	const struct snug_aa_sighting *one;
	struct snug_aare aare;
};
struct generals SNUG_VEC_BODY(struct general);

static void generals_clear(struct generals *generals)
{
	for (size_t i = 0; i < generals->count; i++)
		snug_aare_clear(&generals->at[i].aare);
	snug_vec_clear(generals);
}

static int find_general(const struct snug_aa_sightings *all, struct generals *ret,
			struct snug_error *err)
{
	for (size_t i = 0; i < all->count; i++) {
		struct general general = { .one = &all->at[i] };

		if (all->at[i].why == SNUG_AA_WHY_EXACT)
			continue;
		if (snug_aare_parse(all->at[i].pattern, &general.aare, err) < 0)
			return -1;
		if (snug_vec_push(ret, general) < 0) {
			snug_aare_clear(&general.aare);
			return snug_fail_memory(err);
		}
	}
	return 0;
}

/* The pattern that the path became, or itself. */
static int pattern_of(const struct generals *generals, const char *seen, struct snug_buf *ret,
		      struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf path = { 0 };

	snug_aa_put_path(seen, &path);
	if (snug_buf_check(&path, err) < 0)
		return -1;
	for (size_t i = 0; i < generals->count && ret->len == 0; i++)
		if (snug_aare_match(&generals->at[i].aare, snug_buf_text(&path)))
			snug_buf_adds(ret, generals->at[i].one->pattern);
	if (ret->len == 0)
		snug_aare_quote(snug_buf_text(&path), ret);
	return snug_buf_check(ret, err);
}

static int add_links(const struct snug_recording *recording, const struct snug_aa_group *group,
		     const struct snug_aa_sightings *all, struct snug_aa_rules *rules,
		     struct snug_error *err)
{
	SNUG_AUTO(generals_clear) struct generals generals = { 0 };

	if (find_general(all, &generals, err) < 0)
		return -1;
	for (size_t i = 0; i < recording->acts.count; i++) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf target = { 0 }, name = { 0 };
		const struct snug_seen_act *act = &recording->acts.at[i];
		struct snug_aa_link link;

		if (act->kind != SNUG_ACT_LINK || !snug_aa_in_group(group, act->program))
			continue;
		if (pattern_of(&generals, act->text[0], &target, err) < 0 ||
		    pattern_of(&generals, act->text[1], &name, err) < 0)
			return -1;
		link = (struct snug_aa_link){ .name = name.data, .target = target.data };
		if (snug_aa_add_link(rules, &link) < 0)
			return snug_fail_memory(err);
	}
	return 0;
}

/* ---- all ---- */

bool snug_aa_in_group(const struct snug_aa_group *group, const char *program)
{
	if (!group->programs || !program[0])
		return true;
	for (size_t i = 0; i < group->programs->count; i++)
		if (strcmp(group->programs->at[i], program) == 0)
			return true;
	return false;
}

static int gather(const struct snug_recording *recording, const struct snug_aa_group *group,
		  struct snug_aa_sightings *ret, struct snug_error *err)
{
	for (size_t i = 0; i < recording->files.count; i++) {
		const struct snug_seen_file *file = &recording->files.at[i];

		if (snug_aa_in_group(group, file->program) &&
		    snug_aa_sightings_add(ret, file->path, file->access, file->others) < 0)
			return snug_fail_memory(err);
	}
	snug_aa_sightings_sort(ret);
	return 0;
}

int snug_aa_make_files(const struct snug_recording *recording, const struct snug_aa_group *group,
		       enum snug_generalise how, struct snug_aa_rules *rules,
		       struct snug_aa_made *made, struct snug_error *err)
{
	SNUG_AUTO(snug_aa_sightings_clear) struct snug_aa_sightings all = { 0 };

	if (gather(recording, group, &all, err) < 0 || add_floor(&all, rules, made, err) < 0)
		return -1;
	if (how == SNUG_GENERALISE_SIBLINGS && add_abstractions(&all, rules, made, err) < 0)
		return -1;
	if (snug_aa_generalise(recording, how, &all, err) < 0 ||
	    add_all(&all, rules, made, err) < 0)
		return -1;
	return add_links(recording, group, &all, rules, err);
}
