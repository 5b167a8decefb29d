/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths on their way from a recording to rules: what was done with each, then less and more general
 * patterns. Sound: a pattern gets what was done with any of its paths, and matches all of them.
 */
#pragma once

#include "base/buf.h"
#include "base/error.h"
#include "base/vec.h"
#include "model/seen_bits.h"

#include <stdbool.h>

#define SNUG_AA_EXAMPLES 3u

enum snug_aa_why { SNUG_AA_WHY_EXACT, SNUG_AA_WHY_TYPED, SNUG_AA_WHY_SIBLINGS, SNUG_AA_WHY_MAX };
const char *snug_aa_why_name(enum snug_aa_why why); /* "exact", "typed", "siblings" */

struct snug_aa_sighting {
	char *pattern;
	unsigned access, others; /* SNUG_ACCESS_*; others: by users who do not own the file */
	unsigned paths;		 /* how many it stands for */
	char *examples[SNUG_AA_EXAMPLES]; /* the smallest of them; NULL past the last */
	enum snug_aa_why why;
	bool kept; /* stays the path that it is */
};

/* By pattern, each once, after snug_aa_sightings_sort(). */
struct snug_aa_sightings SNUG_VEC_BODY(struct snug_aa_sighting);

/* A path as AppArmor asks for it: from the root (attach_disconnected puts a slash before what is in
 * no mount of the container's), slashes one by one. */
void snug_aa_put_path(const char *path, struct snug_buf *ret);
/* The pattern that matches it alone. */
void snug_aa_quote_path(const char *path, struct snug_buf *ret);

/* A path as it was seen; its pattern matches it alone. -1 without memory. */
int snug_aa_sightings_add(struct snug_aa_sightings *all, const char *path, unsigned access,
			  unsigned others);
/* Gives it another pattern (taken over). */
void snug_aa_sighting_widen(struct snug_aa_sighting *one, char *pattern, enum snug_aa_why why);
/* ret is empty before. -1 without memory: ret has some of them. */
int snug_aa_sightings_copy(const struct snug_aa_sightings *all, struct snug_aa_sightings *ret);
void snug_aa_sightings_sort(struct snug_aa_sightings *all);
void snug_aa_sighting_clear(struct snug_aa_sighting *one);
void snug_aa_sightings_clear(struct snug_aa_sightings *all);

/* Programs, and what is mapped as code, are never more than what they are. */
#define SNUG_AA_CODE                                                                               \
	(SNUG_ACCESS_EXECUTE | SNUG_ACCESS_INTERPRET | SNUG_ACCESS_MAP | SNUG_ACCESS_RAISE)
bool snug_aa_is_code(const struct snug_aa_sighting *one);
/* Nor is what is below /etc, /root, /run/secrets and the like. */
bool snug_aa_is_delicate(const char *pattern);

/* Numbers, digests and UUIDs in names become what they are. Sorted after. */
int snug_aa_sightings_type(struct snug_aa_sightings *all, struct snug_error *err) SNUG_CHECKED;
/* From three on, names in one folder that were written become one. Sorted before and after. */
int snug_aa_sightings_unite(struct snug_aa_sightings *all, struct snug_error *err) SNUG_CHECKED;
