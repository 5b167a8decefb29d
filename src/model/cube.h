/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls as cubes: the heart of the model.
 *
 * A cube is the set of all argument vectors that agree with `value` on the bits of `mask`: one
 * (mask, value) pair an argument, ANDed. Every comparison that linux.seccomp can make on a 64-bit
 * argument is a union of cubes (a range: at most 64), two cubes intersect in one cube or none, and
 * a cube less a cube is a list of disjoint cubes, one a bit. So union, intersection, difference,
 * inclusion and equality of sets of calls are exact, and stay within linux.seccomp's own syntax
 * (a cube is an entry whose args are EQ and SCMP_CMP_MASKED_EQ).
 */
#pragma once

#include "base/error.h"
#include "base/vec.h"

#include <stdbool.h>
#include <stdint.h>

#define SNUG_ARGS 6

/* Invariant: value[i] & ~mask[i] == 0. All zero: every call. */
struct snug_cube {
	uint64_t mask[SNUG_ARGS];
	uint64_t value[SNUG_ARGS];
};
struct snug_cubes SNUG_VEC_BODY(struct snug_cube);
void snug_cubes_clear(struct snug_cubes *cubes);

/* Cubes of one set stay below this; what needs more fails with SNUG_INPUT. */
#define SNUG_CUBES_MAX 16384u

bool snug_cube_is_all(const struct snug_cube *cube);
bool snug_cube_holds(const struct snug_cube *cube, const uint64_t args[SNUG_ARGS]);
/* a ∩ b into *ret (which may be a or b); false, and *ret unchanged, where they are disjoint. */
bool snug_cube_meet(const struct snug_cube *a, const struct snug_cube *b, struct snug_cube *ret);
bool snug_cube_within(const struct snug_cube *inner, const struct snug_cube *outer);
/* Appends a \ b as disjoint cubes: one for each bit that b fixes and a does not; a itself where
 * they are disjoint. On failure ret may hold some of them. */
int snug_cube_less(const struct snug_cube *a, const struct snug_cube *b, struct snug_cubes *ret,
		   struct snug_error *err) SNUG_CHECKED;

/* The operators of the runtime-spec (LinuxSeccompArg.op), libseccomp's enum scmp_compare. */
enum snug_op {
	SNUG_OP_NE,
	SNUG_OP_LT,
	SNUG_OP_LE,
	SNUG_OP_EQ,
	SNUG_OP_GE,
	SNUG_OP_GT,
	SNUG_OP_MASKED_EQ,
	SNUG_OP_MAX,
};

/*
 * Appends the values of one argument for which `argument OP value` holds (MASKED_EQ: (argument &
 * value) == (value2 & value)), as disjoint cubes that fix bits of argument `index` alone. Only the
 * lowest `bits` (32 or 64) of argument and operands are compared, as libseccomp does: 32 on a
 * 32-bit ABI. On failure ret may hold some of them.
 */
int snug_cubes_of(unsigned index, enum snug_op op, uint64_t value, uint64_t value2, unsigned bits,
		  struct snug_cubes *ret, struct snug_error *err) SNUG_CHECKED;
