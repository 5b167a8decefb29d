/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Typed growable arrays.
 *
 *     SNUG_VEC(struct snug_cube) cubes = {0};
 *     if (snug_vec_push(&cubes, cube) < 0) return snug_fail_memory(err);
 *     for (size_t i = 0; i < cubes.count; i++) use(&cubes.at[i]);
 *     snug_vec_clear(&cubes);
 *
 * A vector that is named in a header: `struct snug_cubes SNUG_VEC_BODY(struct snug_cube);`
 * On failure the vector is unchanged. Elements are moved by realloc: keep indices, not pointers,
 * across a push.
 */
#pragma once

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

/* NOLINTBEGIN(bugprone-macro-parentheses): a type cannot be parenthesised */
#define SNUG_VEC_BODY(type)                                                                        \
	{                                                                                          \
		type *at;                                                                          \
		size_t count;                                                                      \
		size_t room;                                                                       \
	}
/* NOLINTEND(bugprone-macro-parentheses) */
#define SNUG_VEC(type) struct SNUG_VEC_BODY(type)

/* Makes room for `want` elements of `size` bytes at *at. 0, or -1 without memory. */
int snug_vec_grow(void **at, size_t *room, size_t want, size_t size);

/* want: evaluated twice. There is room already, most of the time. */
#define snug_vec_reserve(vec, want)                                                                \
	((want) <= (vec)->room                                                                     \
		 ? 0                                                                               \
		 : snug_vec_grow((void **)&(vec)->at, &(vec)->room, (want), sizeof(*(vec)->at)))

/* 0, or -1 without memory. */
#define snug_vec_push(vec, element)                                                                \
	(snug_vec_reserve((vec), (vec)->count + 1) < 0                                             \
		 ? -1                                                                              \
		 : ((vec)->at[(vec)->count++] = (element), 0))

/* Frees the array, not what elements point at. */
#define snug_vec_clear(vec)                                                                        \
	do {                                                                                       \
		int saved_ = errno;                                                                \
		free((vec)->at);                                                                   \
		(vec)->at = NULL;                                                                  \
		(vec)->count = 0;                                                                  \
		(vec)->room = 0;                                                                   \
		errno = saved_;                                                                    \
	} while (0)
