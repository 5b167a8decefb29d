/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine behind model/bpf.h. A path is a place in the program, what its registers hold, and the
 * set of calls that take it: a range of tokens, a range of numbers, a cube of arguments. Paths
 * start as one, fork at jumps that do not go one way for the whole set, and end at a return.
 *
 * Ranges are cut: those of two paths are the same or disjoint. Cubes are not: of a jump on an
 * argument one branch keeps the cube and is walked first, those of the others lie within it and are
 * walked after. So the ended paths of one range, in their order, are a split: the last that holds a
 * vector decides (model/split.h). A comparison with 64 bits costs one path more, not 64.
 *
 * The accumulator is 32 wires: each is 0, 1, or a bit of an argument. Loads, masks and shifts only
 * move wires; every conditional jump is one three-way comparison with a constant. Token and number
 * are compared whole, and before any argument. X and the scratch words hold constants alone: no
 * compiler of filters puts an argument there.
 */
#pragma once

#include "model/bpf.h"

#include <linux/filter.h>

enum snug_bpf_field { SNUG_BPF_NR, SNUG_BPF_TOKEN, SNUG_BPF_FIELD_MAX };

struct snug_bpf_range {
	uint32_t low, high; /* both included */
};

struct snug_bpf_value {
	bool is_field; /* all of a field whose range is not one number yet */
	enum snug_bpf_field field;
	uint32_t known, bits; /* constant wires, and what they are */
	uint16_t from[32];    /* the others: argument * 64 + bit */
};

struct snug_bpf_path {
	size_t pc;
	bool looked; /* at an argument that is not the same for all */
	struct snug_bpf_value a;
	uint32_t x, m[BPF_MEMWORDS];
	struct snug_bpf_range field[SNUG_BPF_FIELD_MAX];
	struct snug_cube cube;
};

/* Where the calls are that a walk is of: registers hold 0. */
struct snug_bpf_path snug_bpf_start(struct snug_bpf_range token, struct snug_bpf_range nr);

/* Called with each ended path, in order, and what the program returned to it. */
typedef int snug_bpf_leaf(void *to, const struct snug_bpf_path *path, snug_action action,
			  struct snug_error *err);

/* Walks all paths of the calls in start. */
int snug_bpf_walk(const struct snug_program *program, const struct snug_bpf_path *start,
		  snug_bpf_leaf *leaf, void *to, struct snug_error *err) SNUG_CHECKED;
