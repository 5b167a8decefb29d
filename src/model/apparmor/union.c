/* SPDX-License-Identifier: Apache-2.0 */
/*
 * While rule sets are united, a child's name is NAME/PATH: the smallest name that it had, and the
 * smallest path of its programs; without the path where no program goes there. Both are the same in
 * whatever order they come.
 */
#include "model/apparmor/union.h"

#include "base/cleanup.h"
#include "model/apparmor/children.h"
#include "model/apparmor/decide.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A child of the union: what these two have; "": that one has none for its programs. */
struct pair {
	const char *one, *other;
	char *name;
};

struct pairs {
	struct pair at[SNUG_AA_CHILDREN_MAX];
	size_t count;
};

/* One of two rule sets. */
struct half {
	const struct snug_aa_rules *rules;
	struct snug_aa_ways ways;
};

static void pairs_clear(struct pairs *pairs)
{
	for (size_t i = 0; i < pairs->count; i++)
		free(pairs->at[i].name);
}

static void half_clear(struct half *half)
{
	snug_aa_ways_clear(&half->ways);
}

static const struct pair *find_pair(const struct pairs *pairs, const char *one, const char *other)
{
	for (size_t i = 0; i < pairs->count; i++)
		if (strcmp(pairs->at[i].one, one) == 0 && strcmp(pairs->at[i].other, other) == 0)
			return &pairs->at[i];
	return NULL;
}

/* How much of it is the name. */
static size_t name_len(const char *child)
{
	return strcspn(child, "/");
}

static int compare_names(const char *a, const char *b)
{
	const size_t len = name_len(a), other = name_len(b);
	const int order = memcmp(a, b, len < other ? len : other);

	return order ? order : (len > other) - (len < other);
}

/* path: the first of its programs; "" for none. */
static int add_pair(struct pairs *pairs, const char *one, const char *other, const char *path,
		    struct snug_error *err)
{
	const char *name = !*other || (*one && compare_names(one, other) <= 0) ? one : other;
	SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };
	struct pair pair = { .one = one, .other = other };

	if (find_pair(pairs, one, other))
		return 0;
	if (pairs->count == SNUG_AA_CHILDREN_MAX) {
		snug_fail(err, SNUG_INPUT,
			  "the profiles have more AppArmor profiles for programs than the %u that "
			  "there may be",
			  SNUG_AA_CHILDREN_MAX);
		return snug_remedy(err, "generate them without --children");
	}
	snug_buf_add(&text, name, name_len(name));
	snug_buf_adds(&text, path);
	pair.name = snug_buf_take(&text);
	if (!pair.name)
		return snug_fail_memory(err);
	pairs->at[pairs->count++] = pair;
	return 0;
}

/* In order of path, so that a child's first one is its smallest. */
static int pair_reached(const struct half *one, const struct half *other, struct pairs *ret,
			struct snug_error *err)
{
	const struct snug_aa_ways *a = &one->ways, *b = &other->ways;

	for (size_t i = 0, j = 0; i < a->count || j < b->count;) {
		const int order = i == a->count	  ? 1
				  : j == b->count ? -1
						  : strcmp(a->at[i].path, b->at[j].path);
		const char *path = order <= 0 ? a->at[i].path : b->at[j].path;
		const char *mine = order <= 0 ? a->at[i++].child : "";
		const char *theirs = order >= 0 ? b->at[j++].child : "";

		if (add_pair(ret, mine, theirs, path, err) < 0)
			return -1;
	}
	return 0;
}

static const char *unreached(const struct half *half, const char *name)
{
	return snug_aa_find_child(half->rules, name) && !snug_aa_ways_reach(&half->ways, name)
		       ? name
		       : "";
}

/* Where no program goes, the name is all that there is. */
static int pair_rest(const struct half *one, const struct half *other, struct pairs *ret,
		     struct snug_error *err)
{
	for (size_t i = 0; i < one->rules->children.count; i++) {
		const char *name = unreached(one, one->rules->children.at[i].name);

		if (*name && add_pair(ret, name, unreached(other, name), "", err) < 0)
			return -1;
	}
	for (size_t i = 0; i < other->rules->children.count; i++) {
		const char *name = unreached(other, other->rules->children.at[i].name);

		if (*name && add_pair(ret, unreached(one, name), name, "", err) < 0)
			return -1;
	}
	return 0;
}

/* A path has one exec: where it stays in the profile in other, it cannot go to one's child. */
static int check_execs(const struct half *one, const struct half *other, struct snug_error *err)
{
	SNUG_AUTO(snug_aa_judge_clear) struct snug_aa_judge judge = { 0 };

	if (one->ways.count && snug_aa_judge_make(other->rules, &judge, err) < 0)
		return -1;
	for (size_t i = 0; i < one->ways.count; i++) {
		const char *path = one->ways.at[i].path;
		struct snug_aa_answer answer;

		if (snug_aa_way_of(&other->ways, path))
			continue;
		snug_aa_judge_file(&judge, path, true, &answer);
		if (!(answer.perms & SNUG_AA_EXECUTE))
			continue;
		snug_fail(err, SNUG_INPUT, "the profiles run %.200s in different AppArmor profiles",
			  path);
		return snug_remedy(err, "generate all of them with --children, or none");
	}
	return 0;
}

static int go_to(struct snug_aa_file *file, const char *child, struct snug_error *err)
{
	char *copy = strdup(child);

	if (!copy)
		return snug_fail_memory(err);
	free(file->child);
	file->child = copy;
	return 0;
}

static const char *goes_to(const struct half *half, const char *path)
{
	const char *child = snug_aa_way_of(&half->ways, path);

	return child ? child : "";
}

/* Each way goes to the child of its pair. */
static int redirect(struct snug_aa_rules *rules, const struct half *one, const struct half *other,
		    const struct pairs *pairs, struct snug_error *err)
{
	for (size_t i = 0; i < rules->files.count; i++) {
		struct snug_aa_file *file = &rules->files.at[i];
		SNUG_AUTO(snug_buf_clear) struct snug_buf path = { 0 };
		const struct pair *pair;

		if (!file->child || !snug_aare_literal(file->path, &path))
			continue;
		if (snug_buf_check(&path, err) < 0)
			return -1;
		pair = find_pair(pairs, goes_to(one, path.data), goes_to(other, path.data));
		if (pair && go_to(file, pair->name, err) < 0)
			return -1;
	}
	return 0;
}

/* Nothing is added where there is none. */
static int add_rules_of(struct snug_aa_rules *child, const struct half *half, const char *name,
			struct snug_error *err)
{
	return *name && snug_aa_rules_merge(child, snug_aa_find_child(half->rules, name)) < 0
		       ? snug_fail_memory(err)
		       : 0;
}

static int add_children(struct snug_aa_rules *rules, const struct half *one,
			const struct half *other, const struct pairs *pairs, struct snug_error *err)
{
	for (size_t i = 0; i < pairs->count; i++) {
		struct snug_aa_rules *child = snug_aa_child(rules, pairs->at[i].name);

		if (!child)
			return snug_fail_memory(err);
		if (add_rules_of(child, one, pairs->at[i].one, err) < 0 ||
		    add_rules_of(child, other, pairs->at[i].other, err) < 0)
			return -1;
	}
	snug_aa_rules_sort(rules);
	return 0;
}

int snug_aa_union_add(struct snug_aa_rules *into, const struct snug_aa_rules *other,
		      struct snug_error *err)
{
	SNUG_AUTO(half_clear) struct half mine = { .rules = into }, theirs = { .rules = other };
	SNUG_AUTO(snug_aa_rules_clear) struct snug_aa_rules both = { 0 };
	SNUG_AUTO(pairs_clear) struct pairs pairs = { 0 };
	const struct snug_aa_rules before = *into;

	if (!into->children.count && !other->children.count)
		return snug_aa_rules_merge(into, other) < 0 ? snug_fail_memory(err) : 0;
	if (snug_aa_ways_make(into, &mine.ways, err) < 0 ||
	    snug_aa_ways_make(other, &theirs.ways, err) < 0 ||
	    check_execs(&mine, &theirs, err) < 0 || check_execs(&theirs, &mine, err) < 0 ||
	    pair_reached(&mine, &theirs, &pairs, err) < 0 ||
	    pair_rest(&mine, &theirs, &pairs, err) < 0)
		return -1;
	if (snug_aa_rules_merge(&both, into) < 0 || snug_aa_rules_merge(&both, other) < 0)
		return snug_fail_memory(err);
	if (redirect(&both, &mine, &theirs, &pairs, err) < 0 ||
	    add_children(&both, &mine, &theirs, &pairs, err) < 0)
		return -1;
	*into = both;
	both = before;
	return 0;
}

/* ---- names in the end ---- */

#define NUMBERED_BYTES (SNUG_AA_LABEL_MAX - 8u) /* of the name, ahead of "-2" */

struct names {
	char at[SNUG_AA_CHILDREN_MAX][SNUG_AA_LABEL_MAX + 1]; /* of the children, in order */
};

static bool is_taken(const struct names *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names->at[i], name) == 0)
			return true;
	return false;
}

/* The first of those that want a name have it; the others one that nobody wants. */
static void choose_names(const struct snug_aa_rules *united, struct names *ret)
{
	const size_t count = united->children.count;
	char name[SNUG_AA_LABEL_MAX + 1];

	for (size_t i = 0; i < count; i++) {
		const char *child = united->children.at[i].name;

		snprintf(name, sizeof(name), "%.*s", (int)name_len(child), child);
		if (!is_taken(ret, count, name))
			memcpy(ret->at[i], name, sizeof(name));
	}
	for (size_t i = 0; i < count; i++) {
		const char *child = united->children.at[i].name;
		const size_t len = name_len(child);

		for (unsigned number = 2; !ret->at[i][0]; number++) {
			snprintf(name, sizeof(name), "%.*s-%u",
				 (int)(len < NUMBERED_BYTES ? len : NUMBERED_BYTES), child, number);
			if (!is_taken(ret, count, name))
				memcpy(ret->at[i], name, sizeof(name));
		}
	}
}

static int rename_ways(struct snug_aa_rules *rules, const struct snug_aa_rules *united,
		       const struct names *names, struct snug_error *err)
{
	for (size_t i = 0; i < rules->files.count; i++)
		for (size_t j = 0; rules->files.at[i].child && j < united->children.count; j++)
			if (strcmp(rules->files.at[i].child, united->children.at[j].name) == 0) {
				if (go_to(&rules->files.at[i], names->at[j], err) < 0)
					return -1;
				break;
			}
	return 0;
}

int snug_aa_union_name(const struct snug_aa_rules *united, struct snug_aa_rules *ret,
		       struct snug_error *err)
{
	SNUG_AUTO(snug_aa_rules_clear) struct snug_aa_rules named = { 0 };
	struct names names = { 0 };

	choose_names(united, &names);
	if (snug_aa_rules_merge(&named, united) < 0)
		return snug_fail_memory(err);
	if (rename_ways(&named, united, &names, err) < 0)
		return -1;
	for (size_t i = 0; i < united->children.count; i++) {
		struct snug_aa_rules *child = snug_aa_child(&named, names.at[i]);

		if (!child || snug_aa_rules_merge(child, &united->children.at[i].rules) < 0)
			return snug_fail_memory(err);
	}
	snug_aa_rules_sort(&named);
	*ret = named;
	named = (struct snug_aa_rules){ 0 };
	return 0;
}
