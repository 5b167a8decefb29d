/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random cases for property tests. Each case has a seed of its own: SNUG_SEED=N runs case N first,
 * which is what a failing CHECK prints; SNUG_SEED=random looks where nobody looked yet. Without it
 * the cases are the same in every run, so that a failing check is the change's.
 *
 *     #define CASES random_cases(10000u)
 *     for (unsigned i = 0; i < CASES; i++) { random_case(i); … CHECK(holds); }
 *
 * SNUG_CASES=N takes N of a hundred of them: where each is much slower, as under sanitizers
 * (tests/run), fewer, and more than a hundred where nobody waits.
 *
 * In a fuzz target (SNUG_FUZZ) the choices are those of the input, and what comes after its end are
 * always the same: so a generator makes of any bytes one case, and of nearly the same bytes nearly
 * the same.
 */
#pragma once

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RANDOM_BASE (20261123ull << 20)

static uint64_t random_seed, random_state;

#ifdef SNUG_FUZZ
static const uint8_t *random_at;
static size_t random_left;

static inline void random_input(const uint8_t *data, size_t size)
{
	random_at = data;
	random_left = size;
	random_state = 0;
}

static inline uint64_t random_bytes_of_input(unsigned count)
{
	uint64_t value = 0;

	for (; count > 0; count--, random_at++, random_left--)
		value = value << 8 | *random_at;
	return value;
}
#endif

static inline uint64_t random_u64(void) /* splitmix64 */
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15ull;

#ifdef SNUG_FUZZ
	if (random_left >= sizeof(z))
		return random_bytes_of_input(sizeof(z));
#endif
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

static inline unsigned random_cases(unsigned all)
{
	static unsigned long long percent;
	const char *given = percent ? NULL : getenv("SNUG_CASES");

	if (given)
		percent = strtoull(given, NULL, 10);
	else if (percent == 0)
		percent = 100;
	return (unsigned)(all * percent / 100);
}

/* 0 … limit - 1 */
static inline unsigned random_below(unsigned limit)
{
#ifdef SNUG_FUZZ
	unsigned bytes = limit <= 0x100 ? 1 : limit <= 0x10000 ? 2 : 4;

	if (random_left >= bytes)
		return (unsigned)(random_bytes_of_input(bytes) % limit);
#endif
	return (unsigned)(random_u64() % limit);
}

#ifndef SNUG_FUZZ
#define CHECK(holds)                                                                               \
	do {                                                                                       \
		if (!(holds)) {                                                                    \
			print_error("SNUG_SEED=%llu: ", (unsigned long long)random_seed);          \
			fail_msg("%s", #holds);                                                    \
		}                                                                                  \
	} while (0)
#endif
