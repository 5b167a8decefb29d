/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random cases for property tests. Each case has a seed of its own: SNUG_SEED=N runs case N first,
 * which is what a failing CHECK prints; SNUG_SEED=random looks where nobody looked yet. Without it
 * the cases are the same in every run, so that a failing check is the change's.
 *
 *     for (unsigned i = 0; i < CASES; i++) { random_case(i); … CHECK(holds); }
 */
#pragma once

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RANDOM_BASE (20261123ull << 20)

static uint64_t random_seed, random_state;

static inline uint64_t random_u64(void) /* splitmix64 */
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

static inline void random_case(unsigned i)
{
	static uint64_t base;
	const char *given = getenv("SNUG_SEED");

	if (base == 0)
		base = !given			      ? RANDOM_BASE
		       : strcmp(given, "random") == 0 ? (uint64_t)time(NULL) << 20
						      : strtoull(given, NULL, 0);
	random_seed = base + i;
	random_state = random_seed;
}

/* 0 … limit - 1 */
static inline unsigned random_below(unsigned limit)
{
	return (unsigned)(random_u64() % limit);
}

#define CHECK(holds)                                                                               \
	do {                                                                                       \
		if (!(holds)) {                                                                    \
			print_error("SNUG_SEED=%llu: ", (unsigned long long)random_seed);          \
			fail_msg("%s", #holds);                                                    \
		}                                                                                  \
	} while (0)
