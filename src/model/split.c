/* SPDX-License-Identifier: Apache-2.0 */
#include "model/split_part.h"

#include "base/cleanup.h"

#include <string.h>

/* Past it, looking at each piece beside each other takes longer than fewer pieces save. */
#define SIMPLIFY_MAX 1024u

static int too_many(struct snug_error *err)
{
	return snug_fail(err, SNUG_INPUT, "the conditions of one call need more than %u pieces",
			 SNUG_SPLIT_MAX);
}

static int push_piece(struct snug_split *split, const struct snug_cube *cube, snug_action action,
		      struct snug_error *err)
{
	struct snug_piece piece = { *cube, action };

	if (split->count >= SNUG_SPLIT_MAX)
		return too_many(err);
	return snug_vec_push(split, piece) < 0 ? snug_fail_memory(err) : 0;
}

int snug_split_init(struct snug_split *ret, snug_action action, struct snug_error *err)
{
	*ret = (struct snug_split){ 0 };
	return push_piece(ret, &(struct snug_cube){ 0 }, action, err);
}

void snug_split_clear(struct snug_split *split)
{
	snug_vec_clear(split);
}

int snug_split_copy(const struct snug_split *from, struct snug_split *ret, struct snug_error *err)
{
	struct snug_split copy = { 0 };

	if (snug_vec_reserve(&copy, from->count) < 0)
		return snug_fail_memory(err);
	memcpy(copy.at, from->at, from->count * sizeof(*from->at));
	copy.count = from->count;
	*ret = copy;
	return 0;
}

int snug_split_assign(struct snug_split *split, const struct snug_cube *cube, snug_action action,
		      struct snug_error *err)
{
	return push_piece(split, cube, action, err);
}

snug_action snug_split_decide(const struct snug_split *split, const uint64_t args[SNUG_ARGS])
{
	size_t i = split->count - 1;

	while (!snug_cube_holds(&split->at[i].cube, args))
		i--;
	return split->at[i].action;
}

/* By a's piece, then b's: the last pair that holds a vector is the last of a with the last of b. */
static int combine(const struct snug_split *a, const struct snug_split *b,
		   snug_action (*pick)(snug_action, snug_action), struct snug_split *ret,
		   struct snug_error *err)
{
	SNUG_AUTO(snug_split_clear) struct snug_split both = { 0 };
	struct snug_cube cube;

	for (size_t i = 0; i < a->count; i++)
		for (size_t j = 0; j < b->count; j++)
			if (snug_cube_meet(&a->at[i].cube, &b->at[j].cube, &cube) &&
			    push_piece(&both, &cube, pick(a->at[i].action, b->at[j].action), err) <
				    0)
				return -1;
	snug_split_simplify(&both);
	*ret = both;
	both = (struct snug_split){ 0 };
	return 0;
}

int snug_split_meet(const struct snug_split *a, const struct snug_split *b, struct snug_split *ret,
		    struct snug_error *err)
{
	return combine(a, b, snug_action_meet, ret, err);
}

int snug_split_join(const struct snug_split *a, const struct snug_split *b, struct snug_split *ret,
		    struct snug_error *err)
{
	return combine(a, b, snug_action_join, ret, err);
}

/* ---- what covers what ---- */

/* Two lists of pieces; those from from[n] on stand in the way. */
struct cover {
	const struct snug_split *of[2];
	size_t from[2];
	unsigned *steps; /* left to take; at none the answer is yes */
};

/* How many bits b fixes that a does not: of two cubes that meet, 0 if a is within b. */
static unsigned bits_beyond(const struct snug_cube *a, const struct snug_cube *b)
{
	unsigned bits = 0;

	for (int i = 0; i < SNUG_ARGS; i++)
		bits += (unsigned)__builtin_popcountll(b->mask[i] & ~a->mask[i]);
	return bits;
}

/* The piece that takes the most of cube: the one to look beside first. NULL: none meets it. */
static const struct snug_cube *widest(const struct cover *cover, const struct snug_cube *cube)
{
	const struct snug_cube *best = NULL;
	unsigned least = UINT32_MAX;
	struct snug_cube both;

	for (unsigned n = 0; n < 2; n++) {
		const struct snug_split *split = cover->of[n];

		for (size_t i = cover->from[n]; split && i < split->count; i++) {
			unsigned bits = bits_beyond(cube, &split->at[i].cube);

			if (bits >= least || !snug_cube_meet(cube, &split->at[i].cube, &both))
				continue;
			best = &split->at[i].cube;
			least = bits;
		}
	}
	return best;
}

/*
 * Is there a vector in cube that no piece of the cover holds? The widest piece leaves of the cube
 * one part for each bit that it fixes; one that fixes none more takes it all.
 */
static bool escapes(const struct snug_cube *cube, const struct cover *cover,
		    uint64_t witness[SNUG_ARGS])
{
	const struct snug_cube *piece = widest(cover, cube);
	struct snug_cube rest = *cube;

	if (!piece || *cover->steps == 0) {
		memcpy(witness, cube->value, sizeof(cube->value));
		return true;
	}
	--*cover->steps;
	for (int i = 0; i < SNUG_ARGS; i++) {
		for (uint64_t left = piece->mask[i] & ~cube->mask[i], bit; left; left ^= bit) {
			struct snug_cube part = rest;

			bit = left & -left;
			part.mask[i] |= bit;
			part.value[i] |= ~piece->value[i] & bit;
			if (escapes(&part, cover, witness))
				return true;
			rest.mask[i] |= bit;
			rest.value[i] |= piece->value[i] & bit;
		}
	}
	return false;
}

/* ---- fewer pieces ---- */

/* Do later pieces take all of it? (Few steps: to keep it costs little.) */
static bool is_hidden(const struct snug_split *split, size_t at)
{
	unsigned steps = split->count <= SIMPLIFY_MAX / 8 ? 64 : 1;
	const struct cover cover = { { split, NULL }, { at + 1, 0 }, &steps };
	uint64_t witness[SNUG_ARGS];

	return !escapes(&split->at[at].cube, &cover, witness);
}

/* Would all of it get the same action without it, from one piece below? */
static bool is_idle(const struct snug_split *split, size_t at)
{
	const struct snug_piece *piece = &split->at[at];
	struct snug_cube both;

	for (size_t i = at; i-- > 0;) {
		const struct snug_piece *below = &split->at[i];

		if (below->action == piece->action) {
			if (snug_cube_within(&piece->cube, &below->cube))
				return true;
		} else if (snug_cube_meet(&piece->cube, &below->cube, &both)) {
			return false;
		}
	}
	return false;
}

/* Makes a the union of both, where that is a cube: same fixed bits, one of them differs. */
static bool join(struct snug_piece *a, const struct snug_piece *b)
{
	uint64_t differ = 0;
	int at = 0, words = 0;

	if (a->action != b->action || memcmp(a->cube.mask, b->cube.mask, sizeof(a->cube.mask)) != 0)
		return false;
	for (int i = 0; i < SNUG_ARGS && words < 2; i++) {
		if (a->cube.value[i] == b->cube.value[i])
			continue;
		differ = a->cube.value[i] ^ b->cube.value[i];
		at = i;
		words++;
	}
	if (words != 1 || (differ & (differ - 1)))
		return false;
	a->cube.mask[at] &= ~differ;
	a->cube.value[at] &= ~differ;
	return true;
}

/* May the piece at `from` decide at `to`'s place as well as at its own? */
static bool moves_up(const struct snug_split *split, size_t from, size_t to)
{
	struct snug_cube both;

	for (size_t i = from + 1; i < to; i++)
		if (split->at[i].action != split->at[from].action &&
		    snug_cube_meet(&split->at[i].cube, &split->at[from].cube, &both))
			return false;
	return true;
}

static void take_out(struct snug_split *split, size_t at)
{
	memmove(&split->at[at], &split->at[at + 1], (split->count - at - 1) * sizeof(*split->at));
	split->count--;
}

/* A piece joins its neighbour at the neighbour's place. */
static bool join_up(struct snug_split *split, size_t at)
{
	for (size_t i = at + 1; i < split->count; i++) {
		struct snug_piece joined = split->at[i];

		if (!join(&joined, &split->at[at]) || !moves_up(split, at, i))
			continue;
		split->at[i] = joined;
		take_out(split, at);
		return true;
	}
	return false;
}

void snug_split_simplify(struct snug_split *split)
{
	bool changed = split->count <= SIMPLIFY_MAX;

	if (changed)
		snug_split_turn(split);
	while (changed) {
		changed = false;
		for (size_t i = split->count; i-- > 1;) {
			if (is_hidden(split, i) || is_idle(split, i))
				take_out(split, i);
			else if (!join_up(split, i))
				continue;
			changed = true;
		}
	}
	/* Where the first decides nothing the second may hold everything. */
	while (split->count > 1 && is_hidden(split, 0)) {
		take_out(split, 0);
		split->at[0].cube = (struct snug_cube){ 0 };
	}
}

/* ---- disjoint pieces ---- */

static void join_disjoint(struct snug_split *list)
{
	bool changed = list->count <= SIMPLIFY_MAX;

	while (changed) {
		changed = false;
		for (size_t i = 0; i < list->count; i++)
			for (size_t j = i + 1; j < list->count; j++)
				if (join(&list->at[i], &list->at[j])) {
					list->at[j--] = list->at[--list->count];
					changed = true;
				}
	}
}

int snug_split_disjoint(const struct snug_split *split, snug_action skip, struct snug_split *ret,
			struct snug_error *err)
{
	SNUG_AUTO(snug_split_clear) struct snug_split list = { 0 };

	for (size_t i = 0; i < split->count; i++) {
		SNUG_AUTO(snug_cubes_clear) struct snug_cubes cubes = { 0 };

		if (split->at[i].action == skip)
			continue;
		if (snug_vec_push(&cubes, split->at[i].cube) < 0)
			return snug_fail_memory(err);
		for (size_t j = i + 1; j < split->count; j++) {
			if (snug_split_take_away(&cubes, &split->at[j].cube, err) < 0)
				return -1;
			if (list.count + cubes.count > SNUG_SPLIT_MAX)
				return too_many(err);
		}
		for (size_t j = 0; j < cubes.count; j++)
			if (push_piece(&list, &cubes.at[j], split->at[i].action, err) < 0)
				return -1;
	}
	join_disjoint(&list);
	*ret = list;
	list = (struct snug_split){ 0 };
	return 0;
}

/* ---- questions ---- */

/* Is there a vector to which a's answer and b's are such a pair? */
static bool find(const struct snug_split *a, const struct snug_split *b,
		 bool (*differ)(snug_action, snug_action), uint64_t witness[SNUG_ARGS])
{
	unsigned steps = SNUG_SPLIT_STEPS_MAX;
	struct snug_cube cube;

	for (size_t i = a->count; i-- > 0;)
		for (size_t j = b->count; j-- > 0;) {
			const struct cover cover = { { a, b }, { i + 1, j + 1 }, &steps };

			if (differ(a->at[i].action, b->at[j].action) &&
			    snug_cube_meet(&a->at[i].cube, &b->at[j].cube, &cube) &&
			    escapes(&cube, &cover, witness))
				return true;
		}
	return false;
}

static bool unequal(snug_action a, snug_action b)
{
	return a != b;
}

bool snug_split_same(const struct snug_split *a, const struct snug_split *b,
		     uint64_t witness[SNUG_ARGS])
{
	return !find(a, b, unequal, witness);
}

bool snug_split_within(const struct snug_split *inner, const struct snug_split *outer,
		       uint64_t witness[SNUG_ARGS])
{
	return !find(inner, outer, snug_action_looser, witness);
}

bool snug_split_is_all(const struct snug_split *split, const struct snug_cube *cube,
		       snug_action action, uint64_t witness[SNUG_ARGS])
{
	unsigned steps = SNUG_SPLIT_STEPS_MAX;
	struct snug_cube both;

	for (size_t i = split->count; i-- > 0;) {
		const struct cover cover = { { split, NULL }, { i + 1, 0 }, &steps };

		if (split->at[i].action != action &&
		    snug_cube_meet(&split->at[i].cube, cube, &both) &&
		    escapes(&both, &cover, witness))
			return false;
	}
	return true;
}

bool snug_split_is_flat(const struct snug_split *split, snug_action *ret)
{
	const uint64_t zeroes[SNUG_ARGS] = { 0 };
	snug_action action = snug_split_decide(split, zeroes);
	uint64_t witness[SNUG_ARGS];

	if (!snug_split_is_all(split, &(struct snug_cube){ 0 }, action, witness))
		return false;
	*ret = action;
	return true;
}

static bool is_listed(const struct snug_answers_list *list, snug_action a, snug_action b)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->at[i].a == a && list->at[i].b == b)
			return true;
	return false;
}

int snug_split_answers(const struct snug_split *a, const struct snug_split *b,
		       struct snug_answers_list *ret, struct snug_error *err)
{
	unsigned steps = SNUG_SPLIT_STEPS_MAX;
	struct snug_cube cube;

	for (size_t i = a->count; i-- > 0;)
		for (size_t j = b->count; j-- > 0;) {
			const struct cover cover = { { a, b }, { i + 1, j + 1 }, &steps };
			struct snug_answers answers = { a->at[i].action, b->at[j].action, { 0 } };

			if (is_listed(ret, answers.a, answers.b) ||
			    !snug_cube_meet(&a->at[i].cube, &b->at[j].cube, &cube) ||
			    !escapes(&cube, &cover, answers.args))
				continue;
			if (ret->count >= SNUG_ANSWERS_MAX)
				return snug_fail(err, SNUG_INPUT,
						 "one call has more than %u pairs of answers",
						 SNUG_ANSWERS_MAX);
			if (snug_vec_push(ret, answers) < 0)
				return snug_fail_memory(err);
		}
	return 0;
}
