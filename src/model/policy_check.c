/* SPDX-License-Identifier: Apache-2.0 */
/* Which rules never decide. */
#include "model/glob.h"
#include "model/policy_part.h"

#include <string.h>

/* Does each text that one of a's patterns matches match one of b's? */
static int globs_within(const struct snug_globs *a, const struct snug_globs *b, bool *ret,
			struct snug_error *err)
{
	*ret = true;
	for (size_t i = 0; *ret && i < a->count; i++)
		if (snug_glob_within(a->at[i], b->at, b->count, ret, err) < 0)
			return -1;
	return 0;
}

/* What is always there, and matched by a pattern for anything, asks nothing. */
static bool asks(enum snug_match_text text, const struct snug_globs *globs)
{
	if (!globs->count)
		return false;
	if (text != SNUG_MATCH_COMMAND && text != SNUG_MATCH_COMMAND_LINE)
		return true;
	for (size_t i = 0; i < globs->count; i++)
		if (strspn(globs->at[i], "*") == strlen(globs->at[i]))
			return false;
	return true;
}

static int texts_within(const struct snug_match *a, const struct snug_match *b, bool *ret,
			struct snug_error *err)
{
	for (enum snug_match_text text = 0; *ret && text < SNUG_MATCH_TEXT_MAX; text++) {
		if (!asks(text, &b->texts[text]))
			continue;
		*ret = a->texts[text].count > 0;
		if (*ret && globs_within(&a->texts[text], &b->texts[text], ret, err) < 0)
			return -1;
	}
	return 0;
}

static const struct snug_globs *find_key(const struct snug_keyed *keyed, const char *key)
{
	for (size_t i = 0; i < keyed->count; i++)
		if (strcmp(keyed->at[i].key, key) == 0)
			return &keyed->at[i].globs;
	return NULL;
}

static int keyed_within(const struct snug_keyed *a, const struct snug_keyed *b, bool *ret,
			struct snug_error *err)
{
	for (size_t i = 0; *ret && i < b->count; i++) {
		const struct snug_globs *globs = find_key(a, b->at[i].key);

		*ret = globs != NULL;
		if (globs && globs_within(globs, &b->at[i].globs, ret, err) < 0)
			return -1;
	}
	return 0;
}

/* The first user from `from` on whom none of the ranges holds. */
static uint64_t first_outside(const struct snug_users *users, uint64_t from)
{
	for (size_t i = 0; i < users->count; i++) {
		if (users->at[i].first > from || users->at[i].last < from)
			continue;
		from = (uint64_t)users->at[i].last + 1;
		i = (size_t)-1; /* once more from the start */
	}
	return from;
}

static bool users_within(const struct snug_users *a, const struct snug_users *b)
{
	const struct snug_user_range all = { 0, UINT32_MAX };

	if (!b->count)
		return true;
	for (size_t i = 0; i < (a->count ? a->count : 1); i++) {
		const struct snug_user_range *range = a->count ? &a->at[i] : &all;

		if (first_outside(b, range->first) <= range->last)
			return false;
	}
	return true;
}

static int match_within(const struct snug_match *a, const struct snug_match *b, bool *ret,
			struct snug_error *err)
{
	*ret = users_within(&a->users, &b->users);
	if (*ret && texts_within(a, b, ret, err) < 0)
		return -1;
	if (*ret && keyed_within(&a->annotations, &b->annotations, ret, err) < 0)
		return -1;
	return *ret ? keyed_within(&a->labels, &b->labels, ret, err) : 0;
}

int snug_policy_shadowed(const struct snug_policy *policy, size_t index, int *ret_by,
			 struct snug_error *err)
{
	const struct snug_match all = { 0 };
	const struct snug_match *match =
		index < policy->rules.count ? &policy->rules.at[index].match : &all;

	*ret_by = -1;
	for (size_t i = 0; i < index && *ret_by < 0; i++) {
		bool within;

		if (match_within(match, &policy->rules.at[i].match, &within, err) < 0)
			return -1;
		if (within)
			*ret_by = (int)i;
	}
	return 0;
}
