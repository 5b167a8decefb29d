/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sorted sets within limits: what struct snug_seen_files and snug_seen_acts have in common. They
 * begin as struct snug_set does.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct snug_set {
	char *at;
	size_t count, room;
	size_t bytes; /* of all elements, as their kind counts them */
};

struct snug_set_kind {
	size_t size; /* of an element */
	size_t count_max, bytes_max;
	/* Is it the same thing? What does not count here is united. */
	int (*compare)(const void *a, const void *b);
	size_t (*bytes)(const void *element);	  /* of the same thing the same */
	int (*copy)(const void *from, void *ret); /* deep. -1 without memory */
	void (*unite)(void *into, const void *other);
	void (*clear)(void *element);
};

/* NULL: it is not in. */
const void *snug_set_find(const struct snug_set_kind *kind, const struct snug_set *set,
			  const void *element);
/* Finds and unites, or adds a copy. NULL without memory, or past a limit with errno E2BIG. */
void *snug_set_add(const struct snug_set_kind *kind, struct snug_set *set, const void *element);
/*
 * into := into ∪ other. Past a limit the elements of the fewest bytes stay (of as many, the first),
 * as long as there is room, and *ret_cut is set, else left alone: so it is commutative and
 * associative still. -1 without memory: into may have some of other's then.
 */
int snug_set_merge(const struct snug_set_kind *kind, struct snug_set *into,
		   const struct snug_set *other, bool *ret_cut);
void snug_set_clear(const struct snug_set_kind *kind, struct snug_set *set);
