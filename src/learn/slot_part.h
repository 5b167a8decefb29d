/* SPDX-License-Identifier: Apache-2.0 */
/* Private to learn/slot*.c. */
#pragma once

#include "learn/slot.h"

int snug_slot_read(struct snug_maps *maps, unsigned index, struct snug_rec_slot *ret,
		   struct snug_error *err) SNUG_CHECKED;
bool snug_rec_is_seen(uint8_t state); /* of snug_rec_slot.calls */

/* Calls each for a slot's entries of a hash that is kept by slot, in no order; a result other than
 * 0 ends it as out of memory. */
int snug_slot_each(struct snug_maps *maps, enum snug_rec_map which, unsigned slot,
		   int (*each)(void *context, const void *key, const void *value), void *context,
		   struct snug_error *err) SNUG_CHECKED;
/* Files and acts, where they are observed: adds to ret. */
int snug_slot_collect_files(struct snug_maps *maps, unsigned slot, uint64_t run,
			    struct snug_recording *ret, struct snug_error *err) SNUG_CHECKED;
