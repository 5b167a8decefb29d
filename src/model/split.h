/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A split is a function from argument vectors to actions: what a policy says of one call on one
 * ABI. It is a list of pieces, of which the last that holds a vector decides; the first holds
 * everything. So a rule and its exceptions stay as short as they were said, and two splits meet in
 * at most the product of their pieces.
 */
#pragma once

#include "model/action.h"
#include "model/cube.h"

struct snug_piece {
	struct snug_cube cube;
	snug_action action;
};
struct snug_split SNUG_VEC_BODY(struct snug_piece); /* the last that holds decides */

/* Pieces of one split; what needs more fails with SNUG_INPUT. */
#define SNUG_SPLIT_MAX 4096u

/* One piece: everything gets action. ret is uninitialised before, here and below. */
int snug_split_init(struct snug_split *ret, snug_action action,
		    struct snug_error *err) SNUG_CHECKED;
void snug_split_clear(struct snug_split *split);
int snug_split_copy(const struct snug_split *from, struct snug_split *ret,
		    struct snug_error *err) SNUG_CHECKED;
/* From now on every call within cube gets action. Unchanged on failure. */
int snug_split_assign(struct snug_split *split, const struct snug_cube *cube, snug_action action,
		      struct snug_error *err) SNUG_CHECKED;
snug_action snug_split_decide(const struct snug_split *split, const uint64_t args[SNUG_ARGS]);
/* The stricter of both, everywhere; of two actions of one kind (two errnos), a's. Simplified. */
int snug_split_meet(const struct snug_split *a, const struct snug_split *b, struct snug_split *ret,
		    struct snug_error *err) SNUG_CHECKED;
/* The looser of both, everywhere (action.h: snug_action_join). Simplified. */
int snug_split_join(const struct snug_split *a, const struct snug_split *b, struct snug_split *ret,
		    struct snug_error *err) SNUG_CHECKED;
/* Fewer pieces for the same function: without those that decide nothing, neighbours joined. A list
 * of more than 1,024 stays as it is. */
void snug_split_simplify(struct snug_split *split);

/*
 * The pieces cut so that no two share a vector, without those whose action is `skip`: what a list
 * of rules without precedence takes. ret is that list, no split. SNUG_INPUT past SNUG_SPLIT_MAX.
 */
#define SNUG_SKIP_NONE 0xffffffffu /* no action has this value */
int snug_split_disjoint(const struct snug_split *split, snug_action skip, struct snug_split *ret,
			struct snug_error *err) SNUG_CHECKED;

/*
 * Questions. A witness is a vector of arguments that shows the "no". They are exact but for splits
 * made to exhaust them (to tell whether cubes cover a cube can take exponential time): past
 * SNUG_SPLIT_STEPS_MAX the answer is "no", which every caller takes for the unsafe one.
 */
#define SNUG_SPLIT_STEPS_MAX (1u << 20)
bool snug_split_same(const struct snug_split *a, const struct snug_split *b,
		     uint64_t witness[SNUG_ARGS]);
/* Is inner nowhere looser than outer? (action.h: snug_action_looser) */
bool snug_split_within(const struct snug_split *inner, const struct snug_split *outer,
		       uint64_t witness[SNUG_ARGS]);
/* Does every call in cube get action? */
bool snug_split_is_all(const struct snug_split *split, const struct snug_cube *cube,
		       snug_action action, uint64_t witness[SNUG_ARGS]);
/* Does every call get the same action? Then *ret is it. */
bool snug_split_is_flat(const struct snug_split *split, snug_action *ret);

/* Two answers to one vector, a's and b's. */
struct snug_answers {
	snug_action a, b;
	uint64_t args[SNUG_ARGS]; /* such a vector */
};
struct snug_answers_list SNUG_VEC_BODY(struct snug_answers);

#define SNUG_ANSWERS_MAX 256u

/*
 * Appends each pair of answers that some vector gets, once. Past SNUG_SPLIT_STEPS_MAX a pair may be
 * listed that no vector gets: args get other answers then. SNUG_INPUT for more than
 * SNUG_ANSWERS_MAX pairs.
 */
int snug_split_answers(const struct snug_split *a, const struct snug_split *b,
		       struct snug_answers_list *ret, struct snug_error *err) SNUG_CHECKED;
