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
	const struct snug_json_node *nodes = object->doc->nodes.at;

	for (uint32_t c = object->first; c != SNUG_JSON_NONE; c = nodes[c].next)
		for (uint32_t d = object->first; d != c; d = nodes[d].next)
			if (snug_json_key_is(&nodes[c], snug_json_name(&nodes[d])))
				return fail_twice(&nodes[c], err);
	return 0;
}

/* As snug writes them, where there are many. */
static bool ascends(const struct snug_json_node *object)
{
	const struct snug_json_node *nodes = object->doc->nodes.at;

	for (uint32_t c = object->first; nodes[c].next != SNUG_JSON_NONE; c = nodes[c].next)
		if (strcmp(snug_json_name(&nodes[c]), snug_json_name(&nodes[nodes[c].next])) >= 0)
			return false;
	return true;
}

/* By sorting: an object of 100,000 members must not take 100,000 squared. */
int snug_json_refuse_duplicates(const struct snug_json_node *object, struct snug_error *err)
{
	SNUG_AUTO(snug_freep) const struct snug_json_node **sorted = NULL;
	const struct snug_json_node *twice = NULL;
	size_t n = 0;

	if (object->count <= FEW_MEMBERS)
		return refuse_duplicates_of_few(object, err);
	if (ascends(object))
		return 0;
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
