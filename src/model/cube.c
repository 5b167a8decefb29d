/* SPDX-License-Identifier: Apache-2.0 */
#include "model/cube.h"

void snug_cubes_clear(struct snug_cubes *cubes)
{
	snug_vec_clear(cubes);
}

bool snug_cube_is_all(const struct snug_cube *cube)
{
	uint64_t fixed = 0;

	for (int i = 0; i < SNUG_ARGS; i++)
		fixed |= cube->mask[i];
	return fixed == 0;
}

bool snug_cube_holds(const struct snug_cube *cube, const uint64_t args[SNUG_ARGS])
{
	uint64_t differ = 0;

	for (int i = 0; i < SNUG_ARGS; i++)
		differ |= (args[i] & cube->mask[i]) ^ cube->value[i];
	return differ == 0;
}

/* Two cubes share a vector unless some bit is fixed in both and differs. */
static bool meets(const struct snug_cube *a, const struct snug_cube *b)
{
	uint64_t differ = 0;

	for (int i = 0; i < SNUG_ARGS; i++)
		differ |= (a->value[i] ^ b->value[i]) & a->mask[i] & b->mask[i];
	return differ == 0;
}

bool snug_cube_meet(const struct snug_cube *a, const struct snug_cube *b, struct snug_cube *ret)
{
	if (!meets(a, b))
		return false;
	for (int i = 0; i < SNUG_ARGS; i++) {
		ret->mask[i] = a->mask[i] | b->mask[i];
		ret->value[i] = a->value[i] | b->value[i];
	}
	return true;
}

bool snug_cube_within(const struct snug_cube *inner, const struct snug_cube *outer)
{
	uint64_t freer = 0;

	for (int i = 0; i < SNUG_ARGS; i++)
		freer |= outer->mask[i] & ~inner->mask[i];
	return freer == 0 && meets(inner, outer);
}

static int push_cube(struct snug_cubes *cubes, const struct snug_cube *cube, struct snug_error *err)
{
	if (cubes->count >= SNUG_CUBES_MAX)
		return snug_fail(err, SNUG_INPUT, "conditions need more than %u pieces",
				 SNUG_CUBES_MAX);
	return snug_vec_push(cubes, *cube) < 0 ? snug_fail_memory(err) : 0;
}

/*
 * Walks the bits that b fixes and a leaves free, from the top: what differs from b in this bit
 * and agrees with it in those before is a piece of a \ b. Taken from the top, the pieces of an
 * upper bit are large and read like ranges.
 */
int snug_cube_less(const struct snug_cube *a, const struct snug_cube *b, struct snug_cubes *ret,
		   struct snug_error *err)
{
	struct snug_cube rest = *a, piece;

	if (!meets(a, b))
		return push_cube(ret, a, err);
	for (int i = 0; i < SNUG_ARGS; i++) {
		for (uint64_t left = b->mask[i] & ~a->mask[i], bit; left; left ^= bit) {
			bit = 1ull << (63 - __builtin_clzll(left));
			rest.mask[i] |= bit;
			piece = rest;
			piece.value[i] |= ~b->value[i] & bit;
			if (push_cube(ret, &piece, err) < 0)
				return -1;
			rest.value[i] |= b->value[i] & bit;
		}
	}
	return 0;
}

static int push_word(unsigned index, uint64_t mask, uint64_t value, struct snug_cubes *ret,
		     struct snug_error *err)
{
	struct snug_cube cube = { 0 };

	cube.mask[index] = mask;
	cube.value[index] = value & mask;
	return push_cube(ret, &cube, err);
}

/*
 * The values above limit (or, by looking at the complements, below it) by their highest bit that
 * differs from limit: above that bit they agree, at it they have a 1 where limit has a 0, below it
 * they are free.
 */
static int push_beyond(unsigned index, bool above, uint64_t limit, uint64_t width,
		       struct snug_cubes *ret, struct snug_error *err)
{
	uint64_t crossing = (above ? ~limit : limit) & width;

	for (uint64_t left = crossing, bit; left; left ^= bit) {
		bit = left & -left;
		if (push_word(index, width & -bit, limit ^ bit, ret, err) < 0)
			return -1;
	}
	return 0;
}

int snug_cubes_of(unsigned index, enum snug_op op, uint64_t value, uint64_t value2, unsigned bits,
		  struct snug_cubes *ret, struct snug_error *err)
{
	uint64_t width = bits < 64 ? (1ull << bits) - 1 : UINT64_MAX;

	value &= width;
	switch (op) {
	case SNUG_OP_EQ:
		return push_word(index, width, value, ret, err);
	case SNUG_OP_MASKED_EQ:
		return push_word(index, value, value2, ret, err);
	case SNUG_OP_LT:
		return push_beyond(index, false, value, width, ret, err);
	case SNUG_OP_GT:
		return push_beyond(index, true, value, width, ret, err);
	case SNUG_OP_LE:
		if (value == width)
			return push_word(index, 0, 0, ret, err);
		return push_beyond(index, false, value + 1, width, ret, err);
	case SNUG_OP_GE:
		if (value == 0)
			return push_word(index, 0, 0, ret, err);
		return push_beyond(index, true, value - 1, width, ret, err);
	case SNUG_OP_NE:
		if (push_beyond(index, false, value, width, ret, err) < 0)
			return -1;
		return push_beyond(index, true, value, width, ret, err);
	case SNUG_OP_MAX:
		break;
	}
	return snug_fail(err, SNUG_INPUT, "no such operator: %d", (int)op);
}
