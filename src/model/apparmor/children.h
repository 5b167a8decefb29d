/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which programs run in which child profile. Of two rule sets side by side, children are the same
 * where a program that goes to the one goes to the other: not where they have the same name.
 */
#pragma once

#include "base/error.h"
#include "model/apparmor/policy.h"

struct snug_aa_way {
	char *path;	   /* of the program; no pattern */
	const char *child; /* the rules' own */
};

/* Sorted by path, each once. */
struct snug_aa_ways SNUG_VEC_BODY(struct snug_aa_way);

int snug_aa_ways_make(const struct snug_aa_rules *rules, struct snug_aa_ways *ret,
		      struct snug_error *err) SNUG_CHECKED;
void snug_aa_ways_clear(struct snug_aa_ways *ways);
/* NULL: it goes to none. */
const char *snug_aa_way_of(const struct snug_aa_ways *ways, const char *path);
/* Does any program go there? */
bool snug_aa_ways_reach(const struct snug_aa_ways *ways, const char *child);
