/* SPDX-License-Identifier: Apache-2.0 */
#include "model/apparmor/diff.h"

#include "base/cleanup.h"
#include "model/apparmor/access.h"
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

static bool same_text(const char *a, const char *b)
{
	return !a || !b ? a == b : strcmp(a, b) == 0;
}

/* May the other's rule stand for this permission of the rule? */
static bool stands(const struct snug_aa_file *file, const struct snug_aa_file *other, unsigned perm)
{
	return given(other) & perm && (!other->owner || file->owner) &&
	       (perm != SNUG_AA_EXECUTE || same_text(file->child, other->child));
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

static int diff_files(const struct snug_aa_rules *one, const struct snug_aa_rules *other,
		      const char *child, struct snug_aa_side *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_aa_judge_clear) struct snug_aa_judge mine = { 0 }, theirs = { 0 };

	if (snug_aa_judge_make(one, &mine, err) < 0 || snug_aa_judge_make(other, &theirs, err) < 0)
		return -1;
	for (size_t i = 0; i < one->files.count; i++)
		if (diff_file(&one->files.at[i], &mine.files.at[i], &theirs, child, ret, err) < 0)
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

static const struct snug_aa_rules *find_child(const struct snug_aa_rules *rules, const char *name)
{
	static const struct snug_aa_rules none;

	for (size_t i = 0; i < rules->children.count; i++)
		if (strcmp(rules->children.at[i].name, name) == 0)
			return &rules->children.at[i].rules;
	return &none;
}

int snug_apparmor_diff(const struct snug_aa_rules *one, const struct snug_aa_rules *other,
		       struct snug_aa_side *ret, struct snug_error *err)
{
	if (diff_files(one, other, NULL, ret, err) < 0 ||
	    diff_others(one, other, NULL, ret, err) < 0)
		return -1;
	for (size_t i = 0; i < one->children.count; i++) {
		const struct snug_aa_child *child = &one->children.at[i];
		const struct snug_aa_rules *theirs = find_child(other, child->name);

		if (diff_files(&child->rules, theirs, child->name, ret, err) < 0 ||
		    diff_others(&child->rules, theirs, child->name, ret, err) < 0)
			return -1;
	}
	return 0;
}
