/* SPDX-License-Identifier: Apache-2.0 */
/* A member that is there twice is another one for each reader. */
#include "json/internal.h"

#include "base/cleanup.h"

#include <string.h>

#define FEW_MEMBERS 16u /* so many keys are compared faster than sorted */

static int by_key(const void *a, const void *b)
{
	const struct snug_json_node *x = *(const struct snug_json_node *const *)a;
	const struct snug_json_node *y = *(const struct snug_json_node *const *)b;
	int order = strcmp(snug_json_key(x), snug_json_key(y));

	return order ? order : x->index < y->index ? -1 : x->index > y->index;
}

static int fail_twice(const struct snug_json_node *member, struct snug_error *err)
{
	snug_fail(err, SNUG_INPUT, "the member is there twice");
	snug_json_locate(member->doc, member->item, member, err);
	return snug_remedy(err, "keep one of the two");
}

/* Each beside those before it. */
static int refuse_duplicates_of_few(const struct snug_json_node *object, struct snug_error *err)
{
	for (const struct snug_json_node *c = snug_json_first(object); c; c = snug_json_next(c))
		for (const struct snug_json_node *d = snug_json_first(object); d != c;
		     d = snug_json_next(d))
			if (snug_json_key_is(c, snug_json_key(d)))
				return fail_twice(c, err);
	return 0;
}

/* By sorting: an object of 100,000 members must not take 100,000 squared. */
int snug_json_refuse_duplicates(const struct snug_json_node *object, struct snug_error *err)
{
	SNUG_AUTO(snug_freep) const struct snug_json_node **sorted = NULL;
	const struct snug_json_node *twice = NULL;
	size_t n = 0;

	if (object->count <= FEW_MEMBERS)
		return refuse_duplicates_of_few(object, err);
	sorted = calloc(object->count, sizeof(const struct snug_json_node *));
	if (!sorted)
		return snug_fail_memory(err);
	for (const struct snug_json_node *c = snug_json_first(object); c; c = snug_json_next(c))
		sorted[n++] = c;
	qsort(sorted, n, sizeof(const struct snug_json_node *), by_key);
	for (size_t i = 1; i < n; i++)
		if (!strcmp(snug_json_key(sorted[i - 1]), snug_json_key(sorted[i])) &&
		    (!twice || sorted[i]->item < twice->item))
			twice = sorted[i];
	return twice ? fail_twice(twice, err) : 0;
}
