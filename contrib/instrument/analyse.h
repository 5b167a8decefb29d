/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Put ahead of each file by contrib/lint: analysers look at one file at a time and do not know that
 * these return -1, so that each `return snug_fail(...)` looks to them like a success that has left
 * its outputs unwritten.
 */
#pragma once

#include "base/error.h"
#include "base/vec.h"
#include "json/json.h"
#include "store/internal.h"

static inline int snug_minus_one(int always)
{
	(void)always;
	return -1;
}

#define snug_fail(...)	      snug_minus_one((snug_fail)(__VA_ARGS__))
#define snug_fail_errno(...)  snug_minus_one((snug_fail_errno)(__VA_ARGS__))
#define snug_fail_memory(...) snug_minus_one((snug_fail_memory)(__VA_ARGS__))
#define snug_context(...)     snug_minus_one((snug_context)(__VA_ARGS__))
#define snug_remedy(...)      snug_minus_one((snug_remedy)(__VA_ARGS__))
#define snug_json_fail(...)   snug_minus_one((snug_json_fail)(__VA_ARGS__))
#define snug_file_fail(...)   snug_minus_one((snug_file_fail)(__VA_ARGS__))

/* Nor that where there is room there is an array. */
#undef snug_vec_reserve
#define snug_vec_reserve(vec, want)                                                                \
	snug_vec_grow((void **)&(vec)->at, &(vec)->room, (want), sizeof(*(vec)->at))
