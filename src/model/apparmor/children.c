/* SPDX-License-Identifier: Apache-2.0 */
#include "model/apparmor/children.h"

#include "base/cleanup.h"
#include "model/apparmor/aare.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *left, const void *right)
{
	const struct snug_aa_way *a = left, *b = right;

	return strcmp(a->path, b->path);
}

void snug_aa_ways_clear(struct snug_aa_ways *ways)
{
	int saved = errno;

	for (size_t i = 0; i < ways->count; i++)
		free(ways->at[i].path);
	snug_vec_clear(ways);
	errno = saved;
}

static int compare_all(const void *left, const void *right)
{
	const struct snug_aa_way *a = left, *b = right;
	int order = compare(a, b);

	return order ? order : strcmp(a->child, b->child);
}

/* One path can be spelt in several ways. */
static void sort(struct snug_aa_ways *ways)
{
	size_t kept = 0;

	if (ways->count)
		qsort(ways->at, ways->count, sizeof(*ways->at), compare_all);
	for (size_t i = 0; i < ways->count; i++)
		if (kept && compare(&ways->at[kept - 1], &ways->at[i]) == 0)
			free(ways->at[i].path);
		else
			ways->at[kept++] = ways->at[i];
	ways->count = kept;
}

int snug_aa_ways_make(const struct snug_aa_rules *rules, struct snug_aa_ways *ret,
		      struct snug_error *err)
{
	SNUG_AUTO(snug_aa_ways_clear) struct snug_aa_ways ways = { 0 };

	for (size_t i = 0; i < rules->files.count; i++) {
		const struct snug_aa_file *file = &rules->files.at[i];
		SNUG_AUTO(snug_buf_clear) struct snug_buf path = { 0 };
		struct snug_aa_way way = { .child = file->child };

		if (!file->child || !snug_aare_literal(file->path, &path))
			continue;
		if (snug_buf_check(&path, err) < 0)
			return -1;
		way.path = snug_buf_take(&path);
		if (!way.path || snug_vec_push(&ways, way) < 0) {
			free(way.path);
			return snug_fail_memory(err);
		}
	}
	sort(&ways);
	*ret = ways;
	ways = (struct snug_aa_ways){ 0 };
	return 0;
}

const char *snug_aa_way_of(const struct snug_aa_ways *ways, const char *path)
{
	const struct snug_aa_way key = { .path = (char *)path };
	const struct snug_aa_way *found =
		ways->count ? bsearch(&key, ways->at, ways->count, sizeof(key), compare) : NULL;

	return found ? found->child : NULL;
}

bool snug_aa_ways_reach(const struct snug_aa_ways *ways, const char *child)
{
	for (size_t i = 0; i < ways->count; i++)
		if (strcmp(ways->at[i].child, child) == 0)
			return true;
	return false;
}
