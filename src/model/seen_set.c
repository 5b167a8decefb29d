/* SPDX-License-Identifier: Apache-2.0 */
#include "model/seen_set.h"

#include "base/vec.h"

#include <stdint.h>
#include <string.h>

static char *at(const struct snug_set_kind *kind, const struct snug_set *set, size_t index)
{
	return set->at + index * kind->size;
}

/* The first index from low on whose element is not before the one wanted. */
static size_t find(const struct snug_set_kind *kind, const struct snug_set *set, size_t low,
		   const void *element, bool *ret_found)
{
	size_t high = set->count;

	/* What comes in order goes to the end at once. */
	if (high > low && kind->compare(at(kind, set, high - 1), element) < 0)
		low = high;
	*ret_found = false;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = kind->compare(at(kind, set, middle), element);

		*ret_found |= order == 0;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int reserve(const struct snug_set_kind *kind, struct snug_set *set, size_t want)
{
	return snug_vec_grow((void **)&set->at, &set->room, want, kind->size);
}

const void *snug_set_find(const struct snug_set_kind *kind, const struct snug_set *set,
			  const void *element)
{
	bool found;
	size_t index = find(kind, set, 0, element, &found);

	return found ? at(kind, set, index) : NULL;
}

void *snug_set_add(const struct snug_set_kind *kind, struct snug_set *set, const void *element)
{
	size_t bytes = kind->bytes(element);
	bool found;
	size_t index = find(kind, set, 0, element, &found);

	if (found) {
		kind->unite(at(kind, set, index), element);
		return at(kind, set, index);
	}
	if (set->count >= kind->count_max || set->bytes + bytes > kind->bytes_max) {
		errno = E2BIG;
		return NULL;
	}
	if (reserve(kind, set, set->count + 1) < 0)
		return NULL;
	memmove(at(kind, set, index + 1), at(kind, set, index), (set->count - index) * kind->size);
	if (kind->copy(element, at(kind, set, index)) < 0) {
		memmove(at(kind, set, index), at(kind, set, index + 1),
			(set->count - index) * kind->size);
		return NULL;
	}
	set->count++;
	set->bytes += bytes;
	return at(kind, set, index);
}

/* Unites what is in both; copies of what into lacks go to ret, in their order. */
static int gather(const struct snug_set_kind *kind, struct snug_set *into,
		  const struct snug_set *other, struct snug_set *ret)
{
	size_t low = 0;

	for (size_t i = 0; i < other->count; i++) {
		const char *element = at(kind, other, i);
		bool found;

		low = find(kind, into, low, element, &found);
		if (found) {
			kind->unite(at(kind, into, low), element);
			continue;
		}
		if (reserve(kind, ret, ret->count + 1) < 0 ||
		    kind->copy(element, at(kind, ret, ret->count)) < 0)
			return -1;
		ret->count++;
		ret->bytes += kind->bytes(element);
	}
	return 0;
}

/* Moves fresh into its places: from the back, so that each element moves once. There is room. */
static void interleave(const struct snug_set_kind *kind, struct snug_set *into,
		       struct snug_set *fresh)
{
	size_t left = into->count, end = into->count + fresh->count;

	into->count = end;
	into->bytes += fresh->bytes;
	while (fresh->count) {
		const char *last = at(kind, fresh, fresh->count - 1);

		if (left && kind->compare(at(kind, into, left - 1), last) > 0) {
			memmove(at(kind, into, --end), at(kind, into, --left), kind->size);
		} else {
			memcpy(at(kind, into, --end), last, kind->size);
			fresh->count--;
		}
	}
	fresh->bytes = 0;
}

struct rank {
	size_t bytes, index;
	bool dropped;
};

static int compare_bytes(const void *a, const void *b)
{
	const struct rank *x = a, *y = b;

	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

static int compare_index(const void *a, const void *b)
{
	const struct rank *x = a, *y = b;

	return x->index < y->index ? -1 : x->index > y->index;
}

/*
 * Elements go from the first on that there is no room for, in the order of their bytes: whatever
 * comes behind it would not fit either, with it or without. So what a part of a union dropped is
 * dropped by the whole.
 */
static int cut(const struct snug_set_kind *kind, struct snug_set *set)
{
	SNUG_VEC(struct rank) ranks = { 0 };
	size_t bytes = 0, kept = 0, count = 0;

	if (snug_vec_reserve(&ranks, set->count) < 0)
		return -1;
	for (size_t i = 0; i < set->count; i++)
		ranks.at[i] = (struct rank){ kind->bytes(at(kind, set, i)), i, true };
	qsort(ranks.at, set->count, sizeof(*ranks.at), compare_bytes);
	for (; count < kind->count_max && bytes + ranks.at[count].bytes <= kind->bytes_max;
	     count++) {
		ranks.at[count].dropped = false;
		bytes += ranks.at[count].bytes;
	}
	qsort(ranks.at, set->count, sizeof(*ranks.at), compare_index);
	for (size_t i = 0; i < set->count; i++) {
		if (ranks.at[i].dropped)
			kind->clear(at(kind, set, i));
		else
			memmove(at(kind, set, kept++), at(kind, set, i), kind->size);
	}
	set->count = kept;
	set->bytes = bytes;
	snug_vec_clear(&ranks);
	return 0;
}

int snug_set_merge(const struct snug_set_kind *kind, struct snug_set *into,
		   const struct snug_set *other, bool *ret_cut)
{
	struct snug_set fresh = { 0 };
	int result = gather(kind, into, other, &fresh);

	if (result == 0)
		result = reserve(kind, into, into->count + fresh.count);
	if (result == 0)
		interleave(kind, into, &fresh);
	snug_set_clear(kind, &fresh);
	if (result < 0 || (into->count <= kind->count_max && into->bytes <= kind->bytes_max))
		return result;
	*ret_cut = true;
	return cut(kind, into);
}

void snug_set_clear(const struct snug_set_kind *kind, struct snug_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		kind->clear(at(kind, set, i));
	snug_vec_clear(set);
	set->bytes = 0;
}
