/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/load.h"

#include "learn/load.h"
#include "learn/pins.h"

int snug_load_pins(const struct snug_hooked *context, int lock, struct snug_error *err)
{
	const struct snug_load load = { .slots = SNUG_REC_SLOTS, .refusals = true };
	char path[SNUG_PINS_PATH_MAX];
	struct snug_maps loaded;
	int failed;

	(void)lock; /* its holder's */
	if (snug_pins_path(context->store->root, path, err) < 0 ||
	    snug_recorder_load(&load, &loaded, err) < 0)
		return -1;
	failed = snug_pins_make(path, &loaded, err);
	snug_maps_close(&loaded);
	return failed;
}
