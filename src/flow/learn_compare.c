/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/learn_part.h"

#include "base/buf.h"
#include "base/cleanup.h"
#include "flow/recordings.h"
#include "model/completeness.h"

#include <string.h>

static bool same_text(const char *a, const char *b)
{
	return (!a && !b) || (a && b && strcmp(a, b) == 0);
}

static bool same_kind(const struct snug_source *a, const struct snug_source *b)
{
	if (a->args.count != b->args.count || !same_text(a->image, b->image))
		return false;
	for (size_t i = 0; i < a->args.count; i++)
		if (strcmp(a->args.at[i], b->args.at[i]) != 0)
			return false;
	return true;
}

static bool is_mixed(const struct snug_recording *all)
{
	for (size_t i = 1; i < all->sources.count; i++)
		if (!same_kind(&all->sources.at[i], &all->sources.at[0]))
			return true;
	return false;
}

static int unite(const struct snug_paths *paths, struct snug_recording *ret, struct snug_error *err)
{
	for (size_t i = 0; i < paths->count; i++) {
		SNUG_AUTO(snug_buf_clear) struct snug_buf text = { 0 };

		if (snug_recording_add_file(paths->at[i], ret, &text, err) < 0)
			return -1;
	}
	return 0;
}

int snug_learn_company(const struct snug_store *store, const char *name, struct snug_company *ret,
		       struct snug_error *err)
{
	SNUG_AUTO(snug_recording_clear) struct snug_recording all = { 0 };
	SNUG_AUTO(snug_paths_clear) struct snug_paths paths = { 0 };
	struct snug_completeness seen;
	struct snug_error none = { 0 };

	*ret = (struct snug_company){ .expected_new = -1 };
	/* A name that has no recording yet has no company; nothing else of this kind can be. */
	if (snug_store_list_recordings(store, name, &paths, &none) < 0) {
		if (none.code == SNUG_INPUT)
			return 0;
		*err = none;
		return -1;
	}
	if (unite(&paths, &all, err) < 0)
		return -1;
	ret->runs = all.run_count;
	seen = snug_completeness_of(&all);
	ret->expected_new = snug_expected_new(&seen);
	ret->mixed = is_mixed(&all);
	return 0;
}
