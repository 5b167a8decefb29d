/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patterns of what was written must not reach what is run: whoever writes a program and runs it has
 * a profile that holds nothing. So where a pattern that gives w matches a program, or a mapped
 * library, which nobody was seen writing, the paths that it was made of stay as they are.
 */
#include "base/cleanup.h"
#include "model/apparmor/aare.h"
#include "model/apparmor/access.h"
#include "model/apparmor/generate.h"

#include <stdlib.h>
#include <string.h>

/* Code that was not written: of the whole recording, whichever program ran it. */
static int find_code(const struct snug_recording *recording, struct snug_aa_sightings *ret,
		     struct snug_error *err)
{
	size_t kept = 0;

	for (size_t i = 0; i < recording->files.count; i++) {
		const struct snug_seen_file *file = &recording->files.at[i];

		/* Neither makes code of it, nor something that was written. */
		if (!(file->access & SNUG_AA_CODE) &&
		    !(snug_aa_perms_of(file->access) & SNUG_AA_WRITE))
			continue;
		if (snug_aa_sightings_add(ret, file->path, file->access, file->others) < 0)
			return snug_fail_memory(err);
	}
	snug_aa_sightings_sort(ret);
	for (size_t i = 0; i < ret->count; i++) {
		struct snug_aa_sighting *one = &ret->at[i];

		if (snug_aa_is_code(one) && !(snug_aa_perms_of(one->access) & SNUG_AA_WRITE)) {
			if (kept++ != i) {
				ret->at[kept - 1] = *one;
				*one = (struct snug_aa_sighting){ 0 };
			}
		} else {
			snug_aa_sighting_clear(one);
		}
	}
	ret->count = kept;
	return 0;
}

/* The first pattern that gives w to code goes to ret (empty before); ret_found: there is one. */
static int find_reaching(const struct snug_aa_sightings *all, const struct snug_aa_sightings *code,
			 struct snug_aare *ret, bool *ret_found, struct snug_error *err)
{
	*ret_found = false;
	for (size_t i = 0; i < all->count && !*ret_found; i++) {
		const struct snug_aa_sighting *one = &all->at[i];

		if (one->why == SNUG_AA_WHY_EXACT ||
		    !(snug_aa_perms_of(one->access) & SNUG_AA_WRITE))
			continue;
		snug_aare_clear(ret);
		if (snug_aare_parse(one->pattern, ret, err) < 0)
			return -1;
		for (size_t c = 0; c < code->count && !*ret_found; c++)
			*ret_found = snug_aare_match(ret, code->at[c].examples[0]);
	}
	return 0;
}

static int widen(const struct snug_aa_sightings *all, enum snug_generalise how,
		 struct snug_aa_sightings *ret, struct snug_error *err)
{
	if (snug_aa_sightings_copy(all, ret) < 0)
		return snug_fail_memory(err);
	if (how != SNUG_GENERALISE_NONE && snug_aa_sightings_type(ret, err) < 0)
		return -1;
	return how == SNUG_GENERALISE_SIBLINGS ? snug_aa_sightings_unite(ret, err) : 0;
}

/* Each round keeps some more paths as they are, at least those of the pattern that was found. */
int snug_aa_generalise(const struct snug_recording *recording, enum snug_generalise how,
		       struct snug_aa_sightings *all, struct snug_error *err)
{
	SNUG_AUTO(snug_aa_sightings_clear) struct snug_aa_sightings code = { 0 };
	SNUG_AUTO(snug_aare_clear) struct snug_aare reaching = { 0 };
	bool found = true;

	snug_aa_sightings_sort(all);
	if (find_code(recording, &code, err) < 0)
		return -1;
	while (found) {
		SNUG_AUTO(snug_aa_sightings_clear) struct snug_aa_sightings wide = { 0 };

		if (widen(all, how, &wide, err) < 0 ||
		    find_reaching(&wide, &code, &reaching, &found, err) < 0)
			return -1;
		for (size_t i = 0; found && i < all->count; i++)
			if (snug_aare_match(&reaching, all->at[i].examples[0]))
				all->at[i].kept = true;
		if (!found) {
			snug_aa_sightings_clear(all);
			*all = wide;
			wide = (struct snug_aa_sightings){ 0 };
		}
	}
	return 0;
}
