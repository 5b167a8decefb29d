/* SPDX-License-Identifier: Apache-2.0 */
/* What a rule set answers to an access, and by which rules; as the kernel would, from the policy
 * that apparmor_parser makes of it (tests/property/model/test_apparmor.c). */
#pragma once

#include "base/error.h"
#include "model/apparmor/aare.h"
#include "model/apparmor/policy.h"

#include <stdbool.h>

/* The patterns of a rule set, compiled. Points into the rules. */
struct snug_aa_judge {
	const struct snug_aa_rules *rules;
	SNUG_VEC(struct snug_aare) files; /* of rules->files, in order */
};
int snug_aa_judge_make(const struct snug_aa_rules *rules, struct snug_aa_judge *ret,
		       struct snug_error *err) SNUG_CHECKED;
void snug_aa_judge_clear(struct snug_aa_judge *judge);

struct snug_aa_answer {
	unsigned perms; /* SNUG_AA_*: all that the path may be used for */
	/* By bit: the first rule that gives it; NULL: none does. */
	const struct snug_aa_file *rule[SNUG_AA_PERMS];
};
/* owner: is who asks the file's owner? An exec goes where the literal rule says, where there is
 * one; else it stays. */
void snug_aa_judge_file(const struct snug_aa_judge *judge, const char *path, bool owner,
			struct snug_aa_answer *ret);
/* NULL: may not be linked. SNUG_SYSTEM without memory. */
int snug_aa_judge_link(const struct snug_aa_rules *rules, const char *name, const char *target,
		       const struct snug_aa_link **ret, struct snug_error *err) SNUG_CHECKED;
/* NULL: may not be made. */
const struct snug_aa_network *snug_aa_judge_network(const struct snug_aa_rules *rules,
						    unsigned family, unsigned type);
