/* SPDX-License-Identifier: Apache-2.0 */
/* Recording → what a profile says to AppArmor, and why it says so. docs/design.md, "AppArmor". */
#pragma once

#include "base/error.h"
#include "model/apparmor/policy.h"
#include "model/apparmor/sightings.h"
#include "model/provenance.h"
#include "model/recording.h"

#include <stdbool.h>

/* How far from what was seen: each goes as far as the one below, and further. The first is the
 * default. */
enum snug_generalise {
	SNUG_GENERALISE_SIBLINGS, /* names written in one folder; named abstractions */
	SNUG_GENERALISE_TYPED,	  /* numbers, digests, processes in names */
	SNUG_GENERALISE_NONE,
	SNUG_GENERALISE_MAX,
};
const char *snug_generalise_name(enum snug_generalise how); /* "siblings", "typed", "none" */
bool snug_generalise_parse(const char *word, enum snug_generalise *ret);

struct snug_aa_options {
	enum snug_generalise generalise;
	bool children; /* a profile of its own for each program that the first ones executed */
};

/* Why a pattern is in that is no path as it was seen. */
struct snug_aa_reason {
	char *pattern;
	char *why;	/* "typed", "siblings", "abstraction:locale", "floor:stdio" */
	unsigned paths; /* how many were seen of it */
	char *examples[SNUG_AA_EXAMPLES];
};

struct snug_aa_made {
	bool some; /* false: nothing below, for what `missing` says */
	struct snug_apparmor policy;
	SNUG_VEC(struct snug_aa_reason) reasons; /* by pattern, each once */
	bool any_signal; /* among its own processes, though some were seen */
	/* For the profile's "incomplete". */
	struct snug_words missing;
};

/*
 * Without `some`: files were not observed, or none was seen. What was not observed besides, or not
 * whole, makes the policy one to complain by. SNUG_INPUT: children are asked for, and
 * no_new_privs is set, under which no exec changes a profile.
 */
int snug_apparmor_make(const struct snug_recording *recording,
		       const struct snug_aa_options *options, bool no_new_privs,
		       struct snug_aa_made *ret, struct snug_error *err) SNUG_CHECKED;
/* The member provenance.apparmor's value. */
void snug_apparmor_put_reasons(struct snug_json_writer *w, const struct snug_aa_made *made);
void snug_aa_made_clear(struct snug_aa_made *made);

/* "files, network": of SNUG_OBSERVED_APPARMOR, what is not in observed. */
void snug_apparmor_unobserved(unsigned observed, struct snug_buf *ret);

/* ---- the parts ---- */

/* Which programs: all, or those that are listed (sorted), and whoever is not known. */
struct snug_aa_group {
	const struct snug_words *programs; /* NULL: all */
};
bool snug_aa_in_group(const struct snug_aa_group *group, const char *program);

/* Adds what the group did with files, and its acts, to rules. */
int snug_aa_make_files(const struct snug_recording *recording, const struct snug_aa_group *group,
		       enum snug_generalise how, struct snug_aa_rules *rules,
		       struct snug_aa_made *made, struct snug_error *err) SNUG_CHECKED;
/* all: what a group did, sorted or not; becomes the patterns of it, sorted. */
int snug_aa_generalise(const struct snug_recording *recording, enum snug_generalise how,
		       struct snug_aa_sightings *all, struct snug_error *err) SNUG_CHECKED;
int snug_aa_make_acts(const struct snug_recording *recording, const struct snug_aa_group *group,
		      enum snug_generalise how, struct snug_aa_rules *rules,
		      struct snug_aa_made *made, struct snug_error *err) SNUG_CHECKED;
/* All of it, with children. */
int snug_aa_make_children(const struct snug_recording *recording, enum snug_generalise how,
			  struct snug_aa_made *made, struct snug_error *err) SNUG_CHECKED;
