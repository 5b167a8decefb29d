/* SPDX-License-Identifier: Apache-2.0 */
/* split.c's parts, for each other. */
#pragma once

#include "model/split.h"

int snug_split_take_away(struct snug_cubes *cubes, const struct snug_cube *b,
			 struct snug_error *err) SNUG_CHECKED;
/* The same function in fewer pieces, where most have one action. */
void snug_split_turn(struct snug_split *split);
