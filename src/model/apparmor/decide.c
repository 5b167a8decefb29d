/* SPDX-License-Identifier: Apache-2.0 */
#include "model/apparmor/decide.h"

#include "base/cleanup.h"
#include "model/apparmor/access.h"

#include <string.h>

void snug_aa_judge_clear(struct snug_aa_judge *judge)
{
	for (size_t i = 0; i < judge->files.count; i++)
		snug_aare_clear(&judge->files.at[i]);
	snug_vec_clear(&judge->files);
	judge->rules = NULL;
}

int snug_aa_judge_make(const struct snug_aa_rules *rules, struct snug_aa_judge *ret,
		       struct snug_error *err)
{
	SNUG_AUTO(snug_aa_judge_clear) struct snug_aa_judge judge = { .rules = rules };

	for (size_t i = 0; i < rules->files.count; i++) {
		struct snug_aare aare = { 0 };

		if (snug_aare_parse(rules->files.at[i].path, &aare, err) < 0)
			return -1;
		if (snug_vec_push(&judge.files, aare) < 0) {
			snug_aare_clear(&aare);
			return snug_fail_memory(err);
		}
	}
	*ret = judge;
	judge = (struct snug_aa_judge){ 0 };
	return 0;
}

void snug_aa_judge_file(const struct snug_aa_judge *judge, const char *path, bool owner,
			struct snug_aa_answer *ret)
{
	*ret = (struct snug_aa_answer){ 0 };
	for (size_t i = 0; i < judge->files.count; i++) {
		const struct snug_aa_file *file = &judge->rules->files.at[i];
		const unsigned given = snug_aa_perms_given(file->perms, file->child != NULL);

		if ((file->owner && !owner) || !snug_aare_match(&judge->files.at[i], path))
			continue;
		ret->perms |= given;
		for (unsigned bit = 0; bit < SNUG_AA_PERMS; bit++)
			if (given & 1u << bit && !ret->rule[bit])
				ret->rule[bit] = file;
		/* A literal rule, and only such a one has a child, beats patterns. */
		if (file->child)
			ret->rule[__builtin_ctz(SNUG_AA_EXECUTE)] = file;
	}
}

static int matches(const char *pattern, const char *path, bool *ret, struct snug_error *err)
{
	SNUG_AUTO(snug_aare_clear) struct snug_aare aare = { 0 };

	if (snug_aare_parse(pattern, &aare, err) < 0)
		return -1;
	*ret = snug_aare_match(&aare, path);
	return 0;
}

int snug_aa_judge_link(const struct snug_aa_rules *rules, const char *name, const char *target,
		       const struct snug_aa_link **ret, struct snug_error *err)
{
	*ret = NULL;
	for (size_t i = 0; i < rules->links.count && !*ret; i++) {
		bool has_name, has_target;

		if (matches(rules->links.at[i].name, name, &has_name, err) < 0 ||
		    matches(rules->links.at[i].target, target, &has_target, err) < 0)
			return -1;
		if (has_name && has_target)
			*ret = &rules->links.at[i];
	}
	return 0;
}

const struct snug_aa_network *snug_aa_judge_network(const struct snug_aa_rules *rules,
						    unsigned family, unsigned type)
{
	for (size_t i = 0; i < rules->network.count; i++)
		if (rules->network.at[i].family == family && rules->network.at[i].type == type)
			return &rules->network.at[i];
	return NULL;
}
