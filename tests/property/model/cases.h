/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random cubes and vectors that often meet: few arguments, few bits, values from one small pool
 * whose neighbours are the boundaries.
 */
#pragma once

#include "model/split.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "random.h"

static inline uint64_t random_value(void)
{
	static const uint64_t pool[] = { 0,
					 1,
					 2,
					 38,
					 40,
					 0xff,
					 0x7fffffff,
					 0x80000000,
					 0xffffffff,
					 1ull << 32,
					 0x100000026ull,
					 0x1ffffffffull,
					 1ull << 63,
					 0x7fffffffffffffffull,
					 UINT64_MAX,
					 0x7e020000 };
	uint64_t value = pool[random_below(sizeof(pool) / sizeof(pool[0]))];

	switch (random_below(4)) {
	case 0:
		return value + random_below(3) - 1;
	case 1:
		return value ^ (1ull << random_below(64));
	case 2:
		return random_below(4) ? value : random_u64();
	default:
		return value;
	}
}

static inline uint64_t random_mask(void)
{
	switch (random_below(5)) {
	case 0:
		return UINT64_MAX;
	case 1:
		return 0xffffffff;
	case 2:
		return 1ull << random_below(64);
	case 3:
		return random_value();
	default:
		return 0xf;
	}
}

static inline struct snug_cube random_cube(void)
{
	struct snug_cube cube = { 0 };
	unsigned fixed = random_below(3);

	while (fixed-- > 0) {
		unsigned i = random_below(4) ? random_below(2) : random_below(SNUG_ARGS);

		cube.mask[i] = random_mask();
		cube.value[i] = random_value() & cube.mask[i];
	}
	return cube;
}

/* A vector near the cubes: some values of theirs, some of the pool, a bit flipped here and there.
 */
static inline void random_args(uint64_t args[SNUG_ARGS], const struct snug_cube *near)
{
	for (int i = 0; i < SNUG_ARGS; i++) {
		uint64_t other = random_value();

		args[i] =
			near && random_below(4) ? near->value[i] | (other & ~near->mask[i]) : other;
		if (random_below(8) == 0)
			args[i] ^= 1ull << random_below(64);
	}
}

static inline snug_action random_action(void)
{
	static const snug_action actions[] = { SNUG_KILL_PROCESS, SNUG_KILL_THREAD, SNUG_TRAP,
					       SNUG_ERRNO(1),	  SNUG_ERRNO(38),   SNUG_TRACE(1),
					       SNUG_LOG,	  SNUG_ALLOW,	    SNUG_ALLOW };

	return actions[random_below(sizeof(actions) / sizeof(actions[0]))];
}
