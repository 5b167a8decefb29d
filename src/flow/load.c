/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/load.h"

#include "base/cleanup.h"
#include "flow/boundary.h"
#include "flow/boundary_plan.h"
#include "flow/run_folder.h"
#include "learn/guard_load.h"
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

int snug_load_guard(const struct snug_hooked *context, int lock, struct snug_error *err)
{
	SNUG_AUTO(snug_freep) char *folder = NULL;
	SNUG_AUTO_FD int fd = -1;
	char path[SNUG_GUARD_PATH_MAX];
	bool there;

	if (snug_guard_path(context->store->root, path, err) < 0)
		return -1;
	fd = snug_run_lock_adopt(context->store->root, SNUG_BOUNDARY_FOLDER, lock, &folder, err);
	if (fd < 0)
		return -1;
	if (snug_guard_is_there(path, &there, err) < 0)
		return -1;
	if (there)
		return 0;
	if (snug_guard_remove(path, err) < 0)
		return -1;
	return snug_guard_load(path, err);
}
