/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a profile comes from, of several profiles together. Sets are united; of a call the
 * strongest reason counts. What cannot be united is left out: run counts (runs may be in several),
 * which tuples are floor.
 */
#pragma once

#include "base/error.h"
#include "json/json.h"
#include "model/apparmor/reasons.h"
#include "model/profile.h"

/* Sorted, unique, owned. */
struct snug_words SNUG_VEC_BODY(char *);
int snug_words_add(struct snug_words *words, const char *word, struct snug_error *err) SNUG_CHECKED;
void snug_words_clear(struct snug_words *words);
void snug_words_put(struct snug_json_writer *w, const char *key, const struct snug_words *words);

struct snug_reason {
	char *call;
	char *why; /* NULL: allowed, and nobody said why */
	bool runtime_only, any_args;
};

enum snug_provenance_list {
	SNUG_FROM_PROFILES, /* names of those that were merged */
	SNUG_FROM_RECORDINGS,
	SNUG_FROM_OPTIONS,
	SNUG_FROM_OBSERVED, /* by all of them */
	SNUG_FROM_REFUSED,
	SNUG_FROM_X32,
	SNUG_FROM_REPLACED,
	SNUG_FROM_MAX,
};

struct snug_provenance {
	bool some; /* a profile was added */
	struct snug_words lists[SNUG_FROM_MAX];
	SNUG_VEC(struct snug_reason) reasons; /* by call */
	struct snug_aa_reasons apparmor;
};

/* On failure only snug_provenance_clear() is of use. What a member of an unknown shape says is
 * passed over: provenance is for people. */
int snug_provenance_add(struct snug_provenance *into, const struct snug_profile *profile,
			struct snug_error *err) SNUG_CHECKED;
/* The object. policy (NULL: none): calls that it permits are not called refused or replaced. */
void snug_provenance_put(struct snug_json_writer *w, const struct snug_provenance *provenance,
			 const char *generator, const struct snug_seccomp *policy);
void snug_provenance_clear(struct snug_provenance *provenance);
