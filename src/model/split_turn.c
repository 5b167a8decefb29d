/* SPDX-License-Identifier: Apache-2.0 */
/* A split whose exceptions are more than what they leave, the other way round. */
#include "base/cleanup.h"
#include "model/split_part.h"

#define OTHERS_MAX 16u /* exceptions that are worth the look */

/* Takes b out of every cube. */
int snug_split_take_away(struct snug_cubes *cubes, const struct snug_cube *b,
			 struct snug_error *err)
{
	SNUG_AUTO(snug_cubes_clear) struct snug_cubes old = *cubes;

	*cubes = (struct snug_cubes){ 0 };
	for (size_t i = 0; i < old.count; i++)
		if (snug_cube_less(&old.at[i], b, cubes, err) < 0)
			return -1;
	return 0;
}

/* The action that most pieces have. */
static snug_action commonest(const struct snug_split *split)
{
	snug_action best = split->at[0].action;
	size_t most = 0;

	for (size_t i = 0; i < split->count; i++) {
		size_t same = 0;

		for (size_t j = i; j < split->count; j++)
			same += split->at[j].action == split->at[i].action;
		if (same > most) {
			most = same;
			best = split->at[i].action;
		}
	}
	return best;
}

/* What later pieces of this action leave of a piece. */
static bool leave(const struct snug_split *split, size_t at, snug_action action, size_t limit,
		  struct snug_cubes *ret)
{
	struct snug_error ignored;

	if (snug_vec_push(ret, split->at[at].cube) < 0)
		return false;
	for (size_t i = at + 1; i < split->count; i++)
		if (split->at[i].action == action &&
		    (snug_split_take_away(ret, &split->at[i].cube, &ignored) < 0 ||
		     ret->count > limit))
			return false;
	return true;
}

/* Adds a piece for each cube. */
static bool add_all(struct snug_split *split, const struct snug_cubes *cubes, snug_action action)
{
	for (size_t i = 0; i < cubes->count; i++)
		if (snug_vec_push(split, ((struct snug_piece){ cubes->at[i], action })) < 0)
			return false;
	return true;
}

static bool turn(const struct snug_split *split, snug_action action, struct snug_split *ret)
{
	struct snug_error ignored;

	if (snug_split_init(ret, action, &ignored) < 0)
		return false;
	for (size_t i = 0; i < split->count; i++) {
		SNUG_AUTO(snug_cubes_clear) struct snug_cubes left = { 0 };

		if (split->at[i].action == action)
			continue;
		if (!leave(split, i, action, split->count - ret->count, &left) ||
		    ret->count + left.count >= split->count ||
		    !add_all(ret, &left, split->at[i].action))
			return false;
	}
	return true;
}

/*
 * Where most pieces have one action, and what they leave to the others is less than they are: the
 * others are the exception. (`not 40` is 64 pieces; everything but 40 is two.)
 */
void snug_split_turn(struct snug_split *split)
{
	SNUG_AUTO(snug_split_clear) struct snug_split turned = { 0 };
	struct snug_split old = *split;
	snug_action action;
	size_t others = 0;

	if (split->count < 3)
		return;
	action = commonest(split);
	for (size_t i = 0; i < split->count; i++)
		others += split->at[i].action != action;
	if (others > OTHERS_MAX || !turn(split, action, &turned))
		return;
	*split = turned;
	turned = old;
}
