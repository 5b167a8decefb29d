/* SPDX-License-Identifier: Apache-2.0 */
/* Private to learn/slot*.c. */
#pragma once

#include "learn/slot.h"

int snug_slot_read(struct snug_maps *maps, unsigned index, struct snug_rec_slot *ret,
		   struct snug_error *err) SNUG_CHECKED;
bool snug_rec_is_seen(uint8_t state); /* of snug_rec_slot.calls */

/* Calls each for a slot's entries of the two hashes, in no order; a result other than 0 ends it
 * as out of memory. */
int snug_each_tuple(struct snug_maps *maps, unsigned slot,
		    int (*each)(void *context, const struct snug_rec_tuple *tuple), void *context,
		    struct snug_error *err) SNUG_CHECKED;
int snug_each_check(struct snug_maps *maps, unsigned slot,
		    int (*each)(void *context, const struct snug_rec_check *check,
				const struct snug_rec_asked *asked),
		    void *context, struct snug_error *err) SNUG_CHECKED;
