/* SPDX-License-Identifier: Apache-2.0 */
#include "model/apparmor/diff.h"

#include "base/cleanup.h"
#include "model/apparmor/access.h"
#include "model/apparmor/children.h"
#include "model/apparmor/decide.h"
#include "model/apparmor/render.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void change_clear(struct snug_aa_change *change)
{
	free(change->child);
	free(change->pattern);
	free(change->witness);
}

void snug_aa_side_clear(struct snug_aa_side *side)
{
	int saved = errno;

	for (size_t i = 0; i < side->files.count; i++)
		change_clear(&side->files.at[i]);
	snug_vec_clear(&side->files);
	snug_words_clear(&side->rules);
	errno = saved;
}

bool snug_aa_side_is_empty(const struct snug_aa_side *side)
{
	return side->files.count == 0 && side->rules.count == 0;
}

/* As a rule has it: w has a in it. */
void snug_aa_change_access(const struct snug_aa_change *change, struct snug_buf *ret)
{
	unsigned perms = change->perms;

	if (perms & SNUG_AA_WRITE)
		perms &= ~SNUG_AA_APPEND;
	for (unsigned i = 0; i < SNUG_AA_PERMS; i++)
		if (perms & 1u << i)
			snug_buf_addc(ret, snug_aa_perm_letters[i]);
}

/* ---- files ---- */

static unsigned given(const struct snug_aa_file *file)
{
	return snug_aa_perms_given(file->perms, file->child != NULL);
}

/* May the other's rule stand for this permission of the rule? Where an exec goes to, is another
 * question: of what is there. */
static bool stands(const struct snug_aa_file *file, const struct snug_aa_file *other, unsigned perm)
{
	return given(other) & perm && (!other->owner || file->owner);
}

/* Which permissions rules of the same pattern give: all that most rules ask about. */
static unsigned given_by_same(const struct snug_aa_file *file, const struct snug_aa_rules *other)
{
	size_t low = 0, high = other->files.count;
	unsigned perms = 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(other->files.at[middle].path, file->path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < other->files.count && strcmp(other->files.at[low].path, file->path) == 0;
	     low++)
		for (unsigned bit = 0; bit < SNUG_AA_PERMS; bit++)
			if (stands(file, &other->files.at[low], 1u << bit))
				perms |= 1u << bit;
	return perms;
}

/* May the two match one path, as far as what they start with tells? */
static bool may_meet(const char *a, const char *b)
{
	while (*a && *a == *b && !strchr("\\*?[{@", *a)) {
		a++;
		b++;
	}
	return (!*a && !*b) || (*a && strchr("\\*?[{@", *a)) || (*b && strchr("\\*?[{@", *b));
}

static int ask(const struct snug_aa_file *file, const struct snug_aare *aare, unsigned perm,
	       const struct snug_aa_judge *other, enum snug_aare_answer *ret,
	       struct snug_buf *witness, struct snug_error *err)
{
	SNUG_VEC(const struct snug_aare *) list = { 0 };
	int result = 0;

	for (size_t i = 0; i < other->files.count && result == 0; i++)
		if (stands(file, &other->rules->files.at[i], perm) &&
		    may_meet(file->path, other->rules->files.at[i].path))
			/* NOLINTNEXTLINE(bugprone-sizeof-expression): a list of pointers */
			result = snug_vec_push(&list, &other->files.at[i]);
	if (result < 0)
		snug_fail_memory(err);
	else
		result = snug_aare_within(aare, list.at, list.count, ret, witness, err);
	snug_vec_clear(&list);
	return result;
}

static int add_change(const struct snug_aa_file *file, unsigned perms, const char *witness,
		      const char *child, struct snug_aa_side *ret, struct snug_error *err)
{
	struct snug_aa_change change = { .perms = perms, .owner = file->owner };
	bool whole = true;

	change.pattern = strdup(file->path);
	whole &= change.pattern != NULL;
	if (witness)
		whole &= (change.witness = strdup(witness)) != NULL;
	if (child)
		whole &= (change.child = strdup(child)) != NULL;
	if (!whole || snug_vec_push(&ret->files, change) < 0) {
		change_clear(&change);
		return snug_fail_memory(err);
	}
	return 0;
}

/* One change for the permissions that are known to be more, with a path; one for those that are
 * not decided. */
static int diff_file(const struct snug_aa_file *file, const struct snug_aare *aare,
		     const struct snug_aa_judge *other, const char *child, struct snug_aa_side *ret,
		     struct snug_error *err)
{
	const unsigned left = given(file) & ~given_by_same(file, other->rules);
	SNUG_AUTO(snug_buf_clear) struct snug_buf shown = { 0 };
	unsigned more = 0, unknown = 0;

	for (unsigned bit = 0; bit < SNUG_AA_PERMS; bit++) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf witness = { 0 };
		enum snug_aare_answer answer;

		if (!(left & 1u << bit))
			continue;
		if (ask(file, aare, 1u << bit, other, &answer, &witness, err) < 0)
			return -1;
		more |= answer == SNUG_AARE_NO ? 1u << bit : 0;
		unknown |= answer == SNUG_AARE_UNKNOWN ? 1u << bit : 0;
		if (answer == SNUG_AARE_NO && shown.len == 0)
			snug_buf_add(&shown, witness.data, witness.len);
	}
	if (snug_buf_check(&shown, err) < 0 ||
	    (more && add_change(file, more, snug_buf_text(&shown), child, ret, err) < 0) ||
	    (unknown && add_change(file, unknown, NULL, child, ret, err) < 0))
		return -1;
	return 0;
}

static int diff_files(const struct snug_aa_judge *one, const struct snug_aa_judge *other,
		      const char *child, struct snug_aa_side *ret, struct snug_error *err)
{
	for (size_t i = 0; i < one->files.count; i++)
		if (diff_file(&one->rules->files.at[i], &one->files.at[i], other, child, ret, err) <
		    0)
			return -1;
	return 0;
}

/* ---- the rest ---- */

static int add_lines(const struct snug_aa_rules *rules, struct snug_words *ret,
		     struct snug_error *err)
{
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	char *line, *rest;

	snug_apparmor_render_others(rules, &text);
	if (snug_buf_check(&text, err) < 0)
		return -1;
	for (line = text.data; line && *line; line = rest) {
		rest = strchrnul(line, '\n');
		if (*rest)
			*rest++ = '\0';
		if (snug_words_add(ret, line, err) < 0)
			return -1;
	}
	return 0;
}

static bool has(const struct snug_words *words, const char *word)
{
	for (size_t i = 0; i < words->count; i++)
		if (strcmp(words->at[i], word) == 0)
			return true;
	return false;
}

static int diff_others(const struct snug_aa_rules *one, const struct snug_aa_rules *other,
		       const char *child, struct snug_aa_side *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_words_clear) struct snug_words mine = { 0 }, theirs = { 0 };

	if (add_lines(one, &mine, err) < 0 || add_lines(other, &theirs, err) < 0)
		return -1;
	for (size_t i = 0; i < mine.count; i++) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf line = { 0 };

		if (has(&theirs, mine.at[i]))
			continue;
		if (child)
			snug_buf_addf(&line, "child %s: ", child);
		snug_buf_adds(&line, mine.at[i]);
		if (snug_buf_check(&line, err) < 0 ||
		    snug_words_add(&ret->rules, snug_buf_text(&line), err) < 0)
			return -1;
	}
	return 0;
}

/* ---- who runs where ---- */

#define NOWHERE SIZE_MAX

/* Where a program of a profile runs: 0, in the profile; N, in its child N - 1. */
struct half {
	const struct snug_aa_rules *rules;
	struct snug_aa_ways ways;
	struct snug_aa_judge *judges; /* by place; made when they are asked for */
};

/* Places where one program runs, here and there. */
struct pair {
	size_t one, other;
};
struct pairs SNUG_VEC_BODY(struct pair);

static void pairs_clear(struct pairs *pairs)
{
	snug_vec_clear(pairs);
}

static void half_clear(struct half *half)
{
	int saved = errno;

	for (size_t i = 0; half->judges && i <= half->rules->children.count; i++)
		snug_aa_judge_clear(&half->judges[i]);
	free(half->judges);
	snug_aa_ways_clear(&half->ways);
	errno = saved;
}

static int half_init(struct half *half, const struct snug_aa_rules *rules, struct snug_error *err)
{
	half->rules = rules;
	half->judges = calloc(rules->children.count + 1, sizeof(*half->judges));
	return half->judges ? snug_aa_ways_make(rules, &half->ways, err) : snug_fail_memory(err);
}

static const char *name_of(const struct half *half, size_t place)
{
	return place == 0 || place == NOWHERE ? NULL : half->rules->children.at[place - 1].name;
}

static size_t place_of(const struct half *half, const char *child)
{
	for (size_t i = 0; i < half->rules->children.count; i++)
		if (strcmp(half->rules->children.at[i].name, child) == 0)
			return i + 1;
	return NOWHERE;
}

static int judge_of(const struct half *half, size_t place, const struct snug_aa_judge **ret,
		    struct snug_error *err)
{
	static const struct snug_aa_rules no_rules;
	static const struct snug_aa_judge none = { .rules = &no_rules };

	*ret = place == NOWHERE ? &none : &half->judges[place];
	if ((*ret)->rules)
		return 0;
	return snug_aa_judge_make(place ? &half->rules->children.at[place - 1].rules : half->rules,
				  &half->judges[place], err);
}

/* Where the program comes to run that is executed at the place. */
static int go(const struct half *half, size_t place, const char *path, size_t *ret,
	      struct snug_error *err)
{
	const char *child = place == 0 ? snug_aa_way_of(&half->ways, path) : NULL;
	const struct snug_aa_judge *judge;
	struct snug_aa_answer answer;

	if (child) {
		*ret = place_of(half, child);
		return 0;
	}
	if (judge_of(half, place, &judge, err) < 0)
		return -1;
	snug_aa_judge_file(judge, path, true, &answer);
	*ret = answer.perms & SNUG_AA_EXECUTE ? place : NOWHERE;
	return 0;
}

static int add_pair(struct pairs *pairs, struct pair pair, struct snug_error *err)
{
	for (size_t i = 0; i < pairs->count; i++)
		if (pairs->at[i].one == pair.one && pairs->at[i].other == pair.other)
			return 0;
	return snug_vec_push(pairs, pair) < 0 ? snug_fail_memory(err) : 0;
}

/* Both may execute these programs, and one of them sends them to a child. */
static int follow(const struct half *one, const struct half *other, struct pair from,
		  const struct snug_aa_ways *ways, struct pairs *ret, struct snug_error *err)
{
	for (size_t i = 0; i < ways->count; i++) {
		struct pair to;

		if (go(one, from.one, ways->at[i].path, &to.one, err) < 0 ||
		    go(other, from.other, ways->at[i].path, &to.other, err) < 0)
			return -1;
		if (to.one != NOWHERE && to.other != NOWHERE && add_pair(ret, to, err) < 0)
			return -1;
	}
	return 0;
}

static bool is_paired(const struct pairs *pairs, size_t place)
{
	for (size_t i = 0; i < pairs->count; i++)
		if (pairs->at[i].one == place)
			return true;
	return false;
}

/* A child of programs that the other does not run has nothing there; one of no program at all is
 * known by its name. */
static int pair_rest(const struct half *one, const struct half *other, struct pairs *ret,
		     struct snug_error *err)
{
	for (size_t i = 1; i <= one->rules->children.count; i++) {
		const char *name = one->rules->children.at[i - 1].name;
		struct pair pair = { .one = i, .other = NOWHERE };

		if (is_paired(ret, i))
			continue;
		if (!snug_aa_ways_reach(&one->ways, name) &&
		    !snug_aa_ways_reach(&other->ways, name))
			pair.other = place_of(other, name);
		if (add_pair(ret, pair, err) < 0)
			return -1;
	}
	return 0;
}

static int pair_places(const struct half *one, const struct half *other, struct pairs *ret,
		       struct snug_error *err)
{
	if (add_pair(ret, (struct pair){ 0, 0 }, err) < 0)
		return -1;
	for (size_t i = 0; i < ret->count; i++)
		if (follow(one, other, ret->at[i], &one->ways, ret, err) < 0 ||
		    follow(one, other, ret->at[i], &other->ways, ret, err) < 0)
			return -1;
	return pair_rest(one, other, ret, err);
}

/* What leaves the profile here stays in it there: as the rule that only one has. */
static int diff_ways(const struct half *one, const struct half *other, struct snug_aa_side *ret,
		     struct snug_error *err)
{
	for (size_t i = 0; i < one->ways.count; i++) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf line = { 0 };
		size_t place;

		if (go(other, 0, one->ways.at[i].path, &place, err) < 0)
			return -1;
		if (place != 0)
			continue;
		snug_aare_quote(one->ways.at[i].path, &line);
		snug_buf_addf(&line, " cx -> %s,", one->ways.at[i].child);
		if (snug_buf_check(&line, err) < 0 ||
		    snug_words_add(&ret->rules, line.data, err) < 0)
			return -1;
	}
	return 0;
}

static int diff_pair(const struct half *one, const struct half *other, struct pair pair,
		     struct snug_aa_side *ret, struct snug_error *err)
{
	const char *child = pair.one ? name_of(one, pair.one) : name_of(other, pair.other);
	const struct snug_aa_judge *mine, *theirs;

	if (judge_of(one, pair.one, &mine, err) < 0 ||
	    judge_of(other, pair.other, &theirs, err) < 0)
		return -1;
	return diff_files(mine, theirs, child, ret, err) < 0
		       ? -1
		       : diff_others(mine->rules, theirs->rules, child, ret, err);
}

int snug_apparmor_diff(const struct snug_aa_rules *one, const struct snug_aa_rules *other,
		       struct snug_aa_side *ret, struct snug_error *err)
{
	SNUG_AUTO(half_clear) struct half mine = { 0 }, theirs = { 0 };
	SNUG_AUTO(pairs_clear) struct pairs pairs = { 0 };

	if (half_init(&mine, one, err) < 0 || half_init(&theirs, other, err) < 0 ||
	    pair_places(&mine, &theirs, &pairs, err) < 0)
		return -1;
	for (size_t i = 0; i < pairs.count; i++)
		if (diff_pair(&mine, &theirs, pairs.at[i], ret, err) < 0)
			return -1;
	return diff_ways(&mine, &theirs, ret, err);
}
